//! What it says, and writes.

use std::fs;

use serde_json::Value;

use super::api::{Api, FAILS, PASSES};
use crate::program::ended;

#[test]
fn reports_are_written_whole_and_what_cannot_be_written_is_said_before_anything_is_sent() {
    let api = Api::start();
    let (folder, command) = api.once(FAILS, "--report junit=r.xml tap=r.tap json=r.json html=r.html");
    assert_eq!(ended(command).code, Some(1));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("r.xml").contains("<failure message="));
    assert!(read("r.tap").contains("\n    not ok 1 - read\n"));
    assert!(read("r.html").contains("1 of 1 runs did not pass"));
    let report: Value = serde_json::from_str(&read("r.json")).unwrap();
    assert_eq!((&report["schema"], &report["runs"][0]["outcome"]), (&1.into(), &"failed".into()));
    assert_eq!(report["runs"][0]["trace"].as_str().map(str::len), Some(32));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5, "the journey and four reports, nothing else");

    while api.asked.try_recv().is_ok() {}
    let said = api.said(FAILS, "--report junit=none/r.xml");
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert_eq!(said.err, "error: the report none/r.xml cannot be written: there is no such folder\n");
    assert!(api.asked.try_recv().is_err(), "something was sent");
}

#[test]
fn a_part_is_run_with_what_is_given_by_hand() {
    let api = Api::start();
    let said = api.said(PASSES, "--from read");
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(
        said.err.contains("saved by `sign up`, which is left out. Give it by hand: --var user=VALUE"),
        "{}",
        said.err
    );
    let said = api.said(PASSES, "--from read --var user:=8");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(api.asked.recv().unwrap().starts_with("GET /users/8 "));
    let said = api.said(PASSES, "--var usre=8");
    assert!(said.err.contains("did you mean `user`?"), "{}", said.err);
    let said = api.said(PASSES, "--route old");
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--config serin.yaml"), "{}", said.err);
}

#[test]
fn a_curl_line_names_a_secret_and_does_not_tell_it() {
    let api = Api::start();
    let journey = "journey: j
secrets: { password: { env: SERIN_TEST_PASSWORD } }
steps:
  - { name: sign in, http: 'POST {{ api }}/sessions', json: { password: '{{ secret.password }}' } }
";
    let said = api.said(journey, "--curl");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains("              curl -H "), "{}", said.out);
    // With the name that steps saw, and of what came back nothing was a secret.
    assert!(!said.out.contains("x-serin-run") && !said.out.contains("traceparent"), "{}", said.out);
    assert!(said.out.contains("--data-raw '{\"password\":\"'\"$PASSWORD\"'\"}' http://"), "{}", said.out);
    assert!(!said.out.contains("hunter2"), "{}", said.out);
}

#[test]
fn what_is_likely_a_mistake_is_told_once_a_file() {
    let api = Api::start();
    let journey = PASSES.replace("steps:", "vars: { nobody: uses me }\nsteps:");
    let said = api.said(&journey, "j.yaml");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(said.err.matches("warning: ").count(), 1, "{}", said.err);
    assert!(said.err.contains("nobody") && said.err.contains("--> j.yaml:2:"), "{}", said.err);
    assert!(said.out.contains("2 runs: 2 passed; ") && !said.out.contains("warning"), "{}", said.out);
}

#[test]
fn redirects_are_shown_where_a_step_failed_and_reported_in_any_case() {
    let api = Api::start();
    let journey = "journey: j
steps:
  - { name: moved, http: 'GET {{ api }}/moved', redirects: 1 }
  - { name: wrong, http: 'POST {{ api }}/moved', redirects: 1, expect: json $.id == 8 }
finally:
  - { name: round and round, http: 'GET {{ api }}/loop', redirects: 2 }
";
    let (folder, command) = api.once(journey, "--report json=r.json");
    let said = ended(command);
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    let at = format!("http://{}", api.at);
    let (once, round) = (
        format!("via 1 redirect: {at}/moved (302)\n"),
        format!("via 2 redirects: {at}/loop (307), /loop (307)\n"),
    );
    assert!(said.out.contains(&once) && said.out.contains(&round), "{}", said.out);
    let text = fs::read_to_string(folder.path().join("r.json")).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    let steps = &report["runs"][0]["steps"];
    let hop = &steps[0]["attempts"][0]["redirects"][0];
    assert_eq!((&hop["status"], &hop["url"]), (&302.into(), &format!("{at}/moved").into()));
    assert_eq!(steps[0]["requests"].as_array().map(Vec::len), Some(2));
    assert_eq!(steps[2]["attempts"][0]["redirects"].as_array().map(Vec::len), Some(2));
}

#[test]
fn each_row_of_the_data_is_a_run_where_all_are_asked_for() {
    let api = Api::start();
    let journey = "journey: j
data: users.csv
steps: [{ name: read, http: 'GET {{ api }}/users/{{ data.user }}' }]
";
    let run = |arguments: &str| {
        let (folder, command) = api.once(journey, arguments);
        fs::write(folder.path().join("users.csv"), "user\nann\nbob\neve\n").unwrap();
        let said = ended(command);
        let asked: Vec<_> =
            api.asked.try_iter().filter_map(|line| Some(line.split(' ').nth(1)?.to_owned())).collect();
        (said, asked.join(" "), folder)
    };
    let (said, asked, _) = run("");
    assert_eq!((said.code, asked.as_str()), (Some(0), "/users/ann"), "{}{}", said.out, said.err);
    assert!(said.out.starts_with("j on live, row 1 of 3  j.yaml\n"), "{}", said.out);
    assert_eq!(run("--row 3").1, "/users/eve");
    assert_eq!(run("--rows 2-3").1, "/users/bob /users/eve");
    let (said, asked, folder) = run("--row all --report json=r.json junit=r.xml");
    assert_eq!((said.code, asked.as_str()), (Some(0), "/users/ann /users/bob /users/eve"));
    assert!(said.out.contains("\nj on live, row 3 of 3  j.yaml\n"), "{}", said.out);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let report: Value = serde_json::from_str(&read("r.json")).unwrap();
    assert_eq!(report["runs"][2]["row"], 3);
    assert!(read("r.xml").contains("<testsuite name=\"j on live, row 2\""));
    for (arguments, complaint) in [
        ("--row 4", "error: --row: the data of j.yaml has 3 rows, and no row 4\n"),
        ("--row 0", "write the number of a row, from 1, several as FROM-TO, or all"),
    ] {
        let (said, asked, _) = run(arguments);
        assert_eq!((said.code, asked.as_str(), said.out.as_str()), (Some(2), "", ""));
        assert!(said.err.contains(complaint), "{}", said.err);
    }
    let said = api.said(PASSES, "--row 1");
    assert_eq!((said.code, said.err.as_str()), (Some(2), "error: --row: no journey here has `data`\n"));
}
