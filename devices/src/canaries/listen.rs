//! One session on one side's broker, again and again.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use cutover::{CanaryLink, CanarySeen, Observation, Side};
use probes::mqtt::{Event, Message, Qos};
use probes::{MqttOptions, MqttSession, MqttTarget};
use rand::RngExt;
use tokio::time::{Instant, sleep};

use super::CanaryContext;
use super::ear::{Body, Ear};
use crate::Account;
use crate::device::Backoff;

/// After so long without a word the broker is asked whether it is still there: a dead connection must not pass for a
/// silent canary for long.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// Of one canary no more is told than one sign of life in this time: a flood says no more than that.
const PACE: Duration = Duration::from_millis(100);

/// Who listens on one side's broker for real canaries.
#[derive(Debug, Clone)]
pub struct Listener {
    pub(super) side: Side,
    pub(super) broker: MqttTarget,
    pub(super) account: Option<Account>,
    pub(super) ears: Vec<Ear>,
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
            if lasted >= KEEP_ALIVE {
                backoff.reset();
            }
            if said.as_ref() != Some(&why) {
                tracing::warn!(side = %self.side, broker = %self.broker, %why, "the watch over real canaries is deaf");
                said = Some(why.clone());
                self.tell(context, Some(why)).await;
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
        self.tell(context, None).await;
        let since = Instant::now();
        let mut told = vec![None; self.ears.len()];
        loop {
            match session.next().await {
                Ok(Event::Message(message)) => self.hear(context, &message, &mut told).await,
                Ok(Event::Acknowledged(_)) => {}
                Err(error) => return (error.to_string().into(), since.elapsed()),
            }
        }
    }

    async fn open(&self, context: &CanaryContext) -> Result<MqttSession, String> {
        let host = &self.broker.host;
        let address = context.pins.get(self.side, host);
        let address = address.ok_or_else(|| format!("{host} is none of the names that move"))?;
        let address = SocketAddr::new(address, self.broker.port);
        // Another canary process must not take the session away: the id is this one's own.
        let number: u32 = rand::rng().random();
        let mut options = MqttOptions::new(format!("serin-canaries-{}-{number:08x}", self.side));
        options.keep_alive = KEEP_ALIVE;
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

    async fn tell(&self, context: &CanaryContext, trouble: Option<Arc<str>>) {
        let canaries = self.ears.iter().map(|ear| ear.canary.clone()).collect();
        let link = CanaryLink { at: Utc::now(), canaries, side: self.side, trouble };
        report(context, Observation::CanaryLink(link)).await;
    }
}

async fn report(context: &CanaryContext, observation: Observation) {
    if context.observations.send(observation).await.is_err() {
        tracing::debug!("nobody listens to the watch over real canaries any more");
    }
}
