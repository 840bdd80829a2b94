//! `serin run`

use crate::cli::Run;
use crate::engine::{DRAIN, Engine, Options};
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
    let engine = Engine::start(config, Options { token, phase: run.phase, fresh: run.fresh }).await?;
    let view = View::start(engine.snapshots.clone());
    view.say(&format!("page, API and metrics on http://{}/", engine.address));
    view.say(&engine.said);
    if nobody {
        view.say("no token was given: the phase cannot be changed from outside (--token-file FILE, or $SERIN_TOKEN)");
    }
    asked.cancelled().await;
    view.say("draining: no new runs, the last ones may end (Ctrl-C again ends at once)");
    let ended = tokio::time::timeout(DRAIN, engine.drain()).await;
    view.end().await;
    let Ok(ended) = ended else {
        say::line("not drained within 5 s: what was under way is lost");
        return Ok(Exit::Canary);
    };
    let ended = ended?;
    let runs: u64 = ended.last.journeys.iter().map(|journey| journey.runs).sum();
    say::line(format_args!(
        "drained: {runs} runs and {} observations folded; {} notices undelivered",
        ended.last.health.folded,
        ended.undelivered.len()
    ));
    say::line(crate::view::verdict(&ended.last.verdict));
    Ok((&ended.last.verdict).into())
}
