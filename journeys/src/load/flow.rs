//! What decides when a step is tried, and how often: `until`, `retry`, `within`, `when`, `addresses`.

use std::time::Duration;

use document::{Fields, Kind, Node, did_you_mean};

use super::Loader;
use crate::action::Action;
use crate::journey::{Again, Step};

const DEFAULT_EVERY: Duration = Duration::from_millis(200);

/// Every attempt is kept, so there is a limit to how many there may be.
const MOST_ATTEMPTS: u128 = 1000;

/// What does not succeed so often in a row is broken, or is waited for: that is `until`.
const MOST_RETRIES: u64 = 100;

/// A pause that grows faster than this is a second attempt and no third one.
const STEEPEST: f64 = 100.0;

/// How long the steps beside this one may take together with it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Budget {
    /// The journey's `timeout`.
    Journey(Duration),
    /// The `finally-timeout`.
    Finally(Duration),
}

impl Loader<'_> {
    /// How the step is tried again, if at all.
    pub(super) fn again(&mut self, fields: &mut Fields<'_>) -> Option<Option<Again>> {
        let (until, every, retry) = (fields.take("until"), fields.take("every"), fields.take("retry"));
        match (until, retry) {
            (Some(_), Some(retry)) => {
                let help = "`until` waits for what comes about by and by, `retry` tries again what failed: one of \
                            them";
                self.source.complain(retry.place(), "`retry` beside `until`", Some(help.to_owned()));
                None
            }
            (Some(until), None) => self.until(until, every).map(Some),
            (None, retry) => {
                if let Some(every) = every {
                    let help = match retry {
                        Some(_) => "with `retry` it stands inside: `retry: { attempts: 3, every: 200ms }`",
                        None => "`until: 10s` tries again until the expectations hold",
                    };
                    self.source.complain(every.place, "`every` without `until`", Some(help.to_owned()));
                    return None;
                }
                retry.map_or(Some(None), |node| self.retry(node).map(Some))
            }
        }
    }

    fn until(&mut self, until: &Node, every: Option<&Node>) -> Option<Again> {
        let limit = until.duration(&mut self.source);
        let pause = every.map_or(Some(DEFAULT_EVERY), |node| node.duration(&mut self.source));
        let (limit, every) = (limit?, pause?);
        if limit.as_millis() > every.as_millis().saturating_mul(MOST_ATTEMPTS) {
            let message = format!("that is more than {MOST_ATTEMPTS} attempts");
            let help = "shorten `until`, or let more time pass between them with `every`".to_owned();
            self.source.complain(until.place, message, Some(help));
            return None;
        }
        Some(Again::Until { limit, every })
    }

    /// The number of attempts alone, or with what lies between them.
    fn retry(&mut self, node: &Node) -> Option<Again> {
        if !node.is_mapping() {
            let attempts = self.attempts(node)?;
            return Some(Again::Retry { attempts, every: DEFAULT_EVERY, backoff: 1.0 });
        }
        let example = "{ attempts: 3, every: 200ms, backoff: 2 }";
        let mut fields = Fields::like(node, "`retry`", example, &mut self.source)?;
        let attempts = fields.require("attempts");
        let (every, backoff) = (fields.take("every"), fields.take("backoff"));
        fields.finish(&mut self.source);
        let attempts = attempts.and_then(|node| self.attempts(node));
        let every = every.map_or(Some(DEFAULT_EVERY), |node| node.duration(&mut self.source));
        let backoff = backoff.map_or(Some(1.0), |node| self.backoff(node));
        Some(Again::Retry { attempts: attempts?, every: every?, backoff: backoff? })
    }

    fn attempts(&mut self, node: &Node) -> Option<u32> {
        if let Kind::Number(number) = &node.kind {
            let attempts = number.as_u64().filter(|attempts| (2..=MOST_RETRIES).contains(attempts));
            if let Some(attempts) = attempts.and_then(|attempts| u32::try_from(attempts).ok()) {
                return Some(attempts);
            }
        }
        let message = format!("`retry` is the number of attempts in all, 2 to {MOST_RETRIES}");
        let help = "`retry: 3`, or `retry: { attempts: 3, every: 200ms, backoff: 2 }`".to_owned();
        self.source.complain(node.place(), message, Some(help));
        None
    }

    fn backoff(&mut self, node: &Node) -> Option<f64> {
        if let Kind::Number(number) = &node.kind
            && let Some(backoff) = number.as_f64().filter(|backoff| (1.0..=STEEPEST).contains(backoff))
        {
            return Some(backoff);
        }
        let message = format!("`backoff` is a number from 1 to {STEEPEST}: how much longer each pause is");
        self.source.complain(node.place(), message, None);
        None
    }

    /// For which variants the step is: of each axis that is named, the values.
    pub(super) fn when(&mut self, node: &Node) -> Option<Vec<(String, Vec<String>)>> {
        let entries =
            node.entries("axes of `variants` and their values, such as `app: 7.2`", &mut self.source)?;
        let mut when = Vec::new();
        let mut sound = true;
        for (key, value) in entries {
            if self.unknowable.contains("variant") {
                continue;
            }
            let Some((axis, known)) = self.axes.iter().find(|(axis, _)| *axis == key.name).cloned() else {
                let message = format!("`{}` is no axis of this journey's variants", key.name);
                let help = match self.axes.as_slice() {
                    [] => "it has none: `variants: { app: [7.1, 7.2] }` beside `journey:`".to_owned(),
                    axes => did_you_mean(&key.name, axes.iter().map(|(axis, _)| axis.as_str())),
                };
                self.source.complain(key.place, message, Some(help));
                sound = false;
                continue;
            };
            let items = value.items().unwrap_or(std::slice::from_ref(value));
            let mut values = Vec::new();
            for item in items {
                let Some(value) = item.text(&mut self.source) else {
                    sound = false;
                    continue;
                };
                // An axis without values was complained of where it stands.
                if !known.is_empty() && !known.contains(&value) {
                    let help = did_you_mean(&value, known.iter().map(String::as_str));
                    self.source.complain(item.place, format!("`{axis}` has no value `{value}`"), Some(help));
                    sound = false;
                }
                values.push(value);
            }
            when.push((axis, values));
        }
        sound.then_some(when)
    }

    /// `addresses: each`: the step goes to every address that the name has.
    pub(super) fn addresses(&mut self, node: &Node, action: Option<&Action>) -> Option<bool> {
        let word = node.text(&mut self.source)?;
        if word != "each" {
            let help = "`each`: the step goes to every address that the name has".to_owned();
            self.source.complain(node.place, format!("`{word}` is no choice of addresses"), Some(help));
            return None;
        }
        // When the action itself was refused there is nothing to ask.
        if action.is_some_and(|action| !action.goes_to_a_host()) {
            let help = "it is for `http`, `tcp` and `websocket`".to_owned();
            self.source.complain(
                node.place,
                "this action does not go to the addresses of a name",
                Some(help),
            );
            return None;
        }
        Some(true)
    }

    /// A limit that another one cuts off could never be seen to work.
    pub(super) fn check_times(&mut self, node: &Node, step: &Step, budget: Budget) {
        let (limit, whose, key) = match budget {
            Budget::Journey(limit) => (limit, "the whole journey's", "timeout"),
            Budget::Finally(limit) => (limit, "all of finally's", "finally-timeout"),
        };
        let until = match step.again {
            Some(Again::Until { limit, .. }) => Some(limit),
            _ => None,
        };
        let pause = match &step.action {
            Action::Pause(pause) => Some(pause.time),
            _ => None,
        };
        let pauses = step.again.map(|again| again.pauses());
        let shown = humantime::format_duration(limit);
        for (word, given) in [
            ("timeout", step.timeout),
            ("until", until),
            ("within", step.within),
            ("retry", pauses),
            ("pause", pause),
        ] {
            if given.is_some_and(|given| given > limit) {
                let message = match word {
                    "retry" => {
                        format!("the pauses of this `retry` are together longer than {whose}, {shown}")
                    }
                    _ => format!("this `{word}` is longer than {whose}, {shown}"),
                };
                let help = format!("give the journey more time with `{key}:` beside `journey:`");
                self.source.complain(node.field_place(word), message, Some(help));
            }
        }
        if let (Some(pause), Some(timeout)) = (pause, step.timeout)
            && pause >= timeout
        {
            let message = "this `pause` is not shorter than the step's `timeout`";
            self.source.complain(node.field_place("pause"), message, None);
        }
        if let (Some(within), Some(timeout), None) = (step.within, step.timeout, step.again)
            && within >= timeout
        {
            let message = "this `within` is not shorter than the step's `timeout`, over which it fails";
            let help = "a step is degraded over `within`, and fails over `timeout`".to_owned();
            self.source.complain(node.field_place("within"), message, Some(help));
        }
    }
}
