//! Two sides on loopback, and runs against them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use cutover::{Route, Side, Sides};
use journeys::{Aims, Journey, Known, Marker, Markers, Run, RunContext, Secrets};
use probes::{Aim, Pins, Resolver, Trust};
use tokio::net::TcpListener;

pub(crate) const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 61, 1);
pub(crate) const NEW: Ipv4Addr = Ipv4Addr::new(127, 0, 62, 1);

/// The same free port on both sides.
pub(crate) async fn both_sides() -> (TcpListener, TcpListener) {
    loop {
        let old = TcpListener::bind((OLD, 0)).await.unwrap();
        let port = old.local_addr().unwrap().port();
        if let Ok(new) = TcpListener::bind((NEW, port)).await {
            return (old, new);
        }
    }
}

/// The sides `OLD` and `NEW`, on which `test.example` is pinned; nothing is ever asked of the resolver.
pub(crate) async fn context(port: u16) -> RunContext {
    let resolver =
        Resolver::connect("none", SocketAddr::from((OLD, 9)), Duration::from_secs(1)).await.unwrap();
    let sides = Sides::new(vec!["127.0.61.0/24".parse().unwrap()], vec!["127.0.62.0/24".parse().unwrap()]);
    let sides = Arc::new(sides.unwrap());
    let mut pins = Pins::default();
    pins.pin(Side::Old, "test.example", IpAddr::V4(OLD));
    pins.pin(Side::New, "test.example", IpAddr::V4(NEW));
    let aims = aims(&sides, pins, &resolver);
    let vars = [
        ("api".to_owned(), format!("http://test.example:{port}")),
        ("mqtt".to_owned(), format!("mqtt://test.example:{port}")),
    ];
    world(aims, &[], vars.into_iter().collect())
}

pub(crate) fn aims(sides: &Arc<Sides>, pins: Pins, resolver: &Resolver) -> Aims {
    let pins = Arc::new(pins);
    let aim = |route| Aim::new(route, sides.clone(), pins.clone(), resolver.clone());
    Aims { old: aim(Route::Old), new: aim(Route::New), live: aim(Route::Live) }
}

pub(crate) fn world(aims: Aims, own_ca: &[Vec<u8>], vars: BTreeMap<String, String>) -> RunContext {
    let markers = |side: &str| {
        let texts = [format!("header x-served-by == \"{side}\""), format!("mqtt served-by == \"{side}\"")];
        texts.iter().map(|text| Marker::parse(text).unwrap()).collect()
    };
    RunContext {
        route: Route::Old,
        markers: Arc::new(Markers::new(markers("old"), markers("new"))),
        vars: Arc::new(vars),
        ..RunContext::new(aims, Trust::new(own_ca).unwrap(), "serin/test")
    }
}

/// Runs a journey that is written out.
pub(crate) async fn run(context: &RunContext, yaml: &str) -> Run {
    let journey =
        Journey::parse(yaml, "test.yaml", Known { vars: &context.vars, secrets: &Secrets::default() });
    journey.unwrap_or_else(|rejected| panic!("{rejected}")).run(context).await
}
