//! The course of time: which pair runs when, and who is told.

use std::ops::ControlFlow;
use std::time::Duration;

use cutover::evidence::Settings;
use cutover::{Phase, Verdict};

use crate::methods::{BIN, Bin, Ours, PEERS, Peer};
use crate::traffic::{Fault, Mix, Stream};

/// Into how many slots the shortest time from a journey's run to its next is cut: each journey has one of them, and a
/// journey that is run ten or four times as often has others beside.
const SLOTS: u64 = 20;

/// One simulated cutover.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course<'a> {
    pub(crate) mix: &'a Mix,
    /// Those of our judge.
    pub(crate) settings: &'a Settings,
    /// Whether the methods in common use look on.
    pub(crate) compared: bool,
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

/// A journey's place in time, in slots.
#[derive(Debug)]
struct Turn {
    /// How many slots lie between its runs.
    period: u64,
    /// In which slot it runs next.
    next: u64,
}

impl Course<'_> {
    /// Lets it happen. `look` sees the end of every block since Go, and says whether there is more to see.
    pub(crate) fn run(&self, mut look: impl FnMut(&Block<'_>) -> ControlFlow<()>) {
        let Self { mix, soak, end, .. } = *self;
        let mut stream = Stream::new(mix, self.fault, self.onset.as_secs_f64(), self.seed);
        let mut ours = Ours::new(mix, self.settings);
        let (mut peers, mut bin) = (Peer::all(), Bin::default());
        let (slot_time, mut turns) = turns(mix);
        let mut hurried: Vec<(usize, u64)> = Vec::new();
        let block = if self.compared { Duration::from_secs(BIN) } else { self.settings.block };
        let (mut at, mut block_ends, mut live) = (Duration::ZERO, Duration::ZERO, false);
        let mut pairs = [0; 2];
        for slot in 0.. {
            while at >= block_ends {
                let verdict = ours.verdict(block_ends);
                let mut said = [false; PEERS];
                if self.compared {
                    said = peers.each_mut().map(|peer| peer.step(&bin));
                    bin.clear();
                }
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
                let pace = |journey| (journey, u64::from(ours.pace(journey)));
                hurried.clear();
                hurried.extend((0..turns.len()).map(pace).filter(|(_, pace)| *pace > 1));
                block_ends += block;
            }
            let seconds = at.as_secs_f64();
            let climate = stream.climate(seconds);
            for (journey, turn) in turns.iter_mut().enumerate().filter(|(_, turn)| turn.next == slot) {
                turn.next += turn.period;
                let pair = stream.pair(journey, climate, seconds, true);
                ours.observe(&pair, at);
                if self.compared {
                    bin.add(&pair);
                }
                pairs[0] += 1;
            }
            // Only we asked for these: the others are shown what would have been run without us.
            for (journey, pace) in &hurried {
                let Turn { period, next } = turns[*journey];
                let since_own = (slot + period - next % period) % period;
                if since_own != 0 && since_own * pace % period < *pace {
                    ours.observe(&stream.pair(*journey, climate, seconds, false), at);
                    pairs[1] += 1;
                }
            }
            at += slot_time;
        }
    }
}

/// How long a slot is, and the journeys' places: they are spread evenly.
fn turns(mix: &Mix) -> (Duration, Vec<Turn>) {
    let every = || mix.journeys().iter().map(|journey| journey.every);
    let shortest = every().min().unwrap_or(Duration::from_secs(1));
    let periods = every().map(|every| {
        // A whole number of slots, as no interval is shorter.
        (every.as_secs_f64() / shortest.as_secs_f64() * SLOTS as f64).round() as u64
    });
    let turn = |(journey, period)| Turn { period, next: slot_of(journey, mix.journeys().len()) };
    (shortest / SLOTS as u32, periods.enumerate().map(turn).collect())
}

/// The slot in which a journey runs first.
const fn slot_of(journey: usize, journeys: usize) -> u64 {
    journey as u64 * SLOTS / journeys as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Traffic;
    use cutover::Decision;

    fn run(fault: Fault, traffic: Traffic, look: impl FnMut(&Block<'_>) -> ControlFlow<()>) {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        let (mix, settings) = (&Mix::from(traffic), &Settings::default());
        let (soak, onset, end) = (minutes(20), minutes(25), minutes(30));
        Course { mix, settings, compared: true, fault, soak, onset, end, seed: 4 }.run(look);
    }

    #[test]
    fn blocks_come_every_ten_seconds_from_go_on_until_the_end_or_until_enough_was_seen() {
        let mut blocks = Vec::new();
        run(Fault::default(), Traffic::default(), |block| {
            blocks.push(block.at.as_secs());
            ControlFlow::Continue(())
        });
        assert_eq!(blocks, (121..180).map(|n| n * 10).collect::<Vec<_>>());
        let mut looked = 0;
        run(Fault::default(), Traffic::default(), |_| {
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
            run(Fault::errors(1.0), traffic, |block| {
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
            let mut counts = [0; SLOTS as usize];
            (0..journeys).for_each(|journey| counts[slot_of(journey, journeys) as usize] += 1);
            let most = counts.iter().max().copied();
            assert_eq!(most, Some(journeys.div_ceil(SLOTS as usize)), "{journeys}");
        }
    }

    #[test]
    fn each_journey_keeps_its_own_interval() {
        let mut mix = Mix::from(Traffic { journeys: 3, ..Traffic::default() });
        mix.every(&[5, 60, 13].map(Duration::from_secs));
        let (slot, turns) = turns(&mix);
        assert_eq!(slot, Duration::from_millis(250));
        assert_eq!(turns.iter().map(|turn| turn.period).collect::<Vec<_>>(), [20, 240, 52]);
    }
}
