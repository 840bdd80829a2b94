//! All waves, one after the other, with the pauses between; as long as the verdict allows it.

use std::time::Duration;

use cutover::Decision;
use humantime::format_duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Sending;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::reset::{Members, Whom, in_waves};
use crate::say;

/// Walks through the waves. Those that the canary knows to have been sent under this id are left out, so that a walk
/// that was broken off goes on where it was. Says how it ended if it was stopped before the last wave.
pub(super) async fn walk(
    sending: &mut Sending,
    config: &Config,
    unless_rollback: bool,
    asked: &CancellationToken,
) -> Result<Option<Exit>, Failure> {
    let sent = sent_before(sending).await;
    let mut rest = Duration::ZERO;
    let mut began = !sent.is_empty();
    for (wave, members) in config.waves.iter().zip(in_waves(&config.waves, &config.fleets)) {
        if sent.iter().any(|name| **name == *wave.name) {
            say::line(format_args!("wave {}: sent before", wave.name));
            // How much of its pause is over nobody knows: all of it is the safe side.
            rest = wave.pause;
            continue;
        }
        if !rest.is_zero() {
            say::line(format_args!("resting for {}", format_duration(rest)));
            if asked.run_until_cancelled(sleep(rest)).await.is_none() {
                return Err(sending.interrupted());
            }
        }
        if began && let Some(stopped) = stopped(sending, &wave.name, unless_rollback).await? {
            return Ok(Some(stopped));
        }
        let devices: usize = members.iter().map(|(_, indices)| indices.len()).sum();
        say::line(format_args!("wave {}: {devices} devices", wave.name));
        let members: Vec<Members<'_>> =
            members.into_iter().map(|(fleet, indices)| (fleet, Some(indices))).collect();
        let whom = Whom::Wave(wave.name.to_string());
        if asked.run_until_cancelled(sending.send(&whom, &members)).await.is_none() {
            return Err(sending.interrupted());
        }
        if sending.failed {
            // Whoever sends it again goes on with this wave.
            break;
        }
        (rest, began) = (wave.pause, true);
    }
    Ok(None)
}

/// The waves that were sent under this id, as far as a canary knows. Without one all are sent: devices that have it
/// already obey once.
async fn sent_before(sending: &mut Sending) -> Vec<std::sync::Arc<str>> {
    let reports = sending.canaries.reports(&sending.id).await.unwrap_or_default();
    reports.into_iter().filter_map(|(_, report)| report).flat_map(|report| report.waves).collect()
}

/// Whether the verdict forbids the next wave, and with which exit code that ends.
async fn stopped(sending: &mut Sending, wave: &str, unless_rollback: bool) -> Result<Option<Exit>, Failure> {
    let way = format!("go on with --wave all --id {}", sending.id);
    let verdict = sending.canaries.verdict().await.map_err(|why| {
        Failure::canary(format!("stopped before wave {wave}: the verdict cannot be asked for: {why}; {way}"))
    })?;
    let exit = match verdict {
        Decision::Go => return Ok(None),
        Decision::Hold if unless_rollback => return Ok(None),
        Decision::Hold => Exit::Hold,
        Decision::Rollback => Exit::Rollback,
    };
    say::line(format_args!("stopped before wave {wave}: the verdict is {verdict}; {way}"));
    Ok(Some(exit))
}

#[cfg(test)]
mod tests;
