//! How well a side does its work.

use std::time::Duration;

use serde_json::{Value, json};

use crate::faults::Share;

/// How much longer the slow ones take.
pub(crate) const TAIL: Duration = Duration::from_millis(400);

/// What a side does wrong; nothing, by default.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Conduct {
    /// Answers this share of the HTTP requests with 500.
    pub(crate) errors: Option<Share>,
    /// Takes so much longer for each of them.
    pub(crate) slow: Option<Duration>,
    /// Takes [`TAIL`] longer for this share of them.
    pub(crate) tail: Option<Share>,
    /// Gives a wrong value for this share of the datapoints.
    pub(crate) wrong: Option<Share>,
    /// Accepts and loses this share of the datapoints.
    pub(crate) lost: Option<Share>,
    /// Accepts and loses this share of what a device sends after its first datapoint.
    pub(crate) forgetful: Option<Share>,
}

impl Conduct {
    /// The value that is given for datapoint number `n` whose true value is `value`.
    ///
    /// Which datapoints are wrong hangs on their number and not on who reads when: a wrong one stays wrong however
    /// often it is read, so that no retry makes it right.
    pub(crate) fn tell(&self, n: u64, value: &Value) -> Value {
        if !self.wrong.is_some_and(|share| share.hits(n)) {
            return value.clone();
        }
        match value.as_f64() {
            Some(number) => json!(number + 1.0),
            None => json!("wrong"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_values_differ_from_the_true_ones_and_stay() {
        let conduct = Conduct { wrong: Share::percent(100.0), ..Conduct::default() };
        assert_eq!(conduct.tell(0, &json!(21.5)), json!(22.5));
        assert_eq!(conduct.tell(0, &json!("on")), json!("wrong"));
        let some = Conduct { wrong: Share::percent(20.0), ..Conduct::default() };
        let told = || (0..100).map(|n| some.tell(n, &json!(1))).collect::<Vec<_>>();
        assert_eq!(told(), told());
        assert_eq!(Conduct::default().tell(0, &json!(21.5)), json!(21.5));
    }
}
