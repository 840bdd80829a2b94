//! The marks that a cutover has passed, and waiting for moments after them.

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::faults::{Mark, Moment};

/// When each mark was reached.
#[derive(Debug)]
pub(super) struct Marks(watch::Sender<[Option<Instant>; Mark::ALL.len()]>);

impl Marks {
    /// The start has been reached, now.
    pub(super) fn new() -> Self {
        let marks = Self(watch::Sender::new([None; Mark::ALL.len()]));
        marks.reach(Mark::Start);
        marks
    }

    /// A mark has been reached, now. Only the first time counts.
    pub(super) fn reach(&self, mark: Mark) {
        self.0.send_modify(|reached| {
            reached[mark as usize].get_or_insert_with(Instant::now);
        });
    }

    /// Waits for a moment; for ever if its mark is never reached.
    pub(super) async fn moment(&self, moment: Moment) {
        let mut marks = self.0.subscribe();
        loop {
            let reached = marks.borrow_and_update()[moment.mark as usize];
            match reached.map(|mark| mark.checked_add(moment.after)) {
                Some(Some(instant)) => return sleep_until(instant).await,
                Some(None) => return std::future::pending().await, // later than any clock goes
                None if marks.changed().await.is_err() => return std::future::pending().await,
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_moment_is_timed_from_the_first_time_its_mark_is_reached() {
        let marks = Marks::new();
        let begin = Instant::now();
        marks.moment(Moment::new(Mark::Start, 3)).await;
        assert_eq!(begin.elapsed(), Duration::from_secs(3));
        marks.reach(Mark::Go);
        advance(Duration::from_secs(4)).await;
        marks.reach(Mark::Go);
        marks.moment(Moment::new(Mark::Go, 10)).await;
        assert_eq!(begin.elapsed(), Duration::from_secs(13));
        marks.moment(Moment::new(Mark::Go, 1)).await;
        assert_eq!(begin.elapsed(), Duration::from_secs(13), "a moment that has passed is not waited for");
    }
}
