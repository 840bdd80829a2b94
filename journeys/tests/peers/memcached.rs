//! memcached: a conversation over TCP, and one over TLS.

use std::net::SocketAddr;

use cutover::{FailureKind, Outcome, Reached};
use foreign::{Server, free};
use tempfile::TempDir;

use crate::support::{certified, context, passes, run};

/// memcached at a port of its own, and further arguments.
fn memcached(folder: TempDir, more: &[String]) -> Option<(Server, SocketAddr)> {
    let mut command = foreign::command("memcached")?;
    let at = free();
    command.args(["-u", "nobody", "-l", "127.0.0.1", "-U", "0", "-m", "8", "-t", "1", "-p"]);
    command.arg(at.port().to_string()).args(more);
    Some((Server::start(command, folder, &[at]), at))
}

const LIFE: &str = r#"
journey: a cache keeps what it is given
steps:
  - name: set
    tcp: "{{ at }}"
    send: "set greeting 0 60 5\r\nhello\r\n"
    read: line
    expect: [body == STORED, reached == old, duration < 5s]
  - name: get
    tcp: "{{ at }}"
    send: "get greeting\r\n"
    read: /END\r\n/
    expect:
      - body starts-with "VALUE greeting 0 5"
      - regex /\r\n(\w+)\r\nEND/ == hello
      - bytes == 32
  - name: the head of an answer
    tcp: "{{ at }}"
    send: "get greeting\r\n"
    read: line
    save: { length: "regex /(\\d+)$/" }
  - name: its body
    tcp: "{{ at }}"
    read: 5 bytes
    expect: [body == hello]
  - name: its end
    tcp: "{{ at }}"
    read: /END\r\n/
  - name: a miss
    tcp: "{{ at }}"
    send: "get nothing\r\n"
    read: line
    expect: [body == END]
  - name: nonsense
    tcp: "{{ at }}"
    send: "shout\r\n"
    read: line
    expect: [body == ERROR]
finally:
  - name: delete
    tcp: "{{ at }}"
    send: "delete greeting\r\n"
    read: line
    expect: [body == DELETED]
  - name: farewell
    tcp: "{{ at }}"
    send: "quit\r\n"
    read: close
    expect: [body empty]
"#;

#[tokio::test]
async fn what_is_set_is_there_and_what_is_not_is_missed() {
    let Some((_server, at)) = memcached(TempDir::new().unwrap(), &[]) else { return };
    let context = context(at, &[]).await;
    let whole = passes(&context, LIFE).await;
    // One connection for all of it.
    let connects = whole.steps.iter().filter(|step| step.attempts[0].parts.connect.is_some()).count();
    assert_eq!(connects, 1);
    assert_eq!(whole.steps[0].last().unwrap().reached, Some(Reached::Old));

    let lost = LIFE.replace("expect: [body == END]", "expect: [body == hello]\n    failure: lost");
    let run = run(&context, &lost).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "a miss".to_owned(), kind: FailureKind::Lost });
    assert!(run.detail.ends_with("expected body == hello, got \"END\""), "{}", run.detail);
}

#[tokio::test]
async fn over_tls_with_a_ca_of_ones_own() {
    let folder = TempDir::new().unwrap();
    let ca = certified(folder.path());
    let at = folder.path().display();
    let options = format!("ssl_chain_cert={at}/chain.pem,ssl_key={at}/key.pem");
    // It drops its rights only later, but then reads the files again.
    let own = std::env::var("USER").unwrap_or_else(|_| "root".to_owned());
    let more = ["-Z", "-o", &options, "-u", &own].map(str::to_owned);
    let Some((_server, at)) = memcached(folder, &more) else { return };
    let trusting = context(at, &[ca]).await;
    let yaml = r#"
journey: j
steps:
  - name: version
    tcp: "{{ at }}"
    tls: true
    send: "version\r\n"
    read: line
    expect:
      - body starts-with VERSION
      - certificate.names contains cache.acme.example
      - certificate.issuer contains "the CA of a test"
      - certificate.days-left > 14
"#;
    let passed = passes(&trusting, yaml).await;
    assert!(passed.steps[0].last().unwrap().parts.tls.is_some());

    let refused = run(&context(at, &[]).await, yaml).await;
    assert_eq!(refused.outcome, Outcome::Failed { step: "version".to_owned(), kind: FailureKind::Tls });
    assert!(
        refused.detail.contains("comes from `CN=the CA of a test`, which is not trusted here"),
        "{}",
        refused.detail
    );
    let without =
        "journey: j\nsteps: [{ name: plain, tcp: \"{{ at }}\", send: \"version\\r\\n\", read: line }]";
    let plain = run(&trusting, without).await;
    assert_eq!(plain.outcome, Outcome::Failed { step: "plain".to_owned(), kind: FailureKind::Reset });
}
