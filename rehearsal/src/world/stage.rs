//! The running world, and what steers it.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use super::{Places, timeline::Marks};
use crate::{
    app::{Application, Conduct},
    broker::Broker,
    dns::{Resolver, Zone},
    faults::{Active, Fault, Mark},
    gate::Manner,
    mail::Mail,
    side::Side,
};

/// The mails that have arrived, the oldest first; changes with every mail.
pub type Mails = watch::Receiver<Arc<Vec<Arc<Mail>>>>;

/// One side on the stage.
pub(super) struct SideStage {
    pub(super) app: Arc<Application>,
    pub(super) broker: Broker,
    /// What the gates of its API and of its broker do.
    pub(super) manner: watch::Sender<Manner>,
}

/// Everything that can be steered while the world runs.
pub(super) struct Stage {
    pub(super) places: Places,
    pub(super) old: SideStage,
    pub(super) new: SideStage,
    pub(super) zone: Arc<Zone>,
    pub(super) office: Arc<Resolver>,
    pub(super) replicating: watch::Sender<bool>,
    /// Whether the first real device is silent on the new side.
    pub(super) silent: watch::Sender<bool>,
    pub(super) mails: Mails,
    pub(super) marks: Marks,
    pub(super) active: Mutex<Active>,
}

impl Stage {
    pub(super) fn flip(&self, side: Side) {
        self.zone.flip(self.places.address(side));
        tracing::info!(%side, "the names point to the other address now");
    }

    pub(super) fn mark(&self, mark: Mark) {
        self.marks.reach(mark);
    }

    pub(super) fn publish(&self, side: Side, topic: &str, payload: Bytes) {
        self.side(side).broker.publish(topic, payload, false);
    }

    pub(super) fn inject(&self, fault: Fault) {
        tracing::info!(%fault, "a fault is at work");
        self.change(|active| active.add(fault));
    }

    pub(super) fn heal(&self) {
        tracing::info!("no fault is at work any more");
        self.change(|active| *active = Active::default());
    }

    fn side(&self, side: Side) -> &SideStage {
        match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        }
    }

    /// Changes which faults are at work, and arranges the world as they say. Under one lock, so that of two changes at
    /// the same time the later one is also arranged last.
    fn change(&self, change: impl FnOnce(&mut Active)) {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut active);
        self.arrange(&active);
    }

    fn arrange(&self, active: &Active) {
        let new = match active {
            Active { canary_cut: true, .. } => Manner::Hang,
            Active { new_hang: true, .. } => Manner::Hang,
            Active { new_down: true, .. } => Manner::Down,
            _ => Manner::Open,
        };
        // A forwarder in front of a side that is down or hangs does not make it better.
        let old = match new {
            Manner::Open if active.forwarder => Manner::Forward,
            worse if active.forwarder || active.canary_cut => worse,
            _ => Manner::Open,
        };
        set(&self.new.manner, new);
        set(&self.old.manner, old);
        self.old.app.set_conduct(Conduct { errors: active.old_errors, ..Conduct::default() });
        self.new.app.set_conduct(Conduct {
            errors: active.new_errors,
            slow: active.new_slow,
            tail: active.new_tail,
            wrong: active.wrong_answer,
            lost: active.lost_datapoints,
            forgetful: active.forgetful,
        });
        self.new.broker.set_drop(active.broker_drop);
        self.office.set_stale(active.dns_stale);
        self.zone.set_other(active.dns_other);
        self.zone.set_failing(active.dns_fail);
        self.zone.set_silent(active.canary_cut);
        set(&self.replicating, !active.replication_stop);
        set(&self.silent, active.canary_silent);
    }
}

/// Sets a value, and tells of it only if it is another one: gates cut their connections when they are told.
fn set<T: PartialEq>(sender: &watch::Sender<T>, value: T) {
    sender.send_if_modified(|current| {
        let differs = *current != value;
        *current = value;
        differs
    });
}
