//! `serin run`

use tokio_util::sync::CancellationToken;

use crate::cli::Run;
use crate::deadline::Deadline;
use crate::engine::{Engine, Options};
use crate::failure::{Exit, Failure};
use crate::view::View;
use crate::{config, interrupt, say};

/// Watches until it is interrupted.
pub(crate) async fn run(run: Run) -> Result<Exit, Failure> {
    let config = config::load(&run.config)?;
    for remark in &config.remarks {
        say::error(format_args!("{remark}\n"));
    }
    let token = super::token::given(&run.token)?.and_then(|secret| dashboards::Token::new(secret.reveal()));
    let asked = interrupt::listen().map_err(|error| Failure::canary(error.to_string()))?;
    let nobody = token.is_none();
    let engine =
        Engine::start(config, Options { token, phase: run.phase, fresh: run.fresh, shard: run.shard })
            .await?;
    let view = View::start(engine.snapshots.clone());
    view.say(&format!("page, API and metrics on http://{}/", engine.address));
    view.say(&engine.said);
    if nobody {
        view.say("no token was given: the phase cannot be changed from outside (--token-file FILE, or $SERIN_TOKEN)");
    }
    watch(engine, view, &asked).await
}

/// Watches until it is asked to end, or something breaks off that nothing can do without; then drains.
async fn watch(engine: Engine, view: View, asked: &CancellationToken) -> Result<Exit, Failure> {
    tokio::select! {
        () = asked.cancelled() => {
            view.say("draining: no new runs, the last ones may end (Ctrl-C again ends at once)");
        }
        why = engine.vigil.wait() => {
            view.say(&format!("{why}; without it nothing can be relied on: draining what is left"));
        }
    }
    let (deadline, vigil) = (Deadline::of_drain(), engine.vigil.clone());
    let ended = engine.drain(deadline).await;
    view.end(deadline.end()).await;
    let ended = ended?;
    let runs: u64 = ended.last.journeys.iter().map(|journey| journey.runs).sum();
    say::line(format_args!(
        "drained: {runs} runs and {} observations folded; {} notices undelivered",
        ended.last.health.folded,
        ended.undelivered.len()
    ));
    if ended.cut_short {
        say::line("not drained within 5 s: what was under way is lost");
    }
    say::line(crate::view::verdict(&ended.last.verdict));
    // Something may also have broken off while it drained.
    if ended.cut_short || vigil.known().is_some() {
        return Ok(Exit::Canary);
    }
    Ok((&ended.last.verdict).into())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::engine::tests::Stage;

    #[tokio::test]
    async fn what_breaks_off_ends_the_run_by_itself_with_the_canarys_own_code() {
        let stage = Stage::start().await;
        let engine = stage.engine().await;
        engine.vigil.broken("the server broke off");
        let view = View::start(engine.snapshots.clone());
        assert_eq!(watch(engine, view, &CancellationToken::new()).await.unwrap(), Exit::Canary);

        let asked = CancellationToken::new();
        asked.cancel();
        let engine = stage.engine().await;
        let view = View::start(engine.snapshots.clone());
        assert_eq!(watch(engine, view, &asked).await.unwrap(), Exit::Hold);
    }
}
