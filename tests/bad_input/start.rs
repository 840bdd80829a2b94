//! What `serin run` cannot start without: it says so, ends with 4, and has touched nothing.

use std::net::{TcpListener, UdpSocket};

use super::program::{ended, serin};
use super::setting::{Nobody, Setting};

/// Runs it to its end, which comes at once, and gives back the one line that it says.
fn cannot_start(setting: &Setting) -> String {
    let said = ended(serin(["run".as_ref(), setting.config().as_os_str()]));
    assert_eq!((said.code, said.out.as_str()), (Some(4), ""), "{}", said.err);
    let errors: Vec<_> = said.err.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!(errors.len(), 1, "{}", said.err);
    assert!(!setting.was_touched(), "somebody connected, and nothing was to be started");
    errors.concat()
}

#[test]
fn a_port_in_use() {
    let resolver = Nobody::start();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap();
    let shown = cannot_start(&Setting::new(resolver.at, &at.to_string()));
    let expected = format!("error: cannot listen on {at}: Address already in use");
    assert!(shown.starts_with(&expected), "{shown}");
    assert!(shown.contains("write another `serve:` address"), "{shown}");
}

#[test]
fn a_resolver_that_is_down() {
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let shown = cannot_start(&Setting::new(closed, &free.to_string()));
    assert!(
        shown.starts_with(&format!("error: the resolver office at {closed} does not answer: ")),
        "{shown}"
    );
    assert!(shown.contains("correct `resolvers:`"), "{shown}");
    assert!(TcpListener::bind(free).is_ok(), "nothing listens");
}

#[test]
fn a_resolver_that_says_nothing() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = silent.local_addr().unwrap();
    let shown = cannot_start(&Setting::new(at, "127.0.0.1:0"));
    assert!(shown.starts_with(&format!("error: the resolver office at {at} does not answer: ")), "{shown}");
}

#[test]
fn no_configuration() {
    for (command, what) in [("run", "configuration"), ("check", "file"), ("reset", "configuration")] {
        let said = ended(serin([command, "no/such.yaml"]));
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{command}");
        let expected =
            format!("error: the {what} cannot be read: there is no such file\n --> no/such.yaml\n");
        assert!(said.err.starts_with(&expected), "{command}: {}", said.err);
    }
}

#[test]
fn a_fleet_that_is_not_there_has_no_reset() {
    let resolver = Nobody::start();
    let setting = Setting::new(resolver.at, "127.0.0.1:0");
    let mut command = serin(["reset", "serin.yaml", "--fleet", "lmaps"]);
    command.current_dir(setting.path());
    let said = ended(command);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert_eq!(said.err, "error: there is no fleet `lmaps`: did you mean `lamps`?\n");
}
