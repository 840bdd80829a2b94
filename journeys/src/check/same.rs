//! What the addresses of one name answer, compared with each other.

use super::compare::equal;
use crate::answer::{Answer, Found};
use crate::grammar::{Expectation, Predicate};
use crate::run::Unmet;

/// How many different answers are told.
const MOST_SHOWN: usize = 8;

impl Expectation {
    /// What is wrong with the answers of all addresses when they are compared with each other: `None` unless this is
    /// `same`. That each has something to compare is seen by its own [`check`](Self::check).
    pub(crate) fn same(&self, answers: &[&Answer]) -> Option<Unmet<String>> {
        if !matches!(self.predicate, Predicate::Same) {
            return None;
        }
        let found: Vec<_> =
            answers.iter().map(|answer| (answer, answer.find(&self.query).settled())).collect();
        let (_, first) = found.first()?;
        let all = found.iter().all(|(_, other)| alike(first, other));
        if all != self.negated {
            return None;
        }
        let shown = |(answer, found): &(&&Answer, Found<'_>)| match answer.peer {
            Some(peer) => format!("{} from {peer}", found.shown()),
            None => found.shown(),
        };
        let mut actual: Vec<_> = found.iter().take(MOST_SHOWN).map(shown).collect();
        if let Some(more @ 1..) = found.len().checked_sub(MOST_SHOWN) {
            actual.push(format!("{more} more"));
        }
        Some(Unmet {
            text: self.text.clone(),
            at: self.at.clone(),
            expected: if self.negated { "not same" } else { "same" }.to_owned(),
            actual: actual.join(", "),
            diff: Vec::new(),
        })
    }
}

fn alike(a: &Found<'_>, b: &Found<'_>) -> bool {
    match (a, b) {
        (Found::Value(a), Found::Value(b)) => equal(a, b),
        _ => a == b,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;
    use crate::template::Workshop;

    fn same(text: &str, bodies: &[&'static str]) -> Option<String> {
        let mut workshop = Workshop::new();
        let expectation = Expectation::parse(text, &mut |text| workshop.compile(text)).unwrap();
        let answers = bodies.iter().zip(1..).map(|(body, host)| {
            let peer = SocketAddr::from((Ipv4Addr::new(192, 0, 2, host), 443));
            Answer { body: (*body).into(), peer: Some(peer), ..Answer::default() }
        });
        let answers: Vec<_> = answers.collect();
        expectation.same(&answers.iter().collect::<Vec<_>>()).map(|unmet| unmet.actual)
    }

    #[test]
    fn answers_are_the_same_or_not() {
        let (a, b, c) = (r#"{"v": 7, "w": [1]}"#, r#"{"v": 7.0, "w": [1]}"#, r#"{"v": 8, "w": []}"#);
        assert_eq!(same("json $.v same", &[a, b, a]), None);
        assert_eq!(same("json $ same", &[a, b]), None);
        assert_eq!(
            same("json $.v same", &[a, c]).as_deref(),
            Some("7 from 192.0.2.1:443, 8 from 192.0.2.2:443")
        );
        assert_eq!(same("not json $.v same", &[a, c]), None);
        assert!(same("not json $.v same", &[a, b]).is_some());
        assert!(same("not json $.v same", &[a]).is_some());
        assert_eq!(same("json $.v == 7", &[a, c]), None);
        assert_eq!(same("json $.v same", &[]), None);
        let many = same("bytes same", &["", "1", "", "", "", "", "", "", "", ""]).unwrap();
        assert!(many.ends_with("0 from 192.0.2.8:443, 2 more"), "{many}");
    }
}
