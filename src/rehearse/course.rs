//! The course of a rehearsal: ready, set, go, and the end.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cutover::{Decision, Phase, Snapshot};
use devices::FleetPlan;
use rehearsal::{Fault, Mark, Side, World};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{ending, stage};
use crate::cli::Rehearse;
use crate::config;
use crate::deadline::Deadline;
use crate::engine::{Engine, Options};
use crate::failure::{Exit, Failure};
use crate::reset::Sender;
use crate::say;
use crate::view::View;

/// From the change in DNS to the reset: the TTL, and this. Sent any earlier, a resolver that still keeps the old answer
/// would lead devices back to the old side.
const RESET_AFTER_TTL: Duration = Duration::from_secs(1);
/// How much longer than asked `go` may last while the verdict is still open, within the 90 seconds of it all.
const EXTENSION: Duration = Duration::from_secs(12);
/// How long the way back is watched after its reset.
const WAY_BACK: Duration = Duration::from_secs(6);
/// How long a mail may take.
const MAIL: Duration = Duration::from_secs(10);
/// Who changes the phases.
const BY: &str = "rehearsal";

/// The one who goes through the phases.
struct Director<'a> {
    options: &'a Rehearse,
    world: &'a World,
    engine: &'a Engine,
    view: &'a View,
    asked: &'a CancellationToken,
    reset: Sender,
    fleets: Vec<FleetPlan>,
}

/// Rehearses with the configuration at `path`; an interrupt ends it early, with what is known by then.
pub(super) async fn run(
    options: &Rehearse,
    world: &World,
    path: &Path,
    asked: &CancellationToken,
) -> Result<Exit, Failure> {
    let config = config::load(path)?;
    let reset = Sender::new(&config);
    let (fleets, margins) = (config.fleets.clone(), ending::margins(&config));
    let engine = Engine::start(config, Options { fresh: true, ..Options::default() }).await?;
    let view = View::start(engine.snapshots.clone());
    stage::locate(world.places()).lines().for_each(|line| view.say(line.trim_start()));
    view.say(&format!("page, API and metrics on http://{}/", engine.address));
    view.say(&margins);
    if let Err(error) = stage::browser() {
        view.say(&format!("the sign-in in a browser is left out: {error}"));
    }
    for fault in &options.fault {
        view.say(&format!("fault planned: {fault}"));
    }
    let director = Director { options, world, engine: &engine, view: &view, asked, reset, fleets };
    let decided = director.direct().await;
    view.say("the end: draining");
    let (deadline, vigil) = (Deadline::of_drain(), engine.vigil.clone());
    if engine.drain(deadline).await?.cut_short {
        view.say("not drained within 5 s: what was under way is lost");
    }
    view.end(deadline.end()).await;
    if let Some(why) = vigil.known() {
        return Err(Failure::canary(why.to_string()));
    }
    let decided = decided?;
    // What was broken off says nothing of its faults.
    let faults = if asked.is_cancelled() { &[][..] } else { &options.fault };
    say::line(ending::report(&decided, &world.mails().borrow(), faults));
    if asked.is_cancelled() {
        say::line("interrupted: this was the verdict of that moment, and no rehearsal to its end");
    }
    Ok((&decided.verdict).into())
}

impl Director<'_> {
    /// Goes through the phases, and back if that is the verdict. Returns the picture on which it was decided.
    async fn direct(&self) -> Result<Arc<Snapshot>, Failure> {
        self.go_through().await?;
        let decided = self.engine.snapshots.borrow().clone();
        if rolls_back(&decided) && !self.asked.is_cancelled() {
            self.roll_back().await?;
        }
        Ok(decided)
    }

    /// Ready, set, go; less if the verdict is to roll back, or at an interrupt.
    async fn go_through(&self) -> Result<(), Failure> {
        self.reached(Mark::Start);
        self.reached(Mark::Ready);
        if self.ends_within(self.options.ready_for, rolls_back).await {
            return Ok(());
        }
        self.enter(Phase::Set, "the new side is up, and is validated").await?;
        self.reached(Mark::Set);
        if self.ends_within(self.options.set_for, rolls_back).await {
            return Ok(());
        }
        self.enter(Phase::Go, "DNS names the new side from now on").await?;
        self.world.flip(Side::New);
        self.reached(Mark::Go);
        let went = Instant::now();
        if self.ends_within(self.options.ttl + RESET_AFTER_TTL, rolls_back).await {
            return Ok(());
        }
        self.send_reset("go").await;
        if self.ends_within(self.options.go_for.saturating_sub(went.elapsed()), rolls_back).await {
            return Ok(());
        }
        self.ends_within(EXTENSION, |snapshot| snapshot.verdict.decision != Decision::Hold).await;
        Ok(())
    }

    /// The way back, watched like the way there.
    async fn roll_back(&self) -> Result<(), Failure> {
        self.mail(1).await;
        self.enter(Phase::RolledBack, "DNS names the old side again").await?;
        self.world.flip(Side::Old);
        // As on the way there: what a resolver still keeps would lead devices to the new side once more.
        if !self.ends_within(self.options.ttl + RESET_AFTER_TTL, |_| false).await {
            self.send_reset("back").await;
        }
        self.ends_within(WAY_BACK, |_| false).await;
        self.mail(2).await;
        Ok(())
    }

    async fn enter(&self, phase: Phase, why: &str) -> Result<(), Failure> {
        self.engine.enter(phase, BY).await?;
        self.view.say(&format!("phase {phase}: {why}"));
        Ok(())
    }

    /// Says so to the world, from which it times its faults; the one that is not the world's is timed here.
    fn reached(&self, mark: Mark) {
        self.world.mark(mark);
        for fault in self.options.fault.iter().filter(|fault| fault.at.mark == mark) {
            let Fault::Split(share) = fault.what else { continue };
            let (fleets, after, stop) = (self.engine.fleets.clone(), fault.at.after, self.asked.clone());
            tokio::spawn(stop.run_until_cancelled_owned(async move {
                sleep(after).await;
                fleets.iter().for_each(|fleet| fleet.split(share.as_fraction()));
            }));
        }
    }

    /// Waits for so long; says whether it ended before: by an interrupt, or because `over` came true.
    async fn ends_within(&self, time: Duration, over: impl Fn(&Snapshot) -> bool) -> bool {
        let mut snapshots = self.engine.snapshots.clone();
        tokio::select! {
            () = self.asked.cancelled() => true,
            _ = self.engine.vigil.wait() => true,
            () = sleep(time) => false,
            // An error means that the recorder has ended: there is nothing left to wait for.
            _ = snapshots.wait_for(|snapshot| over(snapshot)) => true,
        }
    }

    async fn send_reset(&self, id: &str) {
        self.engine.fleets.iter().for_each(|fleet| fleet.meant(id, None));
        for fleet in &self.fleets {
            // Brokers may be slow; an interrupt waits for none of them.
            let sent = self.asked.run_until_cancelled(self.reset.send(fleet, id, None)).await;
            for sent in sent.into_iter().flatten() {
                let said = format!("reset to {sent}");
                self.view.say(&said);
                self.engine.note(BY, said).await;
            }
        }
    }

    /// Waits until so many mails have arrived, or for an interrupt.
    async fn mail(&self, count: usize) {
        let mut mails = self.world.mails();
        let arrived = timeout(MAIL, mails.wait_for(|mails| mails.len() >= count));
        let arrived = self.asked.run_until_cancelled(arrived).await;
        if matches!(arrived, Some(Err(_) | Ok(Err(_)))) {
            self.view.say(&format!("mail {count} has not arrived within {} s", MAIL.as_secs()));
        }
    }
}

fn rolls_back(snapshot: &Snapshot) -> bool {
    snapshot.verdict.decision == Decision::Rollback
}
