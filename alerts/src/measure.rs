//! How large a finding is, in words.

use cutover::{Finding, Measure};

/// What is the matter, as the verb of a headline.
pub(crate) const fn does(finding: &Finding) -> &'static str {
    match finding.measure {
        Measure::Difference | Measure::Rate => "fails",
        Measure::Ratio | Measure::SlowShare => "is slow",
    }
}

/// The size alone: `+4.8 pp`, `5.1 %`, `1.31 times as long`.
pub(crate) fn size(finding: &Finding) -> String {
    value(finding.measure, finding.size)
}

/// The size with its interval: `+4.8 pp (95 % interval +3.1 to +6.6 pp)`.
pub(crate) fn with_interval(finding: &Finding) -> String {
    let (measure, unit) = (finding.measure, unit(finding.measure));
    let bare = |value: f64| number(measure, value);
    let (low, high) = (bare(finding.low), bare(finding.high));
    format!("{} (95 % interval {low} to {high}{unit})", size(finding))
}

/// What was counted.
pub(crate) const fn counted(finding: &Finding) -> &'static str {
    match finding.measure {
        Measure::Rate => "runs",
        Measure::Difference | Measure::Ratio | Measure::SlowShare => "pairs",
    }
}

fn value(measure: Measure, value: f64) -> String {
    let long = if matches!(measure, Measure::Ratio) { " as long" } else { "" };
    format!("{}{}{long}", number(measure, value), unit(measure))
}

fn number(measure: Measure, value: f64) -> String {
    match measure {
        Measure::Difference | Measure::SlowShare => format!("{:+.1}", value * 100.0),
        Measure::Rate => format!("{:.1}", value * 100.0),
        Measure::Ratio => format!("{value:.2}"),
    }
}

const fn unit(measure: Measure) -> &'static str {
    match measure {
        Measure::Difference | Measure::SlowShare => " pp",
        Measure::Rate => " %",
        Measure::Ratio => " times",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cutover::Scope;

    #[test]
    fn each_measure_has_its_own_words() {
        let finding = |measure, size, low, high| Finding {
            scope: Scope::All,
            journey: None,
            step: None,
            side: None,
            kind: None,
            trace: None,
            measure,
            size,
            low,
            high,
            count: 10,
        };
        let said = |measure, size, low, high| with_interval(&finding(measure, size, low, high));
        assert_eq!(said(Measure::Difference, 0.048, 0.031, 0.066), "+4.8 pp (95 % interval +3.1 to +6.6 pp)");
        assert_eq!(said(Measure::Rate, 0.051, 0.04, 0.06), "5.1 % (95 % interval 4.0 to 6.0 %)");
        assert_eq!(
            said(Measure::Ratio, 1.31, 1.22, 1.41),
            "1.31 times as long (95 % interval 1.22 to 1.41 times)"
        );
        assert_eq!(does(&finding(Measure::Ratio, 1.0, 1.0, 1.0)), "is slow");
    }
}
