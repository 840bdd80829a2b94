//! The closed set of faults.

use std::{fmt, mem, net::Ipv4Addr, time::Duration};

use super::{Mark, Moment, Share};

/// Something that goes wrong in the world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// The new side answers a share of its HTTP requests with 500.
    NewErrors(Share),
    /// The new side takes so much longer to answer an HTTP request.
    NewSlow(Duration),
    /// The new side takes much longer for a share of its HTTP requests.
    NewTail(Share),
    /// The new side refuses connections, and cuts those it has.
    NewDown,
    /// The new side accepts connections and says nothing.
    NewHang,
    /// The old side answers a share of its HTTP requests with 500.
    OldErrors(Share),
    /// The new side gives a wrong value for a share of its datapoints.
    WrongAnswer(Share),
    /// The new side accepts a share of its datapoints and keeps none of them.
    LostDatapoints(Share),
    /// The new side acknowledges what devices send after their first datapoint, and loses a share of it.
    Forgetful(Share),
    /// The new side's broker cuts every connection so long after its CONNECT.
    BrokerDrop(Duration),
    /// The zone and both resolvers answer SERVFAIL.
    DnsFail,
    /// The resolver `office` keeps its answers for ever.
    DnsStale,
    /// The zone answers with this address, which belongs to neither side.
    DnsOther(Ipv4Addr),
    /// A share of the fleet talks to both sides at once. Done by whoever runs the fleet; the world does nothing.
    Split(Share),
    /// The old side's addresses hand every connection on to the new side's application.
    Forwarder,
    /// Writes on the old side no longer reach the new one.
    ReplicationStop,
    /// Nothing answers any more, neither side and no DNS: as when the watcher's own network is cut.
    CanaryCut,
    /// One real device falls silent on the new side, its session still open.
    CanarySilent,
}

/// The verdict that a cutover must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The new side is as good as the old one.
    Go,
    /// Neither proven good nor bad: wait.
    Hold,
    /// The new side is worse: return.
    Rollback,
}

impl Verdict {
    /// The verdict's name: `go`, `hold` or `rollback`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Hold => "hold",
            Self::Rollback => "rollback",
        }
    }
}

/// What is to be known about a kind of fault.
#[derive(Debug, Clone, Copy)]
pub struct FaultInfo {
    /// The name under which it is asked for.
    pub name: &'static str,
    /// One line that says what it does.
    pub explanation: &'static str,
    /// The fault with the value that it has when none is given.
    pub default: Fault,
    /// When it begins when no moment is given.
    pub moment: Moment,
    /// The verdict that it must lead to.
    pub verdict: Verdict,
}

const AFTER_GO: Moment = Moment::new(Mark::Go, 10);

#[rustfmt::skip] // a table
const CATALOGUE: [FaultInfo; 18] = {
    use Verdict::{Hold, Rollback};
    const fn entry(name: &'static str, default: Fault, moment: Moment, verdict: Verdict, explanation: &'static str) -> FaultInfo {
        FaultInfo { name, explanation, default, moment, verdict }
    }
    const FIFTH: Share = Share::of_percent(20);
    [
        entry("new-errors", Fault::NewErrors(Share::of_percent(5)), AFTER_GO, Rollback, "the new side answers a share of its HTTP requests with 500"),
        entry("new-slow", Fault::NewSlow(Duration::from_millis(200)), AFTER_GO, Rollback, "the new side takes so much longer to answer each HTTP request"),
        entry("new-tail", Fault::NewTail(Share::of_percent(2)), AFTER_GO, Rollback, "the new side takes 400 ms longer to answer a share of its HTTP requests"),
        entry("new-down", Fault::NewDown, AFTER_GO, Rollback, "the new side refuses connections and cuts those it has"),
        entry("new-hang", Fault::NewHang, AFTER_GO, Rollback, "the new side accepts connections and says nothing"),
        entry("old-errors", Fault::OldErrors(Share::of_percent(30)), AFTER_GO, Hold, "the old side answers a share of its HTTP requests with 500"),
        entry("wrong-answer", Fault::WrongAnswer(FIFTH), AFTER_GO, Rollback, "the new side answers 200 with a wrong value for a share of the datapoints"),
        entry("lost-datapoints", Fault::LostDatapoints(FIFTH), AFTER_GO, Rollback, "the new side accepts a share of the datapoints, over HTTP and MQTT, and loses them"),
        // Journeys send one datapoint each: only who reads back what devices send sees it.
        entry("forgetful", Fault::Forgetful(FIFTH), AFTER_GO, Hold, "the new side acknowledges what devices send after their first datapoint, and loses a share of it"),
        entry("broker-drop", Fault::BrokerDrop(Duration::ZERO), AFTER_GO, Rollback, "the new side's MQTT broker cuts every connection so long after its CONNECT"),
        entry("dns-fail", Fault::DnsFail, AFTER_GO, Hold, "the zone and both resolvers answer SERVFAIL"),
        // Before the flip: a cache that sticks after it would stick to the right answer.
        entry("dns-stale", Fault::DnsStale, Moment::new(Mark::Set, 0), Hold, "the resolver `office` keeps its old answer for ever"),
        entry("dns-other", Fault::DnsOther(Ipv4Addr::new(127, 0, 9, 9)), Moment::new(Mark::Go, 0), Hold, "the names resolve to an address of neither side"),
        // The fleet is made up when the world starts.
        entry("split", Fault::Split(Share::of_percent(10)), Moment::new(Mark::Start, 0), Hold, "a share of the fleet talks to both sides at once"),
        entry("forwarder", Fault::Forwarder, AFTER_GO, Hold, "the old address hands every connection on to the new side's application"),
        // While the old side still takes the writes: later there is nothing left to replicate.
        entry("replication-stop", Fault::ReplicationStop, Moment::new(Mark::Set, 0), Hold, "writes on the old side no longer reach the new one"),
        entry("canary-cut", Fault::CanaryCut, AFTER_GO, Hold, "nothing answers, neither side and no DNS: the watcher's own network is cut"),
        entry("canary-silent", Fault::CanarySilent, AFTER_GO, Hold, "one real device says nothing on the new side, its session still open"),
    ]
};

impl Fault {
    /// Every kind of fault there is.
    #[must_use]
    pub fn catalogue() -> &'static [FaultInfo] {
        &CATALOGUE
    }

    /// What is to be known about this kind of fault.
    #[must_use]
    pub fn info(&self) -> &'static FaultInfo {
        let kind = mem::discriminant(self);
        CATALOGUE
            .iter()
            .find(|info| mem::discriminant(&info.default) == kind)
            .unwrap_or_else(|| unreachable!("the catalogue names every fault, as its test says"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.info().name;
        match self {
            Self::NewErrors(share)
            | Self::NewTail(share)
            | Self::OldErrors(share)
            | Self::WrongAnswer(share)
            | Self::LostDatapoints(share)
            | Self::Forgetful(share)
            | Self::Split(share) => write!(f, "{name}={share}"),
            Self::NewSlow(time) | Self::BrokerDrop(time) => {
                write!(f, "{name}={}", humantime::format_duration(*time))
            }
            Self::DnsOther(address) => write!(f, "{name}={address}"),
            Self::NewDown
            | Self::NewHang
            | Self::DnsFail
            | Self::DnsStale
            | Self::Forwarder
            | Self::ReplicationStop
            | Self::CanaryCut
            | Self::CanarySilent => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_catalogue_names_every_fault_once() {
        // `Display` matches without a wildcard, so a new fault must come by here: count it.
        let kinds: HashSet<_> = CATALOGUE.iter().map(|info| mem::discriminant(&info.default)).collect();
        let names: HashSet<_> = CATALOGUE.iter().map(|info| info.name).collect();
        assert_eq!((kinds.len(), names.len()), (18, 18));
        for info in Fault::catalogue() {
            assert_eq!(info.default.info().name, info.name);
            assert!(!info.explanation.contains('\n'));
        }
    }
}
