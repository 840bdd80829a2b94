//! Who reads back: one task a fleet, a few connections a side.

use std::collections::{BTreeSet, HashMap};
use std::future::pending;
use std::sync::Arc;

use cutover::{DeviceEvent, Reached, Route, Side};
use http::{HeaderValue, StatusCode, header};
use probes::{Aim, HttpRequest, HttpSession, ProbeError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::ledger::{Finding, Ledger};
use super::{Claim, Word, answer};
use crate::data::{Fill, Reading};
use crate::fleet::Fleet;
use crate::plan::{ReadOn, VerifyPlan};

/// How many reads of a fleet are under way at once, at most: the API has users to serve.
const READS: usize = 32;

/// The datapoints of one device in one place.
type Key = (u32, Route);

/// Reads back what is claimed, until the fleet ends.
pub(crate) async fn read_back(fleet: Arc<Fleet>, mut words: mpsc::Receiver<(u32, Word)>) {
    let Some(plan) = fleet.plan.verify.clone() else { return };
    let mut reader =
        Reader { plan, ledgers: HashMap::new(), due: BTreeSet::new(), idle: HashMap::new(), fleet };
    let cancel = reader.fleet.context.cancel.clone();
    let mut reads = JoinSet::new();
    loop {
        let free = reads.len() < READS;
        let next = reader.due.first().map(|(at, _)| *at).filter(|_| free);
        tokio::select! {
            () = cancel.cancelled() => return,
            Some((index, word)) = words.recv() => match word {
                Word::Claim(claim) => reader.claim(index, claim),
                Word::Again(seq) => reader.again(index, seq),
            },
            Some(Ok(read)) = reads.join_next() => reader.read(read),
            () = async { match next { Some(at) => sleep_until(at).await, None => pending().await } } => {
                if let Some((_, key)) = reader.due.pop_first() {
                    let asking = reader.ask(key);
                    reads.spawn(asking);
                }
            }
        }
    }
}

/// All that is read back of one fleet.
struct Reader {
    fleet: Arc<Fleet>,
    plan: VerifyPlan,
    ledgers: HashMap<Key, Ledger>,
    /// When to look for whose datapoints next. Whose are being looked for now are not in it.
    due: BTreeSet<(Instant, Key)>,
    /// Clients that nobody uses now.
    idle: HashMap<Route, Vec<HttpSession>>,
}

/// A read that is over.
struct Read {
    key: Key,
    asked: Instant,
    client: Option<HttpSession>,
    /// The side that answered, and the numbers of the datapoints there.
    answer: Result<(Option<Side>, Vec<u64>), String>,
}

impl Reader {
    fn claim(&mut self, index: u32, claim: Claim) {
        let follow = match claim.reached {
            Reached::Old => Route::Old,
            Reached::New => Route::New,
            Reached::Other => Route::Live,
        };
        let routes: &[Route] = match self.plan.on {
            ReadOn::Device => &[follow],
            ReadOn::Only(side) => &[Route::from(side)],
            ReadOn::Live => &[Route::Live],
            ReadOn::Both => &[Route::Old, Route::New],
        };
        for route in routes {
            let key = (index, *route);
            let ledger = self.ledgers.entry(key).or_default();
            let asleep = ledger.look_at(claim.sent, self.plan.within).is_none();
            ledger.claim(claim.seq, claim.sent, claim.sends);
            // One that is being asked for, or about to be, is asked for again afterwards.
            if asleep {
                self.schedule(key);
            }
        }
    }

    fn again(&mut self, index: u32, seq: u64) {
        for route in [Route::Old, Route::New, Route::Live] {
            self.ledgers.get_mut(&(index, route)).into_iter().for_each(|ledger| ledger.again(seq));
        }
    }

    fn schedule(&mut self, key: Key) {
        let look_at =
            self.ledgers.get(&key).and_then(|ledger| ledger.look_at(Instant::now(), self.plan.within));
        self.due.extend(look_at.map(|at| (at, key)));
    }

    /// Asks for the datapoints of one device in one place.
    fn ask(&mut self, key: Key) -> impl Future<Output = Read> + Send + use<> {
        let (index, route) = key;
        let after = self.ledgers.get(&key).map_or(0, Ledger::after);
        let (fleet, plan) = (Arc::clone(&self.fleet), self.plan.clone());
        let client = self.idle.get_mut(&route).and_then(Vec::pop).map_or_else(|| self.client(route), Ok);
        async move {
            let asked = Instant::now();
            let mut client = match client {
                Ok(client) => client,
                Err(error) => return Read { key, asked, client: None, answer: Err(error.message) },
            };
            let answer = numbers(&fleet, &plan, index, after, &mut client).await;
            // A connection that failed once is not used again.
            let client = answer.is_ok().then_some(client);
            Read { key, asked, client, answer }
        }
    }

    fn client(&self, route: Route) -> Result<HttpSession, ProbeError> {
        let context = &self.fleet.context;
        let (sides, pins) = (Arc::clone(&context.sides), Arc::clone(&context.pins));
        let aim = Aim::new(route, sides, pins, context.resolver.clone());
        HttpSession::new(aim, &context.trust, context.timeouts.within(self.plan.within), &context.user_agent)
    }

    fn read(&mut self, Read { key, asked, client, answer }: Read) {
        let (index, route) = key;
        self.idle.entry(route).or_default().extend(client);
        let Some(ledger) = self.ledgers.get_mut(&key) else { return };
        let (side, findings) = match answer {
            Ok((side, numbers)) => (side, ledger.read(&numbers, asked, Instant::now(), self.plan.within)),
            Err(why) => {
                tracing::debug!(device = %self.fleet.plan.device(index), %why, "could not read datapoints back");
                (route.pinned(), ledger.unanswered(asked, self.plan.within))
            }
        };
        let board = &self.fleet.board;
        for finding in findings {
            match finding {
                Finding::There(after) => board.verified(after, side),
                Finding::Lost => board.happened(DeviceEvent::DatapointLost, side),
                Finding::Duplicate => board.happened(DeviceEvent::DatapointDuplicate, side),
                Finding::OutOfOrder => board.happened(DeviceEvent::DatapointOutOfOrder, side),
                Finding::Unread => board.happened(DeviceEvent::DatapointUnread, side),
            }
        }
        self.schedule(key);
    }
}

/// The numbers of the datapoints that the application has of a device, and the side that says so.
async fn numbers(
    fleet: &Fleet,
    plan: &VerifyPlan,
    index: u32,
    after: u64,
    client: &mut HttpSession,
) -> Result<(Option<Side>, Vec<u64>), String> {
    let device = fleet.plan.device(index);
    let reading = Reading { seq: after, ..Reading::NONE };
    let fill = Fill { device: &device, fleet: &fleet.plan.name, reading: Some(&reading) };
    let url = Url::parse(&plan.read.url.fill(fill)).map_err(|error| error.to_string())?;
    let mut request = HttpRequest::new(plan.read.method.clone(), url);
    if let Some(token) = &plan.token {
        let mut value =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|error| error.to_string())?;
        value.set_sensitive(true);
        request.headers.insert(header::AUTHORIZATION, value);
    }
    let answer = client.send(request).await.map_err(|error| error.message)?;
    let numbers = match answer.status {
        // An application that does not know the device has none of its datapoints.
        StatusCode::NOT_FOUND => Vec::new(),
        status if !status.is_success() => return Err(format!("answered {status}")),
        _ if answer.truncated => return Err("the answer is too long".to_owned()),
        _ => answer::numbers(plan, &answer.body)?,
    };
    Ok((answer.reached.side(), numbers))
}
