//! The desk at which single devices are asked for, and resets ordered.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cutover::{DevicePage, DeviceQuery, FleetReset, ResetReport};
use dashboards::{Command, Inquiry, ResetOrder};
use devices::{FleetHandle, FleetPlan, Instruction};
use tokio::sync::{Semaphore, mpsc};

use crate::life::Life;
use crate::reset::{Sender, Wave, Whom};

/// Orders that are remembered.
const ORDERS: usize = 64;
/// Resets that are sent at one time: brokers have devices to serve.
const AT_ONCE: usize = 2;

/// Who sits at the desk.
#[derive(Debug)]
pub(crate) struct Desk {
    fleets: Vec<FleetHandle>,
    plans: Arc<[FleetPlan]>,
    waves: Vec<Wave>,
    sender: Sender,
    commands: mpsc::Sender<Command>,
    life: Life,
    turns: Arc<Semaphore>,
    orders: VecDeque<Order>,
}

/// An order that was taken.
#[derive(Debug)]
struct Order {
    id: Arc<str>,
    by: String,
    at: DateTime<Utc>,
    waves: Vec<Arc<str>>,
}

impl Desk {
    /// A desk for these fleets.
    pub(crate) fn new(
        fleets: Vec<FleetHandle>,
        waves: Vec<Wave>,
        sender: Sender,
        commands: mpsc::Sender<Command>,
        life: Life,
    ) -> Self {
        let plans = fleets.iter().map(|fleet| fleet.plan().clone()).collect();
        let (turns, orders) = (Arc::new(Semaphore::new(AT_ONCE)), VecDeque::new());
        Self { fleets, plans, waves, sender, commands, life, turns, orders }
    }

    /// Answers until nobody can ask any more.
    pub(crate) async fn run(mut self, mut inquiries: mpsc::Receiver<Inquiry>) {
        while let Some(inquiry) = inquiries.recv().await {
            // Whoever no longer waits does not want the answer.
            match inquiry {
                Inquiry::Devices { query, reply } => drop(reply.send(self.devices(&query))),
                Inquiry::Reset { id, reply } => drop(reply.send(self.report(&id))),
                Inquiry::Order { order, reply } => drop(reply.send(self.order(order))),
            }
        }
    }

    fn devices(&self, query: &DeviceQuery) -> Result<DevicePage, String> {
        if let Some(name) = &query.fleet {
            self.known(name)?;
        }
        let wanted =
            self.fleets.iter().filter(|fleet| query.fleet.as_deref().is_none_or(|it| **fleet.name() == *it));
        let mut page = DevicePage::default();
        // Fleets before the one with the device named have been shown.
        let mut after = query.after.as_deref();
        for fleet in wanted {
            let index = match after.map(|name| fleet.plan().index(name)) {
                None => None,
                Some(Some(index)) => Some(index),
                Some(None) => continue,
            };
            after = None;
            let left = query.limit - page.devices.len();
            let (mut lines, more) = fleet.devices(query, index, left);
            page.devices.append(&mut lines);
            if more {
                page.next = page.devices.last().map(|line| line.device.clone());
                break;
            }
        }
        match after {
            Some(name) => Err(format!("`{name}` is no device here to go on after")),
            None => Ok(page),
        }
    }

    fn report(&self, id: &str) -> Option<ResetReport> {
        let order = self.orders.iter().find(|order| *order.id == *id);
        let fleets = self
            .fleets
            .iter()
            .filter_map(|fleet| Some(FleetReset { fleet: Arc::clone(fleet.name()), sums: fleet.reset(id)? }));
        let fleets: Vec<_> = fleets.collect();
        (order.is_some() || !fleets.is_empty()).then(|| ResetReport {
            id: id.into(),
            by: order.map(|order| order.by.clone()),
            since: order.map(|order| order.at),
            waves: order.map_or_else(Vec::new, |order| order.waves.clone()),
            fleets,
        })
    }

    fn order(&mut self, order: ResetOrder) -> Result<String, String> {
        let id = order.id.clone().unwrap_or_else(|| format!("reset-{}", Utc::now().timestamp_millis()));
        if !Instruction::names(&id) {
            return Err("an id has 1 to 128 letters, digits, `-`, `_`, `.` or `:`".to_owned());
        }
        let whom = Whom::of(order.fleet.as_deref(), order.device.as_deref(), order.wave.as_deref());
        let chosen = whom.members(&self.waves, &self.plans)?;
        let turn =
            match order.send && !order.sent {
                true => Some(Arc::clone(&self.turns).try_acquire_owned().map_err(|_| {
                    format!("{AT_ONCE} resets are being sent: wait until one of them is done")
                })?),
                false => None,
            };
        for (plan, indices) in &chosen {
            let fleet = self.fleets.iter().find(|fleet| *fleet.name() == plan.name);
            fleet.into_iter().for_each(|fleet| fleet.meant(&id, indices.as_deref()));
        }
        if !order.sent {
            self.note(&order.by, format!("reset {id} of {whom}"));
        }
        let chosen: Vec<_> = chosen.into_iter().map(|(plan, indices)| (plan.clone(), indices)).collect();
        self.remember(&id, &order);
        if let Some(turn) = turn {
            let (sender, commands) = (self.sender.clone(), self.commands.clone());
            let (cancel, by, sent) = (self.life.cancel.clone(), order.by, id.clone());
            let sending = async move {
                for (plan, indices) in &chosen {
                    for sent in sender.send(plan, &sent, indices.as_deref()).await {
                        let text = format!("reset {} {sent}", &*by);
                        tracing::info!(%sent, "reset");
                        if sent.result.is_err() {
                            drop(commands.try_send(Command::Note { by: by.clone(), text }));
                        }
                    }
                }
                drop(turn);
            };
            // The end of the canary waits for no broker.
            self.life.spawn("a reset", async move {
                cancel.run_until_cancelled(sending).await;
            });
        }
        Ok(id)
    }

    fn remember(&mut self, id: &str, order: &ResetOrder) {
        // Who goes through all waves goes on with the first one that was not sent. What is only being sent may still
        // fail: sent again, whoever has it obeys once.
        let wave = order.wave.as_deref().filter(|_| order.sent).map(Arc::from);
        if let Some(known) = self.orders.iter_mut().find(|known| *known.id == *id) {
            known.waves.extend(wave.filter(|wave| !known.waves.contains(wave)));
            return;
        }
        let (id, by) = (id.into(), order.by.clone());
        self.orders.push_back(Order { id, by, at: Utc::now(), waves: wave.into_iter().collect() });
        if self.orders.len() > ORDERS {
            self.orders.pop_front();
        }
    }

    fn note(&self, by: &str, text: String) {
        if self.commands.try_send(Command::Note { by: by.to_owned(), text }).is_err() {
            tracing::warn!("a reset is not written down: too many commands are waiting");
        }
    }

    fn known(&self, name: &str) -> Result<(), String> {
        let names: Vec<_> = self.fleets.iter().map(|fleet| &**fleet.name()).collect();
        match names.contains(&name) {
            true => Ok(()),
            false => Err(format!("there is no fleet `{name}`: {}", document::did_you_mean(name, names))),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::deadline::Deadline;
    use crate::engine::tests::Stage;
    use crate::reset::Who;
    use crate::vigil::Vigil;

    #[tokio::test]
    async fn devices_are_listed_page_by_page_and_an_order_says_who_was_meant() {
        let stage = Stage::start().await;
        let (engine, sender) = (stage.engine().await, Sender::new(&stage.config()));
        let wave = |name: &str, who| Wave { name: name.into(), who, pause: Duration::ZERO };
        let first = wave("first", Who::Devices(vec!["lamps-000002".to_owned()]));
        let waves = vec![first, wave("rest", Who::Share(1.0))];
        let (commands, mut noted) = mpsc::channel(9);
        let mut desk = Desk::new(engine.fleets.clone(), waves, sender, commands, Life::new(Vigil::new()));
        let page = |after: Option<&str>, fleet: Option<&str>| {
            let (after, fleet) = (after.map(str::to_owned), fleet.map(str::to_owned));
            desk.devices(&DeviceQuery { after, fleet, limit: 2, ..DeviceQuery::default() })
        };
        let first = page(None, None).unwrap();
        assert_eq!((first.devices.len(), first.next.as_deref()), (2, Some("lamps-000001")));
        let last = page(first.next.as_deref(), Some("lamps")).unwrap();
        assert_eq!((&*last.devices[0].device, last.devices.len(), last.next), ("lamps-000002", 1, None));
        let nobody = page(Some("lamps-9"), None).unwrap_err();
        assert_eq!(nobody, "`lamps-9` is no device here to go on after");
        let none = page(None, Some("lamp")).unwrap_err();
        assert_eq!(none, "there is no fleet `lamp`: did you mean `lamps`?");

        let order = |wave: &str, sent| ResetOrder {
            id: Some("go".to_owned()),
            wave: Some(wave.to_owned()),
            by: "ann".to_owned(),
            sent,
            ..ResetOrder::default()
        };
        for order in [order("first", false), order("first", true), order("rest", false)] {
            assert_eq!(desk.order(order).unwrap(), "go");
        }
        let report = desk.report("go").unwrap();
        assert_eq!((report.by.as_deref(), &*report.waves), (Some("ann"), &[Arc::from("first")][..]));
        assert_eq!((report.fleets[0].sums.meant, report.fleets[0].sums.missed.count), (3, 3));
        for text in ["reset go of wave first", "reset go of wave rest"] {
            let told = noted.try_recv().unwrap();
            assert!(
                matches!(&told, Command::Note { by, text: said } if by == "ann" && said == text),
                "{told:?}"
            );
        }
        assert!(desk.order(order("second", false)).unwrap_err().starts_with("there is no wave `second`"));
        let bad = ResetOrder { id: Some("a b".to_owned()), ..order("first", false) };
        assert!(desk.order(bad).unwrap_err().starts_with("an id has"));
        assert_eq!(desk.report("no"), None);
        engine.drain(Deadline::of_drain()).await.unwrap();
    }
}
