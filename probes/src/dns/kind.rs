//! The types of records that can be asked for.

use std::fmt;
use std::str::FromStr;

use hickory_proto::rr::RecordType;

/// A type of record that can be asked for (RFC 1035 section 3.2.2, RFC 3596, RFC 2782, RFC 8659).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
    /// The name of which this one is an alias.
    Cname,
    /// Where mail goes.
    Mx,
    /// Text.
    Txt,
    /// The zone's name servers.
    Ns,
    /// The zone's authority.
    Soa,
    /// Where a service is.
    Srv,
    /// The name of an address.
    Ptr,
    /// Who may issue certificates.
    Caa,
}

impl RecordKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::A,
        Self::Aaaa,
        Self::Cname,
        Self::Mx,
        Self::Txt,
        Self::Ns,
        Self::Soa,
        Self::Srv,
        Self::Ptr,
        Self::Caa,
    ];

    /// As it is written: `AAAA`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Ns => "NS",
            Self::Soa => "SOA",
            Self::Srv => "SRV",
            Self::Ptr => "PTR",
            Self::Caa => "CAA",
        }
    }

    pub(super) const fn record_type(self) -> RecordType {
        match self {
            Self::A => RecordType::A,
            Self::Aaaa => RecordType::AAAA,
            Self::Cname => RecordType::CNAME,
            Self::Mx => RecordType::MX,
            Self::Txt => RecordType::TXT,
            Self::Ns => RecordType::NS,
            Self::Soa => RecordType::SOA,
            Self::Srv => RecordType::SRV,
            Self::Ptr => RecordType::PTR,
            Self::Caa => RecordType::CAA,
        }
    }
}

impl FromStr for RecordKind {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(())
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_read_as_it_is_written_here_and_in_dns() {
        for kind in RecordKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(kind.record_type().to_string(), kind.as_str());
        }
        assert_eq!("a".parse::<RecordKind>(), Err(()));
    }
}
