//! A real Prometheus scrapes a canary, and its own judge reads the metrics.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::separate_process::World;
use crate::support::{Canary, Process, eventually, foreign, get, missing};

const DEVICES: u32 = 20;

/// The value of the only sample that a query gives.
fn query(at: SocketAddr, query: &str) -> Result<f64, String> {
    let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let answer = get(at, &format!("/api/v1/query?query={encoded}"))?;
    let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    let results = answer["data"]["result"].as_array();
    let one =
        results.filter(|results| results.len() == 1).and_then(|results| results[0]["value"][1].as_str());
    one.and_then(|value| value.parse().ok()).ok_or_else(|| format!("{query}: {answer}"))
}

/// Waits until a query has this result.
fn expect(at: SocketAddr, what: &str, value: f64) {
    eventually(&format!("{what} is {value}"), || match query(at, what)? {
        found if (found - value).abs() < f64::EPSILON => Ok(()),
        other => Err(format!("it is {other}")),
    });
}

/// A free port on this address, for a program that cannot tell which one it took.
fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.41.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn a_real_prometheus_scrapes_the_canary() {
    if missing(&["prometheus", "promtool"]) {
        return;
    }
    let world = World::start(DEVICES);
    let canary = Canary::start(&world.config(), None, "ready");
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("prometheus.yml");
    let scrape = format!(
        "scrape_configs: [{{ job_name: serin, scrape_interval: 1s, static_configs: [{{ targets: ['{}'] }}] }}]",
        canary.at
    );
    fs::write(&config, scrape).unwrap();
    let at = free_port();
    let mut prometheus = Process::start(
        foreign("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={at}")),
    );
    prometheus.says("Server is ready to receive web requests");

    expect(at, "up", 1.0);
    expect(at, "serin_verdict{decision=\"hold\"}", 1.0);
    expect(at, "serin_verdict{decision=\"go\"}", 0.0);
    expect(at, "serin_phase{phase=\"ready\"}", 1.0);
    expect(at, "sum(serin_devices)", f64::from(DEVICES));
    expect(at, "sum(serin_devices{side=\"old\"})", f64::from(DEVICES));
    expect(at, "min(probe_success)", 1.0);
    eventually("runs are counted", || match query(at, "sum(rate(serin_runs_total[10s]))")? {
        rate if rate > 1.0 => Ok(()),
        rate => Err(format!("{rate} a second")),
    });
    canary.drains();
    expect(at, "up", 0.0);
}

#[test]
fn promtool_has_no_complaint_about_a_living_canary() {
    if missing(&["promtool"]) {
        return;
    }
    let world = World::start(DEVICES);
    let canary = Canary::start(&world.config(), None, "set");
    canary.judges_pairs(20);
    let metrics = get(canary.at, "/metrics").unwrap();
    let mut command = foreign("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promtool = command.spawn().unwrap();
    promtool.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}\n{metrics}");
    canary.drains();
}
