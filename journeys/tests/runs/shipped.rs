//! The journeys that ship, run against the world for which they are written.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cutover::{FailureKind, Outcome, Route, Sides};
use journeys::{Journey, Known, RunContext, Secrets};
use probes::{Pins, Resolver};
use rehearsal::{Plan, World};

async fn start(directory: &Path) -> (World, RunContext) {
    let plan = Plan {
        old: [127, 0, 63, 1].into(),
        new: [127, 0, 64, 1].into(),
        services: [127, 0, 65, 1].into(),
        replication_lag: Duration::from_millis(100),
        directory: directory.to_owned(),
        ..Plan::default()
    };
    let world = World::start(plan).await.unwrap();
    let places = world.places();
    let net = |address: std::net::Ipv4Addr| vec![IpAddr::V4(address).into()];
    let sides = Arc::new(Sides::new(net(places.old), net(places.new)).unwrap());
    let mut pins = Pins::default();
    for name in [&places.names.api, &places.names.console, &places.names.mqtt] {
        pins.pin(cutover::Side::Old, name, places.old.into());
        pins.pin(cutover::Side::New, name, places.new.into());
    }
    let resolver =
        Resolver::connect("office", places.resolvers.office, Duration::from_secs(2)).await.unwrap();
    let vars = [
        ("api", format!("https://{}:{}", places.names.api, places.https)),
        ("console", format!("https://{}:{}", places.names.console, places.https)),
        ("mqtt", format!("mqtt://{}:{}", places.names.mqtt, places.mqtt)),
    ];
    let ca = std::fs::read(&places.ca).unwrap();
    let vars = vars.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let context = crate::support::world(crate::support::aims(&sides, pins, &resolver), &[ca], vars);
    (world, context)
}

fn load(name: &str, context: &RunContext) -> Journey {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    Journey::load(&path, Known { vars: &context.vars, secrets: &Secrets::default() }).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_journey_passes_on_every_route() {
    let directory = tempfile::tempdir().unwrap();
    let (world, context) = start(directory.path()).await;
    let browser = probes::browser::locate(None).is_ok().then_some("console-browser.yaml");
    let names = [
        "account-life-cycle.yaml",
        "cache-consistency.yaml",
        "console-sign-in.yaml",
        "mobile-app.yaml",
        "mqtt-datapoint.yaml",
        "write-old-read-new.yaml",
    ];
    for name in names.into_iter().chain(browser) {
        let journey = load(name, &context);
        assert_eq!(journey.pinned_elsewhere(), name == "write-old-read-new.yaml");
        for route in [Route::Old, Route::New, Route::Live] {
            for variant in journey.variants() {
                let world = RunContext { route, variant: variant.clone(), ..context.clone() };
                let run = journey.run(&world).await;
                assert_eq!(run.outcome, Outcome::Passed, "{name} {variant:?} on {route}: {}", run.detail);
                let skipped = run.steps.iter().filter(|step| step.skipped.is_some()).count();
                // One step of the app is new in one of its versions.
                let expected = usize::from(run.variant.contains("app=7.1"));
                assert_eq!(skipped, expected, "{name} {variant:?} on {route}");
            }
        }
    }
    context.browsers.shutdown().await;
    world.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_replicated_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let (world, context) = start(directory.path()).await;
    world.inject("replication-stop".parse().unwrap());
    let source =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("write-old-read-new.yaml"));
    let source = source.unwrap().replace("until: 10s", "until: 1s");
    let journey =
        Journey::parse(&source, "lost.yaml", Known { vars: &context.vars, secrets: &Secrets::default() })
            .unwrap();
    let run = journey.run(&context).await;
    let expected = Outcome::Failed { step: "read on new".to_owned(), kind: FailureKind::Lost };
    assert_eq!(run.outcome, expected, "{}", run.detail);
    world.shutdown().await;
}
