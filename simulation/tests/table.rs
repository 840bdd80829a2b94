//! The whole table, small.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::atomic::{AtomicUsize, Ordering};

use simulation::{Fault, Method, Plan, Scenario, Spread, promises, simulate, simulate_scenario};

#[test]
fn the_quick_table_is_whole_and_the_same_on_any_number_of_threads() {
    let plan = Plan { trials: 1, days: 0.02, ..Plan::quick() };
    let (done, all) = (AtomicUsize::new(0), 3 + promises().len());
    let one = simulate(&Plan { threads: 1, ..plan.clone() }, |now, of| {
        assert_eq!(of, all);
        done.store(now, Ordering::Relaxed);
    });
    let three = simulate(&Plan { threads: 3, ..plan }, |_, _| {});
    assert_eq!(done.load(Ordering::Relaxed), all);
    let json = serde_json::to_string(&one).unwrap();
    assert_eq!(json, serde_json::to_string(&three).unwrap());
    assert_eq!(one.text(), three.text());
    for method in Method::ALL {
        assert!(one.text().contains(method.name()) && one.markdown().contains(method.parameters()));
    }
    for promise in promises() {
        assert!(one.text().contains(&promise.scenario.name));
    }
    let outage = &one.rows[1];
    assert_eq!(outage.holds, Some(true), "{outage:?}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["nulls"][0]["holds"], true);
}

#[test]
fn another_seed_gives_another_table_and_the_same_one_the_same() {
    let scenario =
        || Scenario { fault: Fault { journeys: Spread::One, ..Fault::errors(0.3) }, ..Scenario::default() };
    let of = |seed| {
        simulate_scenario(scenario(), &Plan { seed, trials: 2, days: 0.01, ..Plan::quick() }, |_, _| {})
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1).rows, of(2).rows);
    assert_eq!(of(1).rows[0].holds, None);
}
