//! `datapoint:` and `payload:`: what the devices of a fleet say.

use std::path::Path;
use std::time::Duration;

use devices::{FleetPlan, Generator, Template};
use document::{Diagnostic, Fields, Node, Source};

use super::table::Table;
use crate::config::values::{duration, number};

const EXAMPLE: &str = "{ sine: { mean: 21, amplitude: 3, period: 10m } }";
/// The most values that are replayed.
const MOST_VALUES: usize = 1_000_000;

/// Reads where values come from.
pub(super) fn generator(
    node: &Node,
    base: &Path,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Option<Generator> {
    let mut fields = Fields::like(node, "a datapoint", EXAMPLE, source)?;
    let given: Vec<_> = ["constant", "sine", "walk", "replay"]
        .into_iter()
        .filter_map(|kind| fields.take(kind).map(|node| (kind, node)))
        .collect();
    fields.finish(source);
    let [(kind, value)] = given[..] else {
        if source.is_clean() || given.len() > 1 {
            let help = format!("such as `{EXAMPLE}`");
            source.complain(
                node.place(),
                "a datapoint is one of `constant`, `sine`, `walk` and `replay`",
                Some(help),
            );
        }
        return None;
    };
    let generator = match kind {
        "constant" => Generator::Constant(number(value, source)?),
        "sine" => sine(value, source)?,
        "walk" => walk(value, source)?,
        _ => replay(value, base, elsewhere, source)?,
    };
    if let Err(error) = generator.check() {
        source.complain(value.place(), error.to_string(), None);
        return None;
    }
    Some(generator)
}

fn sine(node: &Node, source: &mut Source<'_>) -> Option<Generator> {
    let mut fields = Fields::like(node, "a sine", "{ mean: 21, amplitude: 3, period: 10m }", source)?;
    let (mean, amplitude) = (fields.require("mean"), fields.require("amplitude"));
    let period = fields.require("period");
    fields.finish(source);
    let (mean, amplitude) = (number(mean?, source), number(amplitude?, source));
    let period: Option<Duration> = duration(period?, source);
    Some(Generator::Sine { mean: mean?, amplitude: amplitude?, period: period? })
}

fn walk(node: &Node, source: &mut Source<'_>) -> Option<Generator> {
    let mut fields = Fields::like(node, "a walk", "{ from: 15, to: 25, step: 0.2 }", source)?;
    let (from, to) = (fields.require("from"), fields.require("to"));
    let step = fields.require("step");
    fields.finish(source);
    let (from, to, step) = (number(from?, source), number(to?, source), number(step?, source));
    Some(Generator::Walk { from: from?, to: to?, step: step? })
}

/// `{ file: FILE.csv, column: NAME }`
fn replay(
    node: &Node,
    base: &Path,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Option<Generator> {
    let example = "{ file: winter.csv, column: temperature }";
    let mut fields = Fields::like(node, "a replay", example, source)?;
    let (file, column) = (fields.require("file"), fields.require("column"));
    fields.finish(source);
    let (file, column) = (file?, column?.text(source)?);
    let mut values: Vec<f64> = Vec::new();
    let mut table = Table { columns: &[&column], secret: false, elsewhere };
    table.read(file, base, source, |row| {
        let text = row.first().copied().unwrap_or_default();
        let value = text.parse().ok().filter(|value: &f64| value.is_finite());
        values.push(value.ok_or_else(|| (0, format!("`{text}` is no number")))?);
        if values.len() > MOST_VALUES {
            return Err((0, format!("more than {MOST_VALUES} values")));
        }
        Ok(())
    })?;
    Some(Generator::Replay(values.into()))
}

/// Reads how a datapoint is written.
pub(super) fn payload(node: &Node, source: &mut Source<'_>) -> Option<Template> {
    let text = node.text(source)?;
    match FleetPlan::payload(&text) {
        Ok(template) => Some(template),
        Err(error) => {
            source.complain(node.place(), format!("payload: {error}"), None);
            None
        }
    }
}
