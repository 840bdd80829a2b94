//! The reset instruction: obeyed once, however often and wherever it comes.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use cutover::Reached;
use tokio::time::Instant;

use super::life::{Device, dice};
use super::work::Place;

/// A device obeys a reset after at least this long, and up to `SPREAD` more: a fleet that gets it at one instant must not
/// ask DNS at one instant. Meanwhile its sessions stand, so that the copy of the instruction that comes on the other side
/// or another topic is seen, too.
const WAIT: Duration = Duration::from_millis(50);
const SPREAD: Duration = Duration::from_millis(450);

/// The instructions obeyed last, as eight bytes of hash each: thousands of devices remember several. The same one may
/// come on both sides, on two topics, or again as a retained message.
#[derive(Debug, Default)]
pub(crate) struct Obeyed {
    ids: [u64; 4],
}

impl Obeyed {
    /// Whether this instruction is new to the device; from now on it is not.
    fn is_new(&mut self, id: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        // Zero is an empty place.
        let id = hasher.finish() | 1;
        if self.ids.contains(&id) {
            return false;
        }
        self.ids.rotate_right(1);
        self.ids[0] = id;
        true
    }
}

impl Device {
    /// A command came. What is no reset is no concern of a simulated device.
    pub(super) fn instructed(&mut self, place: Place, payload: &[u8], now: Instant) {
        let Some(id) = self.fleet.plan.reset.instruction.read(payload) else { return };
        let side = self.link(place).and_then(|link| link.reached()).and_then(Reached::side);
        let again = !self.obeyed.is_new(&id);
        self.fleet.board.instructed(self.index, &id, side, again);
        if !again {
            self.reset_at.get_or_insert(now);
            self.obey_at.get_or_insert(now + WAIT + SPREAD.mul_f64(dice()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_is_obeyed_once_and_the_last_few_are_remembered() {
        let id = |n: u32| format!("wave-{n}");
        let mut obeyed = Obeyed::default();
        assert!(obeyed.is_new(&id(1)));
        assert!(!obeyed.is_new(&id(1)));
        for n in 2..=4 {
            assert!(obeyed.is_new(&id(n)));
        }
        assert!(!obeyed.is_new(&id(1)), "the fourth last is still known");
        assert!(obeyed.is_new(&id(5)));
        assert!(obeyed.is_new(&id(1)), "the fifth last is forgotten");
    }
}
