//! `serin gate`

use std::time::Duration;

use cutover::{Decision, Phase};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::api::Api;
use crate::cli::{Awaited, Gate};
use crate::failure::{Exit, Failure};
use crate::say;
use crate::view::printable;

/// How long between two questions.
const EVERY: Duration = Duration::from_secs(1);

/// What the gate tells; fields that a later version may add are of no concern.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Advice {
    verdict: Decision,
    phase: Phase,
    reasons: Vec<Because>,
    estimate_seconds: Option<f64>,
}

/// A reason: `text` may hold figures that change all the time, `cause` says when it has become another one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Because {
    cause: String,
    text: String,
}

/// Asks for the verdict, again and again if there is time to wait; prints it and its reasons as they change.
pub(crate) async fn run(gate: Gate) -> Result<Exit, Failure> {
    let mut api = Api::new(gate.at.clone()).await?;
    // A time that no clock reaches is no end.
    let end = gate.wait.and_then(|wait| Instant::now().checked_add(wait));
    let forever = gate.wait.is_some() && end.is_none();
    let mut told = Told::default();
    let mut phase = None;
    loop {
        let asked = Instant::now();
        let answer = ask(&mut api).await;
        let next = asked + EVERY;
        // Between two questions somebody may have obeyed a rollback: to hold is all that is left to say then.
        let turned_back = answer.as_ref().is_ok_and(|advice| advice.turned_back_from(phase));
        let decided = answer.as_ref().is_ok_and(|advice| gate.awaited.ended_by(advice.verdict));
        let last = turned_back || decided || !(forever || end.is_some_and(|end| next <= end));
        match (told.news(&answer), &answer) {
            // Whoever ends the program says why it failed.
            (Some(_), Err(_)) if last => {}
            (Some(news), _) => say::line(news),
            (None, _) => {}
        }
        if turned_back {
            return Ok(Exit::Rollback);
        }
        if last {
            return answer.map(|advice| advice.exit());
        }
        phase = answer.map_or(phase, |advice| Some(advice.phase));
        sleep_until(next).await;
    }
}

async fn ask(api: &mut Api) -> Result<Advice, Failure> {
    let mut answer = api.get("api/v1/gate").await?;
    if answer.status != StatusCode::OK {
        return Err(Failure::canary(format!("the gate answered: {}", answer.said())));
    }
    serde_json::from_value(answer.body.get_mut("data").map(Value::take).unwrap_or_default())
        .map_err(|error| Failure::canary(format!("what answers there is no gate of serin: {error}")))
}

impl Awaited {
    /// Whether there is nothing left to wait for.
    const fn ended_by(self, verdict: Decision) -> bool {
        match self {
            Self::Go => !matches!(verdict, Decision::Hold),
            Self::Rollback => matches!(verdict, Decision::Rollback),
        }
    }
}

/// What was told last.
#[derive(Debug, Default)]
struct Told(Option<Result<Advice, String>>);

impl Told {
    /// What is to be told of an answer, if it differs from the last one in more than its figures.
    fn news(&mut self, answer: &Result<Advice, Failure>) -> Option<String> {
        let answer = answer.as_ref().map_err(ToString::to_string).cloned();
        let same = match (&self.0, &answer) {
            (Some(Ok(last)), Ok(now)) => last.same(now),
            (Some(Err(_)), Err(_)) => true,
            _ => false,
        };
        let news = match &answer {
            Ok(advice) => advice.lines(),
            Err(why) => format!("cannot ask: {}", printable(why)),
        };
        self.0 = Some(answer);
        (!same).then_some(news)
    }
}

impl Advice {
    fn same(&self, other: &Self) -> bool {
        let causes = |advice: &Self| advice.reasons.iter().map(|it| it.cause.clone()).collect::<Vec<_>>();
        (self.verdict, self.phase) == (other.verdict, other.phase) && causes(self) == causes(other)
    }

    /// Whether the cutover was rolled back since it was seen in `phase`.
    fn turned_back_from(&self, phase: Option<Phase>) -> bool {
        self.phase == Phase::RolledBack && phase.is_some_and(|before| before != Phase::RolledBack)
    }

    /// The exit code, which for a verdict is the same whoever says it: see [`Exit`].
    fn exit(&self) -> Exit {
        let canary = self.reasons.first().is_some_and(|because| because.cause == "canary");
        match self.verdict {
            Decision::Go => Exit::Go,
            Decision::Hold if canary => Exit::Canary,
            Decision::Hold => Exit::Hold,
            Decision::Rollback => Exit::Rollback,
        }
    }

    fn lines(&self) -> String {
        let mut text = format!("{} in phase {}", self.verdict, self.phase);
        if let Some(seconds) = self.estimate_seconds {
            text.push_str(&format!(", go in about {seconds:.0} s if nothing fails"));
        }
        for because in &self.reasons {
            text.push_str("\n  because ");
            text.push_str(&printable(&because.text));
        }
        text
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn advice(verdict: Decision, cause: &str, text: &str) -> Advice {
        let because = Because { cause: cause.to_owned(), text: text.to_owned() };
        Advice { verdict, phase: Phase::Set, reasons: vec![because], estimate_seconds: Some(40.2) }
    }

    #[test]
    fn only_what_changes_is_told_and_nothing_that_a_terminal_obeys() {
        let mut told = Told::default();
        let first = told.news(&Ok(advice(Decision::Hold, "too-little", "12 pairs\u{1b}[2J"))).unwrap();
        let lines = "hold in phase set, go in about 40 s if nothing fails\n  because 12 pairs [2J";
        assert_eq!(first, lines);
        assert_eq!(told.news(&Ok(advice(Decision::Hold, "too-little", "13 pairs"))), None);
        assert!(told.news(&Ok(advice(Decision::Hold, "split", "5 devices"))).is_some());
        assert!(told.news(&Ok(advice(Decision::Go, "split", "5 devices"))).is_some());
        let away = || Err(Failure::canary("refused".to_owned()));
        assert_eq!(told.news(&away()).unwrap(), "cannot ask: refused");
        assert_eq!(told.news(&away()), None);
        assert!(told.news(&Ok(advice(Decision::Go, "split", "5 devices"))).is_some());
    }

    #[test]
    fn whoever_waits_for_go_is_not_kept_from_a_rollback() {
        let ending = |awaited: Awaited| Decision::ALL.into_iter().filter(move |it| awaited.ended_by(*it));
        assert!(ending(Awaited::Go).eq([Decision::Go, Decision::Rollback]));
        assert!(ending(Awaited::Rollback).eq([Decision::Rollback]));
    }
}
