//! Two sides on loopback, and runs against them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cutover::{Route, Side, Sides};
use journeys::{Aims, Journey, Known, Marker, Markers, Run, RunContext, Secrets};
use probes::{Aim, Pins, Resolver, Trust};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

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

/// Both sides as a server plays them, and how many connections they have seen.
pub(crate) struct Served {
    pub(crate) context: RunContext,
    pub(crate) connections: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Lets `converse` speak on every connection to either side, whose name it is told; the journeys find them, behind
/// `prefix` and before `suffix`, as the variable `name`.
pub(crate) async fn served<F>(
    (name, prefix, suffix): (&str, &str, &str),
    converse: fn(TcpStream, &'static str) -> F,
) -> Served
where
    F: Future<Output = ()> + Send + 'static,
{
    let (old, new) = both_sides().await;
    let port = old.local_addr().unwrap().port();
    let mut context = context(port).await;
    Arc::make_mut(&mut context.vars).insert(name.to_owned(), format!("{prefix}test.example:{port}{suffix}"));
    let connections = Arc::new(AtomicUsize::new(0));
    let serve = |listener: TcpListener, side: &'static str| {
        let connections = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(converse(stream, side));
            }
        })
    };
    let tasks = vec![serve(old, "old"), serve(new, "new")];
    Served { context, connections, tasks }
}
