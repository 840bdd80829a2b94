//! The times that a canary tells: by them a copy and a message of long ago are known from news.
//!
//! A bridge between two brokers, or a replayed queue, brings a canary's datapoints to a side on which it is not. Its
//! clock may be wrong by any amount, so that only differences count: of how late its messages come.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::CanarySeen;
use crate::Side;

/// So many messages show how late they usually come. A clock that was set is believed after as many.
const KNOWN: usize = 4;

/// The latest messages with a time in them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Told(VecDeque<Message>);

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Message {
    at: DateTime<Utc>,
    told_at: DateTime<Utc>,
    side: Option<Side>,
}

impl Message {
    fn lateness(self) -> TimeDelta {
        self.at.signed_duration_since(self.told_at)
    }
}

impl Told {
    /// Whether this says that the canary is there now. It does not when the same was heard on the other side within
    /// `due`, or when it comes later by `due` than its messages usually do.
    pub(super) fn is_news(&mut self, seen: &CanarySeen, due: TimeDelta) -> bool {
        let Some(told_at) = seen.told_at else { return true };
        let this = Message { at: seen.at, told_at, side: seen.side };
        let copied = |known: &Message| {
            known.told_at == told_at && known.side != this.side && (this.at - known.at).abs() <= due
        };
        if self.0.iter().any(copied) {
            return false;
        }
        if self.0.iter().any(|known| known.told_at == told_at && known.side == this.side) {
            // Its clock stands still, or it was sent again: somebody did send it.
            return true;
        }
        let usual = self.0.iter().map(|known| known.lateness()).min();
        if self.0.len() >= KNOWN {
            self.0.pop_front();
        }
        self.0.push_back(this);
        usual.is_none_or(|usual| this.lateness() - usual <= due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUE: TimeDelta = TimeDelta::seconds(90);

    fn seen(at: i64, told: i64, side: Side) -> CanarySeen {
        let moment = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        CanarySeen { at: moment(at), canary: "lobby".into(), side: Some(side), told_at: Some(moment(told)) }
    }

    #[test]
    fn a_wrong_clock_is_no_lateness_and_a_copy_on_the_other_side_is_no_news() {
        let mut told = Told::default();
        // Its clock is an hour behind.
        assert!(told.is_news(&seen(4_000, 400, Side::Old), DUE));
        assert!(!told.is_news(&seen(4_001, 400, Side::New), DUE), "bridged");
        assert!(told.is_news(&seen(4_002, 400, Side::Old), DUE), "its clock stands still");
        assert!(told.is_news(&seen(4_060, 460, Side::New), DUE), "it has moved");
        let stands = (0..20).filter(|minute| told.is_news(&seen(4_120 + 60 * minute, 460, Side::New), DUE));
        assert_eq!(stands.count(), 20, "its clock stands still for twenty minutes");
    }

    #[test]
    fn what_was_queued_comes_too_late_and_a_clock_that_was_set_is_believed_soon() {
        let mut told = Told::default();
        for minute in 0..5 {
            assert!(told.is_news(&seen(60 * minute, 60 * minute, Side::Old), DUE));
        }
        assert!(!told.is_news(&seen(300, 30, Side::New), DUE), "of long ago");
        let believed =
            (0..10).find(|minute| told.is_news(&seen(360 + 60 * minute, 60 * minute, Side::Old), DUE));
        assert!(believed.is_some_and(|after| after <= KNOWN as i64), "{believed:?}");
    }
}
