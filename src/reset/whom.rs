//! Whom a reset is for.

use std::fmt;

use devices::FleetPlan;
use document::did_you_mean;

use super::{Wave, wave};

/// Whom a reset is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    /// All devices of all fleets.
    All,
    /// A fleet.
    Fleet(String),
    /// A device.
    Device(String),
    /// A wave.
    Wave(String),
}

/// The devices of one fleet that are meant, by index; `None`: all of them.
pub(crate) type Members<'a> = (&'a FleetPlan, Option<Vec<u32>>);

impl Whom {
    /// What is named; all if nothing is.
    pub(crate) fn of(fleet: Option<&str>, device: Option<&str>, wave: Option<&str>) -> Self {
        let fleet = fleet.map(|name| Self::Fleet(name.to_owned()));
        let device = device.map(|name| Self::Device(name.to_owned()));
        let wave = wave.map(|name| Self::Wave(name.to_owned()));
        fleet.or(device).or(wave).unwrap_or(Self::All)
    }

    /// Who that is.
    ///
    /// # Errors
    /// When there is nobody of that name.
    pub(crate) fn members<'a>(
        &self,
        waves: &[Wave],
        fleets: &'a [FleetPlan],
    ) -> Result<Vec<Members<'a>>, String> {
        if fleets.is_empty() {
            return Err("the configuration has no `devices:` to reset".to_owned());
        }
        let names: Vec<_> = fleets.iter().map(|fleet| &*fleet.name).collect();
        match self {
            Self::All => Ok(fleets.iter().map(|fleet| (fleet, None)).collect()),
            Self::Fleet(name) => {
                let fleet = fleets.iter().find(|fleet| *fleet.name == **name);
                let fleet = fleet
                    .ok_or_else(|| format!("there is no fleet `{name}`: {}", did_you_mean(name, names)))?;
                Ok(vec![(fleet, None)])
            }
            Self::Device(name) => {
                let found = fleets.iter().find_map(|fleet| Some((fleet, Some(vec![fleet.index(name)?]))));
                let like: Vec<_> = fleets.iter().map(|fleet| fleet.device(0)).collect();
                let like = like.iter().map(String::as_str);
                let found = found
                    .ok_or_else(|| format!("there is no device `{name}`: {}", did_you_mean(name, like)))?;
                Ok(vec![found])
            }
            Self::Wave(name) => {
                let names = waves.iter().map(|wave| &*wave.name);
                let members = wave(name, waves, fleets).ok_or_else(|| match waves {
                    [] => "the configuration has no `waves:`".to_owned(),
                    _ => format!("there is no wave `{name}`: {}", did_you_mean(name, names)),
                })?;
                Ok(members.into_iter().map(|(fleet, indices)| (fleet, Some(indices))).collect())
            }
        }
    }
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all devices"),
            Self::Fleet(name) => write!(f, "fleet {name}"),
            Self::Device(name) => write!(f, "device {name}"),
            Self::Wave(name) => write!(f, "wave {name}"),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn who_is_meant_is_found_or_the_nearest_name_is_said() {
        let broker = || "mqtt://mqtt.acme.example".parse().unwrap();
        let fleets =
            [FleetPlan::new("lamps", 3, broker()).unwrap(), FleetPlan::new("meters", 2, broker()).unwrap()];
        let of = |fleet, device, wave| Whom::of(fleet, device, wave).members(&[], &fleets);
        assert_eq!(of(None, None, None).unwrap().len(), 2);
        let one = of(None, Some("meters-000001"), None).unwrap();
        assert_eq!((&*one[0].0.name, &one[0].1), ("meters", &Some(vec![1])));
        assert_eq!(
            of(Some("lamp"), None, None).unwrap_err(),
            "there is no fleet `lamp`: did you mean `lamps`?"
        );
        let none = of(None, Some("lamps-000003"), None).unwrap_err();
        assert!(none.starts_with("there is no device `lamps-000003`: "), "{none}");
        assert_eq!(of(None, None, Some("first")).unwrap_err(), "the configuration has no `waves:`");
        assert!(Whom::All.members(&[], &[]).unwrap_err().contains("no `devices:`"));
    }
}
