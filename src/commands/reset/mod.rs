//! `serin reset`

mod canaries;
mod wait;
mod walk;

use chrono::Utc;
use cutover::Side;
use devices::Instruction;

use crate::cli::Reset;
use crate::config;
use crate::failure::{Exit, Failure};
use crate::reset::{Members, Sender, Whom};
use crate::{interrupt, say};
use canaries::Canaries;

/// The wave that means all of them, one after the other.
const ALL: &str = "all";

/// A reset that is being sent.
struct Sending {
    id: String,
    by: String,
    sender: Sender,
    canaries: Canaries,
    /// Whether some side did not take it over.
    failed: bool,
}

/// Sends the reset to the devices of a configuration, and tells a running `serin run` of it.
pub(crate) async fn run(reset: Reset) -> Result<Exit, Failure> {
    let config = config::load(&reset.config)?;
    let token = super::token::given(&reset.token)?;
    let id = reset.id.clone().unwrap_or_else(|| format!("reset-{}", Utc::now().timestamp_millis()));
    if !Instruction::names(&id) {
        return Err(Failure::usage("an id has 1 to 128 letters, digits, `-`, `_`, `.` or `:`".to_owned()));
    }
    let asked = interrupt::listen().map_err(|error| Failure::canary(error.to_string()))?;
    let canaries = Canaries::new(&config, &reset.at, token);
    let (sender, by) = (Sender::new(&config), reset.by.clone());
    let mut sending = Sending { id, by, sender, canaries, failed: false };
    let whom = Whom::of(reset.fleet.as_deref(), reset.device.as_deref(), reset.wave.as_deref());
    let walks = matches!(&whom, Whom::Wave(name) if name == ALL) && !config.waves.is_empty();
    if walks {
        say::line(format_args!("reset {}", sending.id));
        if let Some(stopped) = walk::walk(&mut sending, &config, reset.unless_rollback, &asked).await? {
            return Ok(stopped);
        }
    } else {
        let chosen = whom.members(&config.waves, &config.fleets).map_err(Failure::usage)?;
        say::line(format_args!("reset {}", sending.id));
        // Between two brokers it may be interrupted; what is sent is sent.
        if asked.run_until_cancelled(sending.send(&whom, &chosen)).await.is_none() {
            return Err(sending.interrupted());
        }
    }
    if sending.failed {
        let way = format!("send it again with --id {}: devices that have it already obey once", sending.id);
        return Err(Failure::canary(format!("the reset did not reach every side; {way}")));
    }
    match reset.wait {
        Some(time) => wait::wait(&mut sending.canaries, &sending.id, time, &asked).await,
        None => Ok(Exit::Go),
    }
}

impl Sending {
    /// Sends it to these devices, after having told the canaries who is meant.
    async fn send(&mut self, whom: &Whom, chosen: &[Members<'_>]) {
        let announced = self.canaries.announce(&self.id, whom, &self.by, false).await;
        let mut missed = Vec::new();
        for (fleet, indices) in chosen {
            let mut sides = Vec::new();
            for sent in self.sender.send(fleet, &self.id, indices.as_deref()).await {
                say::line(format_args!("  {sent}"));
                sides.extend(sent.result.is_err().then_some(sent.side));
            }
            if !sides.is_empty() {
                missed.push(words(&self.id, &fleet.name, &sides));
            }
        }
        self.failed |= !missed.is_empty();
        let told = match missed[..] {
            [] => self.canaries.announce(&self.id, whom, &self.by, true).await,
            _ => self.canaries.note(&self.by, &missed).await,
        };
        if let Err(why) = announced.and(told) {
            say::line(format_args!("  not noted by `serin run`: {why}"));
        }
    }

    fn interrupted(&self) -> Failure {
        Failure::canary(format!("interrupted: go on with --id {}, which each device obeys once", self.id))
    }
}

/// What was not done to a fleet, in words.
fn words(id: &str, fleet: &str, missed: &[Side]) -> String {
    let both = [Side::Old, Side::New].iter().all(|side| missed.contains(side));
    match missed.first() {
        Some(side) if !both => format!("reset {id} of fleet {fleet}, NOT sent on {side}"),
        _ => format!("reset {id} of fleet {fleet}, NOT sent on either side"),
    }
}
