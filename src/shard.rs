//! One of several processes that share the same fleets.

use devices::Shard;

use crate::config::{AlertPlan, Config};

/// What is left of a configuration for one of several processes. The first one does everything but the devices of the
/// others; these have their share of the devices only. Each serves on a port of its own: the configured one and those
/// after it.
pub(crate) fn narrow(mut config: Config, shard: Shard) -> Config {
    if shard.leads() {
        return config;
    }
    let port = config.serve.port();
    // Port 0 means any: there is none after it.
    if port != 0 {
        let after = u16::try_from(shard.number() - 1).ok().and_then(|after| port.checked_add(after));
        config.serve.set_port(after.unwrap_or(0));
    }
    config.journeys.clear();
    config.canaries.clear();
    config.alerts = AlertPlan::default();
    config.store = None;
    config.page = None;
    config
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::engine::tests::Stage;

    #[tokio::test]
    async fn only_the_first_does_what_one_must_do() {
        let stage = Stage::start().await;
        let config = |serve: &str, shard: &str| {
            let mut config = stage.config();
            config.serve = serve.parse().unwrap();
            narrow(config, shard.parse().unwrap())
        };
        let first = config("127.0.0.1:9900", "1/3");
        assert!(first.store.is_some() && !first.journeys.is_empty());
        let third = config("127.0.0.1:9900", "3/3");
        assert_eq!(third.serve.to_string(), "127.0.0.1:9902");
        assert!(third.store.is_none() && third.journeys.is_empty() && !third.fleets.is_empty());
        assert_eq!(config("127.0.0.1:0", "2/3").serve.port(), 0);
        assert_eq!(config("127.0.0.1:65535", "2/3").serve.port(), 0);
    }
}
