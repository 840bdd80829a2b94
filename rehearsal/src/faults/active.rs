//! The faults that are at work.

use std::{net::Ipv4Addr, time::Duration};

use super::{Fault, Share};

/// Which faults are at work now; none, by default.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Active {
    pub(crate) new_errors: Option<Share>,
    pub(crate) new_slow: Option<Duration>,
    pub(crate) new_tail: Option<Share>,
    pub(crate) new_down: bool,
    pub(crate) new_hang: bool,
    pub(crate) old_errors: Option<Share>,
    pub(crate) wrong_answer: Option<Share>,
    pub(crate) lost_datapoints: Option<Share>,
    pub(crate) forgetful: Option<Share>,
    pub(crate) broker_drop: Option<Duration>,
    pub(crate) dns_fail: bool,
    pub(crate) dns_stale: bool,
    pub(crate) dns_other: Option<Ipv4Addr>,
    pub(crate) forwarder: bool,
    pub(crate) replication_stop: bool,
    pub(crate) canary_cut: bool,
    pub(crate) canary_silent: bool,
}

impl Active {
    /// Adds a fault; a second one of the same kind replaces the first.
    pub(crate) fn add(&mut self, fault: Fault) {
        match fault {
            Fault::NewErrors(share) => self.new_errors = Some(share),
            Fault::NewSlow(delay) => self.new_slow = Some(delay),
            Fault::NewTail(share) => self.new_tail = Some(share),
            Fault::NewDown => self.new_down = true,
            Fault::NewHang => self.new_hang = true,
            Fault::OldErrors(share) => self.old_errors = Some(share),
            Fault::WrongAnswer(share) => self.wrong_answer = Some(share),
            Fault::LostDatapoints(share) => self.lost_datapoints = Some(share),
            Fault::Forgetful(share) => self.forgetful = Some(share),
            Fault::BrokerDrop(after) => self.broker_drop = Some(after),
            Fault::DnsFail => self.dns_fail = true,
            Fault::DnsStale => self.dns_stale = true,
            Fault::DnsOther(address) => self.dns_other = Some(address),
            Fault::Split(_) => {} // done by whoever runs the fleet
            Fault::Forwarder => self.forwarder = true,
            Fault::ReplicationStop => self.replication_stop = true,
            Fault::CanaryCut => self.canary_cut = true,
            Fault::CanarySilent => self.canary_silent = true,
        }
    }
}
