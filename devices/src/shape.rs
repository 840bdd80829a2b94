//! How much of a fleet is there, over time.

use std::time::Duration;

/// Steps: from each time on, that share of the fleet is there. The devices with the lowest indices are: each share holds
/// the smaller ones, and all personalities. Between two steps devices come and go at the fleet's `ramp`.
///
/// Without steps the whole fleet starts, at its ramp, and stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape(Vec<Step>);

/// One step of a shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// When it begins, since the start of the fleet.
    pub at: Duration,
    /// Which share of the fleet is there from then on, from 0 to 1.
    pub share: f64,
}

/// Why steps are no shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// They go back in time.
    #[error(
        "a step of a shape begins before the one above it, or with it: write them in the order of their times"
    )]
    Order,
    /// There are too many.
    #[error("a shape has at most {MOST} steps")]
    Many,
}

/// A step a minute for a whole day.
const MOST: usize = 1_440;

impl Shape {
    /// A shape of these steps.
    ///
    /// # Errors
    /// When they are not in the order of their times, or too many.
    pub fn new(steps: Vec<Step>) -> Result<Self, ShapeError> {
        if steps.len() > MOST {
            return Err(ShapeError::Many);
        }
        if steps.iter().zip(steps.iter().skip(1)).any(|(one, next)| one.at >= next.at) {
            return Err(ShapeError::Order);
        }
        Ok(Self(steps))
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// When the device in `place` of `count` comes or goes next, having `done` so so often, with `ramp` devices a second:
    /// at first it is not there, then it comes, goes, comes again. `None`: it stays as it is.
    pub(crate) fn next(&self, place: u32, count: u32, ramp: u32, done: u16) -> Option<Duration> {
        let pace = f64::from(ramp.max(1));
        if self.0.is_empty() {
            let turn = Duration::from_secs_f64(f64::from(place) / pace);
            return (done == 0).then_some(turn);
        }
        let rank = f64::from(place);
        // How many are there; who comes first is first in the row, and who goes first is last.
        let (mut level, mut changes) = (0.0, 0);
        for (index, step) in self.0.iter().enumerate() {
            let target = (f64::from(count) * step.share).round();
            let most =
                self.0.get(index + 1).map_or(f64::INFINITY, |next| (next.at - step.at).as_secs_f64() * pace);
            let reached = if target > level { target.min(level + most) } else { target.max(level - most) };
            let turn = match (rank < level, rank < reached) {
                (false, true) => Some(rank - level),
                (true, false) => Some(level - rank),
                _ => None,
            };
            level = reached;
            if let Some(turn) = turn {
                if changes == done {
                    return Some(step.at + Duration::from_secs_f64(turn / pace));
                }
                changes += 1;
            }
        }
        None
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn seconds(at: u64) -> Duration {
        Duration::from_secs(at)
    }

    fn there(shape: &Shape, count: u32, ramp: u32, at: Duration) -> u32 {
        let mut sum = 0;
        for place in 0..count {
            let mut done = 0;
            while shape.next(place, count, ramp, done).is_some_and(|time| time <= at) {
                done += 1;
            }
            sum += u32::from(done % 2);
        }
        sum
    }

    #[test]
    fn without_steps_all_come_at_the_ramp_and_stay() {
        let shape = Shape::default();
        assert_eq!(shape.next(100, 1000, 50, 0), Some(seconds(2)));
        assert_eq!(shape.next(100, 1000, 50, 1), None);
        let counts = [0, 1, 19, 1000].map(|at| there(&shape, 1000, 50, seconds(at)));
        assert_eq!(counts, [1, 51, 951, 1000]);
    }

    #[test]
    fn a_spike_comes_and_goes() {
        let step = |at, share| Step { at: seconds(at), share };
        let shape = Shape::new(vec![step(0, 0.5), step(60, 1.0), step(120, 0.1), step(180, 0.5)]).unwrap();
        let counts = [59, 60, 63, 119, 120, 124, 179, 200].map(|at| there(&shape, 100, 10, seconds(at)));
        assert_eq!(counts, [50, 51, 81, 100, 100, 60, 10, 50]);
    }

    #[test]
    fn a_step_that_comes_before_the_last_one_is_done_begins_where_that_one_is() {
        let step = |at, share| Step { at: seconds(at), share };
        let shape = Shape::new(vec![step(0, 1.0), step(5, 0.2), step(6, 1.0)]).unwrap();
        let counts = [4, 5, 6, 7, 12, 60].map(|at| there(&shape, 100, 10, seconds(at)));
        assert_eq!(counts, [41, 50, 41, 51, 100, 100]);
    }

    #[test]
    fn steps_must_follow_each_other() {
        let step = |at| Step { at: seconds(at), share: 1.0 };
        assert_eq!(Shape::new(vec![step(2), step(2)]), Err(ShapeError::Order));
        assert_eq!(Shape::new((0..2000).map(step).collect()), Err(ShapeError::Many));
    }
}
