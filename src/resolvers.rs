//! The resolvers, asked once before anything is started.

use std::time::Duration;

use probes::Resolver;

use crate::config::{Config, ResolverPlan};
use crate::failure::Failure;

/// How long a resolver may take for an answer.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(2);

/// The resolvers, ready.
pub(crate) struct Resolvers {
    /// Each, and whether it is authoritative.
    pub all: Vec<(Resolver, bool)>,
    /// The one that the live route follows.
    pub live: Resolver,
}

/// Connects every resolver and asks it once, so that one that is down is known before anything is started.
pub(crate) async fn connect(config: &Config) -> Result<Resolvers, Failure> {
    let mut all = Vec::new();
    for ResolverPlan { name, at, authoritative } in &config.resolvers {
        let resolver = Resolver::connect(name, *at, TIMEOUT).await;
        let resolver = resolver.map_err(|error| Failure::canary(error.to_string()))?;
        all.push((resolver, *authoritative));
    }
    if all.is_empty() {
        let system = Resolver::system(TIMEOUT).await;
        all.push((system.map_err(|error| Failure::canary(error.to_string()))?, false));
    }
    for (resolver, _) in &all {
        let Some(name) = config.cutover.names.first() else { continue };
        match resolver.lookup(name).await {
            Err(error) if matches!(error.fault(), probes::Fault::Aborted(_)) => {
                let way = "without it the canary sees nothing: start it, or correct `resolvers:`";
                let (name, at) = (resolver.name(), resolver.address());
                return Err(Failure::canary(format!(
                    "the resolver {name} at {at} does not answer: {error}; {way}"
                )));
            }
            // A name that does not resolve is the target's business, and will be seen.
            _ => {}
        }
    }
    let live = all.iter().find(|(_, authoritative)| !authoritative).map(|(resolver, _)| resolver.clone());
    let live = live.ok_or_else(|| Failure::usage("no resolver is left for the live route".to_owned()))?;
    Ok(Resolvers { all, live })
}
