//! Who listens where: canaries on one broker share a session on each side.

use cutover::Side;

use super::CanaryPlan;
use super::ear::Ear;
use super::listen::Listener;

/// Who must listen for these canaries: for each broker and account, one on each side. Canaries that only check in are
/// not listened for.
pub fn listeners(plans: &[CanaryPlan]) -> Vec<Listener> {
    let mut listeners: Vec<Listener> = Vec::new();
    for plan in plans {
        let (Some(watch), Some(ear)) = (&plan.watch, Ear::of(plan)) else { continue };
        let every = plan.canary.every;
        for side in Side::BOTH {
            let known = listeners.iter_mut().find(|known| {
                known.side == side && known.broker == watch.broker && known.account == watch.account
            });
            match known {
                Some(known) => {
                    known.ears.push(ear.clone());
                    known.every = known.every.min(every);
                }
                None => listeners.push(Listener {
                    side,
                    broker: watch.broker.clone(),
                    account: watch.account.clone(),
                    ears: vec![ear.clone()],
                    every,
                }),
            }
        }
    }
    listeners
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use cutover::RealCanary;

    use super::super::WatchPlan;
    use super::*;

    #[test]
    fn canaries_on_one_broker_share_a_session_and_those_that_check_in_need_none() {
        let plan = |name: &str, broker: Option<&str>| CanaryPlan {
            canary: RealCanary {
                name: name.into(),
                every: Duration::from_secs(60),
                grace: Duration::from_secs(30),
                subscribed: broker.is_some(),
            },
            device: name.into(),
            watch: broker.map(|broker| WatchPlan {
                broker: broker.parse().unwrap(),
                topic: "devices/{device}/datapoints".parse().unwrap(),
                id: None,
                at: None,
                account: None,
            }),
        };
        let (one, other) = (Some("mqtt://mqtt.acme.example"), Some("mqtts://mqtt.acme.example"));
        let plans = [plan("a", one), plan("b", other), plan("c", one), plan("d", None)];
        let heard: Vec<Vec<_>> = listeners(&plans)
            .iter()
            .map(|listener| listener.ears.iter().map(|ear| ear.filter.clone()).collect())
            .collect();
        let (shared, own) = (["devices/a/datapoints", "devices/c/datapoints"], ["devices/b/datapoints"]);
        assert_eq!(heard, [&shared[..], &shared, &own, &own]);
    }
}
