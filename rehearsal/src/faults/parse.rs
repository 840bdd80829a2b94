//! Reading faults from the command line: `NAME[=VALUE][@MOMENT]`.

use std::{net::Ipv4Addr, str::FromStr, time::Duration};

use super::{Fault, FaultInfo, Moment, Timed};

/// Why a text is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no fault of that name.
    #[error("there is no fault `{name}`: {hint}")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The nearest name, or all of them.
        hint: String,
    },
    /// The value does not fit the fault.
    #[error("fault `{name}`: {why}")]
    Value {
        /// The fault's name.
        name: &'static str,
        /// What is wrong with the value.
        why: String,
    },
    /// What follows the `@` is not a moment.
    #[error("fault `{spec}`: {why}")]
    Moment {
        /// The whole text.
        spec: String,
        /// What is wrong with the moment.
        why: String,
    },
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads `NAME[=VALUE]`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let info = find(name)?;
        match value {
            None => Ok(info.default),
            Some(value) => {
                with_value(info.default, value).map_err(|why| FaultError::Value { name: info.name, why })
            }
        }
    }
}

impl FromStr for Timed<Fault> {
    type Err = FaultError;

    /// Reads `NAME[=VALUE][@MOMENT]`, a moment being `start`, `ready`, `set` or `go`, with `+DURATION` or without.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (fault, moment) =
            text.split_once('@').map_or((text, None), |(fault, moment)| (fault, Some(moment)));
        let what: Fault = fault.parse()?;
        let at = match moment {
            None => what.info().moment,
            Some(moment) => {
                moment.parse::<Moment>().map_err(|why| FaultError::Moment { spec: text.to_owned(), why })?
            }
        };
        Ok(Self { what, at })
    }
}

fn find(name: &str) -> Result<&'static FaultInfo, FaultError> {
    let names = || Fault::catalogue().iter().map(|info| info.name);
    Fault::catalogue().iter().find(|info| info.name == name).ok_or_else(|| {
        let near = names().map(|known| (strsim::osa_distance(known, name), known)).min();
        let hint = match near {
            Some((distance, known)) if distance <= 3 => format!("did you mean `{known}`?"),
            _ => format!("choose one of {}", names().collect::<Vec<_>>().join(", ")),
        };
        FaultError::Unknown { name: name.to_owned(), hint }
    })
}

fn with_value(fault: Fault, value: &str) -> Result<Fault, String> {
    Ok(match fault {
        Fault::NewErrors(_) => Fault::NewErrors(value.parse()?),
        Fault::NewTail(_) => Fault::NewTail(value.parse()?),
        Fault::OldErrors(_) => Fault::OldErrors(value.parse()?),
        Fault::WrongAnswer(_) => Fault::WrongAnswer(value.parse()?),
        Fault::LostDatapoints(_) => Fault::LostDatapoints(value.parse()?),
        Fault::Forgetful(_) => Fault::Forgetful(value.parse()?),
        Fault::Split(_) => Fault::Split(value.parse()?),
        Fault::NewSlow(_) => Fault::NewSlow(duration(value)?),
        Fault::BrokerDrop(_) => Fault::BrokerDrop(duration(value)?),
        Fault::DnsOther(_) => Fault::DnsOther(address(value)?),
        Fault::NewDown
        | Fault::NewHang
        | Fault::DnsFail
        | Fault::DnsStale
        | Fault::Forwarder
        | Fault::ReplicationStop
        | Fault::CanaryCut
        | Fault::CanarySilent => return Err(format!("it takes no value, but was given `{value}`")),
    })
}

fn duration(value: &str) -> Result<Duration, String> {
    humantime::parse_duration(value)
        .map_err(|_| format!("`{value}` is not a duration: write it like `2s` or `300ms`"))
}

fn address(value: &str) -> Result<Ipv4Addr, String> {
    value.parse().map_err(|_| format!("`{value}` is not an IPv4 address: write it like `127.0.9.9`"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::faults::{Mark, Share};

    #[test]
    fn a_name_alone_takes_the_defaults() {
        for info in Fault::catalogue() {
            let timed: Timed<Fault> = info.name.parse().unwrap();
            assert_eq!((timed.what, timed.at), (info.default, info.moment));
            assert_eq!(timed.to_string().parse(), Ok(timed), "written and read back");
        }
    }

    #[test]
    fn value_and_moment_are_taken() {
        let timed: Timed<Fault> = "new-errors=12.5%@set+3s".parse().unwrap();
        assert_eq!(timed.what, Fault::NewErrors(Share::percent(12.5).unwrap()));
        assert_eq!(timed.at, Moment::new(Mark::Set, 3));
        assert_eq!("new-slow=500ms".parse(), Ok(Fault::NewSlow(Duration::from_millis(500))));
        assert_eq!("dns-other=127.0.8.8".parse(), Ok(Fault::DnsOther(Ipv4Addr::new(127, 0, 8, 8))));
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let error = |text: &str| text.parse::<Timed<Fault>>().unwrap_err().to_string();
        assert_eq!(error("new-eror"), "there is no fault `new-eror`: did you mean `new-errors`?");
        assert!(error("earthquake").contains("choose one of new-errors, new-slow"));
        assert_eq!(error("new-down=5%"), "fault `new-down`: it takes no value, but was given `5%`");
        assert!(error("new-errors=lots").starts_with("fault `new-errors`: `lots` is not a share"));
        assert!(error("new-slow=2").contains("`2` is not a duration"));
        assert!(error("new-down@later").contains("`later` is no mark"));
        assert!(error("").contains("choose one of"));
    }
}
