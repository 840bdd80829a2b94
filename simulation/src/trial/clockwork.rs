//! The course of time: which pair runs when, and who is told.

use std::ops::ControlFlow;
use std::time::Duration;

use cutover::{Phase, Verdict};

use crate::methods::{BIN, Bin, Ours, PEERS, Peer};
use crate::traffic::{Fault, Stream, Traffic};

/// Into how many slots the time from a journey's run to its next is cut: each journey has one of them, and a journey
/// that is run ten or four times as often has others beside.
const SLOTS: usize = 20;

/// One simulated cutover.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    pub(crate) traffic: Traffic,
    pub(crate) fault: Fault,
    /// How long the soak is: then it is Go.
    pub(crate) soak: Duration,
    /// When the fault begins, from the start.
    pub(crate) onset: Duration,
    /// When it is over, from the start.
    pub(crate) end: Duration,
    pub(crate) seed: u64,
}

/// What the methods say at the end of a block.
#[derive(Debug)]
pub(crate) struct Block<'a> {
    /// The time since the start.
    pub(crate) at: Duration,
    /// Our own verdict.
    pub(crate) verdict: &'a Verdict,
    /// Which of the others say that the new side is worse.
    pub(crate) peers: [bool; PEERS],
    /// How many pairs were run in it because it was their time, and how many because our judge asked for more.
    pub(crate) pairs: [u64; 2],
}

impl Course {
    /// Lets it happen. `look` sees the end of every block since Go, and says whether there is more to see.
    pub(crate) fn run(&self, mut look: impl FnMut(&Block<'_>) -> ControlFlow<()>) {
        let Self { traffic, soak, end, .. } = *self;
        let mut stream = Stream::new(traffic, self.fault, self.onset.as_secs_f64(), self.seed);
        let (mut ours, mut peers, mut bin) = (Ours::new(&traffic), Peer::all(), Bin::default());
        let slots: [Vec<usize>; SLOTS] = std::array::from_fn(|slot| {
            (0..traffic.journeys).filter(|journey| slot_of(*journey, traffic.journeys) == slot).collect()
        });
        let mut hurried: Vec<(usize, usize)> = Vec::new();
        let (slot_time, block) = (traffic.every / SLOTS as u32, Duration::from_secs(BIN));
        let (mut at, mut block_ends, mut live) = (Duration::ZERO, Duration::ZERO, false);
        let mut pairs = [0; 2];
        for slot in (0..SLOTS).cycle() {
            while at >= block_ends {
                let verdict = ours.verdict(block_ends);
                let said = peers.each_mut().map(|peer| peer.step(&bin));
                bin.clear();
                let now = Block {
                    at: block_ends,
                    verdict: &verdict,
                    peers: said,
                    pairs: std::mem::take(&mut pairs),
                };
                if block_ends >= end || (live && look(&now).is_break()) {
                    return;
                }
                if !live && block_ends >= soak {
                    live = true;
                    ours.enter(Phase::Go);
                }
                let pace = |journey| (journey, ours.pace(journey) as usize);
                hurried.clear();
                hurried.extend((0..traffic.journeys).map(pace).filter(|(_, pace)| *pace > 1));
                block_ends += block;
            }
            let seconds = at.as_secs_f64();
            let climate = stream.climate(seconds);
            for journey in &slots[slot] {
                let pair = stream.pair(*journey, climate, seconds, true);
                ours.observe(&pair, at);
                bin.add(&pair);
                pairs[0] += 1;
            }
            // Only we asked for these: the others are shown what would have been run without us.
            for (journey, pace) in &hurried {
                let since_own = (SLOTS + slot - slot_of(*journey, traffic.journeys)) % SLOTS;
                if since_own != 0 && since_own * pace % SLOTS < *pace {
                    ours.observe(&stream.pair(*journey, climate, seconds, false), at);
                    pairs[1] += 1;
                }
            }
            at += slot_time;
        }
    }
}

/// The slot in which a journey runs: they are spread evenly.
const fn slot_of(journey: usize, journeys: usize) -> usize {
    journey * SLOTS / journeys
}

#[cfg(test)]
mod tests {
    use super::*;
    use cutover::Decision;

    fn course(fault: Fault, traffic: Traffic) -> Course {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Course { traffic, fault, soak: minutes(20), onset: minutes(25), end: minutes(30), seed: 4 }
    }

    #[test]
    fn blocks_come_every_ten_seconds_from_go_on_until_the_end_or_until_enough_was_seen() {
        let healthy = course(Fault::default(), Traffic::default());
        let mut blocks = Vec::new();
        healthy.run(|block| {
            blocks.push(block.at.as_secs());
            ControlFlow::Continue(())
        });
        assert_eq!(blocks, (121..180).map(|n| n * 10).collect::<Vec<_>>());
        let mut looked = 0;
        healthy.run(|_| {
            looked += 1;
            ControlFlow::Break(())
        });
        assert_eq!(looked, 1);
    }

    #[test]
    fn an_outage_is_seen_by_our_judge_soon_after_its_onset_whatever_the_interval() {
        for (journeys, every) in [(20, 5), (3, 7), (45, 20)] {
            let traffic = Traffic { journeys, every: Duration::from_secs(every), ..Traffic::default() };
            let mut seen = None;
            course(Fault::errors(1.0), traffic).run(|block| {
                if block.verdict.decision == Decision::Rollback {
                    seen = Some(block.at.as_secs());
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            assert!(seen.is_some_and(|at| (1_501..1_800).contains(&at)), "{journeys} journeys: {seen:?}");
        }
    }

    #[test]
    fn journeys_are_spread_over_the_slots() {
        for journeys in [1, 3, 20, 45, 1_000] {
            let mut counts = [0; SLOTS];
            (0..journeys).for_each(|journey| counts[slot_of(journey, journeys)] += 1);
            let most = counts.iter().max().copied();
            assert_eq!(most, Some(journeys.div_ceil(SLOTS)), "{journeys}");
        }
    }
}
