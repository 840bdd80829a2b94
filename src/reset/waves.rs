//! Waves: some devices first, then more of them, with a pause between.

use std::sync::Arc;
use std::time::Duration;

use devices::FleetPlan;

/// Devices that are reset together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wave {
    /// Its name.
    pub name: Arc<str>,
    /// Who is in it, as far as no earlier wave has them.
    pub who: Who,
    /// How long the walk through all waves rests after it.
    pub pause: Duration,
}

/// Who is in a wave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Who {
    /// These devices.
    Devices(Vec<String>),
    /// So many of each fleet (above 0, up to 1), those with the lowest indices: every personality is among them.
    Share(f64),
}

/// The devices of one fleet, by index.
type Members<'a> = (&'a FleetPlan, Vec<u32>);

/// The devices of each wave, fleet by fleet. Each device is in the first wave that has it; fleets of which none is in a
/// wave are left out.
pub(crate) fn in_waves<'a>(waves: &[Wave], fleets: &'a [FleetPlan]) -> Vec<Vec<Members<'a>>> {
    let mut taken: Vec<Vec<bool>> = fleets.iter().map(|fleet| vec![false; fleet.count as usize]).collect();
    let mut members = Vec::new();
    for wave in waves {
        let mut all = Vec::new();
        for (fleet, taken) in fleets.iter().zip(&mut taken) {
            let mut indices = wave.who.indices(fleet);
            indices.retain(|index| {
                taken.get_mut(*index as usize).is_some_and(|taken| !std::mem::replace(taken, true))
            });
            if !indices.is_empty() {
                all.push((fleet, indices));
            }
        }
        members.push(all);
    }
    members
}

/// The devices of the wave of this name; `None` if there is no such wave.
pub(super) fn wave<'a>(name: &str, waves: &[Wave], fleets: &'a [FleetPlan]) -> Option<Vec<Members<'a>>> {
    let place = waves.iter().position(|wave| *wave.name == *name)?;
    in_waves(waves, fleets).into_iter().nth(place)
}

impl Who {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a u32 that is not negative is a u32"
    )]
    fn indices(&self, fleet: &FleetPlan) -> Vec<u32> {
        match self {
            Self::Devices(names) => names.iter().filter_map(|name| fleet.index(name)).collect(),
            // Rounded up, but not for what floats are: 10 % of 30 is three.
            Self::Share(share) => (0..(f64::from(fleet.count) * share - 1e-6).ceil() as u32).collect(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn each_device_is_in_the_first_wave_that_has_it() {
        let fleet =
            |name, count| FleetPlan::new(name, count, "mqtt://mqtt.acme.example".parse().unwrap()).unwrap();
        let fleets = [fleet("lamps", 30), fleet("meters", 4)];
        let wave = |name: &str, who| Wave { name: name.into(), who, pause: Duration::ZERO };
        let canaries = Who::Devices(vec!["lamps-000007".to_owned(), "lamps-000001".to_owned()]);
        let waves =
            [wave("canaries", canaries), wave("tenth", Who::Share(0.1)), wave("rest", Who::Share(1.0))];
        let counts = |all: &[Members<'_>]| {
            all.iter().map(|(fleet, indices)| (fleet.name.to_string(), indices.len())).collect::<Vec<_>>()
        };
        let all = in_waves(&waves, &fleets);
        assert_eq!(all[0][0].1, [7, 1]);
        assert_eq!(counts(&all[1]), [("lamps".to_owned(), 2), ("meters".to_owned(), 1)]);
        assert_eq!(counts(&all[2]), [("lamps".to_owned(), 26), ("meters".to_owned(), 3)]);
        assert_eq!(super::wave("tenth", &waves, &fleets).unwrap()[0].1, [0, 2]);
        assert!(super::wave("half", &waves, &fleets).is_none());
    }
}
