//! One session on one side's broker, again and again.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{CanaryLink, CanarySeen, Hearing, Observation, Side};
use probes::mqtt::{Event, Message, Qos};
use probes::{MqttOptions, MqttSession, MqttTarget};
use rand::RngExt;
use tokio::time::{Instant, sleep, sleep_until};

use super::CanaryContext;
use super::ear::{Body, Ear};
use crate::Account;
use crate::device::Backoff;

/// A broker that owes an answer for so many of the shortest interval between signs of life is given up.
const PATIENCE: u32 = 5;
/// But never sooner than this, nor later than that.
const KEEP_ALIVE: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];
/// The watch shows that it hears so many times in that interval: a canary is silent only as far as that is shown.
const PROOFS: u32 = 10;
/// But never more often than this, nor more seldom than that.
const PROOF: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(2)];
/// Of one canary no more is told than one sign of life in this time: a flood says no more than that.
const PACE: Duration = Duration::from_millis(100);

/// Who listens on one side's broker for real canaries.
#[derive(Debug, Clone)]
pub struct Listener {
    pub(super) side: Side,
    pub(super) broker: MqttTarget,
    pub(super) account: Option<Account>,
    pub(super) ears: Vec<Ear>,
    /// How often the one of them is to be heard that is to be heard most often.
    pub(super) every: Duration,
}

impl Listener {
    /// The side on which it listens.
    pub const fn side(&self) -> Side {
        self.side
    }

    /// Listens until it is cancelled. Whatever ends a session, the next one is tried after a wait.
    pub async fn listen(self, context: CanaryContext) {
        let cancel = context.cancel.clone();
        cancel.run_until_cancelled_owned(self.again_and_again(&context)).await;
    }

    async fn again_and_again(&self, context: &CanaryContext) {
        let mut backoff = Backoff::default();
        let mut said = None;
        loop {
            let (why, lasted) = self.once(context, &mut said).await;
            if lasted >= self.keep_alive() {
                backoff.reset();
            }
            if said.as_ref() != Some(&why) {
                tracing::warn!(side = %self.side, broker = %self.broker, %why, "the watch over real canaries is deaf");
                said = Some(why.clone());
                self.tell(context, Utc::now(), Hearing::Nothing { why }).await;
            }
            let dice = rand::rng().random();
            sleep(backoff.next(dice)).await;
        }
    }

    /// One session from its beginning to its end: why it ended, and how long it could hear. Forgets what was `said` of
    /// its trouble once it hears.
    async fn once(&self, context: &CanaryContext, said: &mut Option<Arc<str>>) -> (Arc<str>, Duration) {
        let mut session = match self.open(context).await {
            Ok(session) => session,
            Err(why) => return (why.into(), Duration::ZERO),
        };
        *said = None;
        tracing::info!(side = %self.side, broker = %self.broker, "the watch over real canaries listens");
        let begin = Instant::now();
        let mut since = Utc::now();
        self.tell(context, since, Hearing::All { since }).await;
        let mut told = vec![None; self.ears.len()];
        let (mut due, mut asked) = (begin, None);
        loop {
            let event = tokio::select! {
                event = session.next() => event,
                () = sleep_until(due) => {
                    due = Instant::now() + self.proof();
                    let now = Utc::now();
                    if session.ask() && let Some(asked) = asked.replace(now) {
                        // Of a clock that was set back it may not have begun in the future.
                        since = since.min(asked);
                        self.tell(context, asked, Hearing::All { since }).await;
                    }
                    continue;
                }
            };
            match event {
                Ok(Event::Message(message)) => self.hear(context, &message, &mut told).await,
                Ok(Event::Acknowledged(_)) => {}
                Err(error) => return (error.to_string().into(), begin.elapsed()),
            }
        }
    }

    fn keep_alive(&self) -> Duration {
        self.every.saturating_mul(PATIENCE).clamp(KEEP_ALIVE[0], KEEP_ALIVE[1])
    }

    fn proof(&self) -> Duration {
        (self.every / PROOFS).clamp(PROOF[0], PROOF[1])
    }

    async fn open(&self, context: &CanaryContext) -> Result<MqttSession, String> {
        let host = &self.broker.host;
        let address = context.pins.get(self.side, host);
        let address = address.ok_or_else(|| format!("{host} is none of the names that move"))?;
        let address = SocketAddr::new(address, self.broker.port);
        // Another canary process must not take the session away: the id is this one's own.
        let number: u32 = rand::rng().random();
        let mut options = MqttOptions::new(format!("serin-canaries-{}-{number:08x}", self.side));
        options.keep_alive = self.keep_alive();
        options.credentials =
            self.account.as_ref().map(|account| (account.username.clone(), account.password.clone()));
        let opened =
            MqttSession::open(address, &self.broker, &options, &context.trust, &context.timeouts).await;
        let (mut session, _) = opened.map_err(|error| error.to_string())?;
        let filters: BTreeSet<_> = self.ears.iter().map(|ear| &ear.filter).collect();
        for filter in filters {
            session.subscribe(filter, Qos::AtLeastOnce).await.map_err(|error| error.to_string())?;
        }
        Ok(session)
    }

    async fn hear(&self, context: &CanaryContext, message: &Message, told: &mut [Option<Instant>]) {
        if message.retain {
            // Kept by the broker for whoever subscribes: of any age, and no sign of life.
            return;
        }
        let (mut body, now) = (Body::default(), Instant::now());
        for (ear, told) in self.ears.iter().zip(told) {
            if told.is_some_and(|told| now - told < PACE) {
                continue;
            }
            let Some(told_at) = ear.hears(message, &mut body) else { continue };
            *told = Some(now);
            let (at, canary, side) = (Utc::now(), ear.canary.clone(), Some(self.side));
            report(context, Observation::Canary(CanarySeen { at, canary, side, told_at })).await;
        }
    }

    async fn tell(&self, context: &CanaryContext, at: DateTime<Utc>, hearing: Hearing) {
        let canaries = self.ears.iter().map(|ear| ear.canary.clone()).collect();
        report(context, Observation::CanaryLink(CanaryLink { at, canaries, side: self.side, hearing })).await;
    }
}

async fn report(context: &CanaryContext, observation: Observation) {
    if context.observations.send(observation).await.is_err() {
        tracing::debug!("nobody listens to the watch over real canaries any more");
    }
}
