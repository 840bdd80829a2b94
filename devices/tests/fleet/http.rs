//! Devices that talk with an HTTP API.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::Stage;
use DeviceState::{Both, Lost, New, Old};
use cutover::{DeviceEvent, DeviceState, Personality, Side};
use devices::{Account, FleetPlan, HttpPlan, Login, Protocol, Shares};

fn over_http(plan: &mut FleetPlan, api: &str) {
    let mut http = HttpPlan::new(api.parse().unwrap()).unwrap();
    http.poll_every = Duration::from_millis(100);
    plan.protocol = Protocol::Http(http);
}

#[tokio::test]
async fn devices_that_poll_move_by_dns_and_reset_like_all_others() {
    let kinds = [Personality::ResetOnly, Personality::AtTtl, Personality::Both, Personality::Never];
    let change = |plan: &mut FleetPlan, api: &str| {
        over_http(plan, api);
        plan.shares = Shares::new(kinds.map(|kind| (kind, 25.0))).unwrap();
    };
    let mut stage = Stage::with_api(4, change).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 4).await;
    stage.flip(Side::New);
    let moved = |stage: &Stage| stage.is(Personality::AtTtl, New) && stage.is(Personality::Both, Both);
    stage.until("moved of their own accord", moved).await;
    assert!(stage.is(Personality::ResetOnly, Old) && stage.is(Personality::Never, Old), "{:?}", stage.last);
    for api in [&stage.old_api, &stage.new_api] {
        *api.command.lock().unwrap() = r#"{"reset":"wave-1"}"#.to_owned();
    }
    stage.until("all returned", |stage| stage.count(DeviceEvent::Returned) == 4).await;
    stage.until("moved by the reset", |stage| stage.at(New) == 2 && stage.at(Both) == 1).await;
    assert!(stage.is(Personality::Never, Old), "{:?}", stage.last);
    assert_eq!(stage.count(DeviceEvent::Reset), 4, "however often it is told");
    assert_eq!((stage.count(DeviceEvent::Disconnected), stage.count(DeviceEvent::DatapointFailed)), (0, 0));
    stage.end().await;
    let counted = stage.count_on(DeviceEvent::Datapoint, Side::New);
    let received = stage.new_api.received.lock().unwrap().values().map(Vec::len).sum::<usize>();
    assert!(counted as usize <= received && received <= counted as usize + 8, "{counted} of {received}");
}

#[tokio::test]
async fn an_api_that_refuses_loses_its_devices_and_gets_them_back() {
    let account = Account { username: "lamp".to_owned(), password: "secret".to_owned() };
    let change = |plan: &mut FleetPlan, api: &str| {
        over_http(plan, api);
        plan.grace = Duration::from_secs(1);
        plan.login = Login::Account(account);
    };
    let mut stage = Stage::with_api(10, change).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 10).await;
    stage.old_api.refuses.store(true, Ordering::SeqCst);
    stage.until("all lost", |stage| stage.at(Lost) == 10).await;
    assert_eq!(stage.count_on(DeviceEvent::Disconnected, Side::Old), 10);
    assert!(stage.count_on(DeviceEvent::ConnectFailed, Side::Old) >= 10);
    stage.old_api.refuses.store(false, Ordering::SeqCst);
    stage.until("all back", |stage| stage.at(Old) == 10).await;
    stage.end().await;
    assert_eq!(*stage.old_api.passes.lock().unwrap(), ["Basic bGFtcDpzZWNyZXQ="]);
    for numbers in stage.old_api.received.lock().unwrap().values() {
        assert!(numbers.is_sorted(), "{numbers:?}");
    }
}

#[tokio::test]
async fn an_api_that_takes_its_time_for_each_answer_fails_nobody() {
    let mut stage = Stage::with_api(2, over_http).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 2).await;
    // A datapoint waits for the poll before it, and both together take longer than one answer may.
    stage.old_api.takes.store(1200, Ordering::SeqCst);
    let before = stage.count(DeviceEvent::Datapoint);
    stage.until("datapoints", |stage| stage.count(DeviceEvent::Datapoint) >= before + 6).await;
    assert_eq!((stage.count(DeviceEvent::Disconnected), stage.count(DeviceEvent::DatapointFailed)), (0, 0));
    stage.end().await;
}
