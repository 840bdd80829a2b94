//! unbound: answers of every type, and resolvers that say no or nothing.

use std::fmt::Write as _;
use std::net::SocketAddr;

use cutover::{AbortCause, FailureKind, Outcome, Reached};
use foreign::{Server, free};
use tempfile::TempDir;
use tokio::net::UdpSocket;

use crate::support::{context, passes, run};

/// The zone that it knows by itself.
const ZONE: [&str; 12] = [
    "acme.example. 300 IN SOA ns1.acme.example. ops.acme.example. 7 3600 600 86400 60",
    "acme.example. 300 IN NS ns1.acme.example.",
    "acme.example. 300 IN MX 10 mx.acme.example.",
    "acme.example. 300 IN TXT \"v=spf1 -all\"",
    "acme.example. 300 IN CAA 0 issue \"letsencrypt.org\"",
    "api.acme.example. 30 IN A 127.0.0.7",
    "api.acme.example. 30 IN A 127.0.62.7",
    "api.acme.example. 30 IN AAAA 2001:db8::7",
    "www.acme.example. 20 IN CNAME api.acme.example.",
    "_mqtt._tcp.acme.example. 300 IN SRV 1 2 8883 mqtt.acme.example.",
    "7.2.0.192.in-addr.arpa. 300 IN PTR api.acme.example.",
    "large.acme.example. 30 IN A 127.0.0.8",
];

const CONFIG: &str = "
remote-control:
  control-enable: no
server:
  interface: 127.0.0.1
  port: PORT
  directory: FOLDER
  username: ''
  chroot: ''
  pidfile: ''
  use-syslog: no
  module-config: iterator
  local-zone: acme.example. static
  local-zone: 2.0.192.in-addr.arpa. static
  local-zone: refused.example. refuse
";

fn unbound() -> Option<(Server, SocketAddr)> {
    let mut command = foreign::command("unbound")?;
    let (at, folder) = (free(), TempDir::new().unwrap());
    let mut config = CONFIG.replace("PORT", &at.port().to_string());
    config = config.replace("FOLDER", &folder.path().display().to_string());
    for record in ZONE {
        writeln!(config, "  local-data: '{record}'").unwrap();
    }
    // More than fits into an answer over UDP.
    for last in 0..60 {
        writeln!(config, "  local-data: 'large.acme.example. 30 IN A 127.0.1.{last}'").unwrap();
    }
    // Nobody is there to be asked for anything else.
    config.push_str("forward-zone:\n  name: .\n  forward-addr: 127.0.0.1@9\n");
    command.arg("-d");
    Some((Server::configured(command, folder, &config, &[at]), at))
}

const TYPES: &str = r#"
journey: every type
steps:
  - name: A
    dns: A api.acme.example
    resolver: udp://{{ at }}
    expect:
      - rcode == NOERROR
      - addresses count == 2
      - addresses contains 127.0.62.7
      - ttl == 30
      - json $.authoritative == true
      - not reached == other
  - name: AAAA
    dns: AAAA api.acme.example
    expect: addresses contains "2001:db8::7"
  - name: an alias
    dns: CNAME www.acme.example
    expect: json $.answers[0].data == "api.acme.example"
  - name: MX
    dns: MX acme.example
    expect:
      - json $.answers[0].data.preference == 10
      - json $.answers[0].data.exchange == mx.acme.example
  - name: TXT
    dns: TXT acme.example
    expect: json $.answers[0].data == "v=spf1 -all"
  - name: NS
    dns: NS acme.example
    expect: json $.answers[0].data == ns1.acme.example
  - name: SOA
    dns: SOA acme.example
    expect:
      - json $.answers[0].data.serial == 7
      - json $.answers[0].data.rname == ops.acme.example
  - name: SRV
    dns: SRV _mqtt._tcp.acme.example
    expect:
      - json $.answers[0].data.port == 8883
      - json $.answers[0].data.target == mqtt.acme.example
  - name: PTR
    dns: PTR 192.0.2.7
    expect: json $.answers[0].data == api.acme.example
  - name: CAA
    dns: CAA acme.example
    expect:
      - json $.answers[0].data.tag == issue
      - json $.answers[0].data.value == letsencrypt.org
      - json $.answers[0].type == CAA
  - name: truncated
    dns: A large.acme.example
    expect: addresses count == 61
  - name: over TCP
    dns: A large.acme.example
    resolver: tcp://{{ at }}
    expect: addresses count == 61
  - name: no such name
    dns: A gone.acme.example
    expect: [rcode == NXDOMAIN, addresses empty]
  - name: refused
    dns: A api.refused.example
    expect: rcode == REFUSED
  - name: fails
    dns: A api.elsewhere.example
    expect: rcode == SERVFAIL
"#;

#[tokio::test]
async fn every_type_is_asked_for_and_every_answer_understood() {
    let Some((_server, at)) = unbound() else { return };
    let context = context(at, &[]).await;
    let passed = passes(&context, TYPES).await;
    assert!(matches!(passed.steps[0].last().unwrap().reached, Some(Reached::Old | Reached::New)));

    let yaml = "journey: j\nsteps: [{ name: ask, dns: A gone.acme.example }]";
    let gone = run(&context, yaml).await;
    assert_eq!(gone.outcome, Outcome::Failed { step: "ask".to_owned(), kind: FailureKind::Resolve });
    assert!(gone.detail.ends_with("expected an answer without error, got NXDOMAIN"), "{}", gone.detail);
}

#[tokio::test]
async fn a_resolver_that_is_silent() {
    let mute = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let context = context(mute.local_addr().unwrap(), &[]).await;
    let yaml = "journey: j\nsteps:\n  - name: ask\n    dns: A api.acme.example\n    timeout: 200ms\n";
    let live = run(&context, yaml).await;
    assert_eq!(live.outcome, Outcome::Aborted { cause: AbortCause::Resolver }, "{}", live.detail);
    let named = run(&context, &format!("{yaml}    resolver: \"udp://{{{{ at }}}}\"\n")).await;
    assert_eq!(named.outcome, Outcome::Failed { step: "ask".to_owned(), kind: FailureKind::Timeout });
}
