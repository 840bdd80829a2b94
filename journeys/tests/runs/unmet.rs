//! What does not hold is told with its place, what was wanted, and what there was.

use journeys::{Run, Unmet};

use crate::http::start;

pub(crate) fn unmet(run: &Run) -> &[Unmet] {
    let step = run.deciding().unwrap();
    &step.last().unwrap().miss.as_ref().unwrap().unmet
}

fn told(unmet: &[Unmet]) -> Vec<String> {
    unmet.iter().map(|it| format!("{} {}: {} / {}", it.at, it.text, it.expected, it.actual)).collect()
}

#[tokio::test]
async fn an_expectation_knows_where_it_is_written() {
    let world = start().await;
    let yaml = r#"journey: j
vars: { who: robin }
steps:
  - name: read
    http: GET {{ api }}/users
    expect:
      - status == 200
      - json $.name == "{{ who }}"
      - "not json $.items exists"
      - duration < 10s
      - header content-type contains xml
      - answered == new
"#;
    let run = crate::support::run(&world.context, yaml).await;
    let wanted = [
        "test.yaml:7:9 status == 200: 200 / 201",
        "test.yaml:8:9 json $.name == \"{{ who }}\": \"robin\" / \"canary\"",
        "test.yaml:9:9 not json $.items exists: not exists / [{\"v\":1},{\"v\":2.5}]",
        "test.yaml:11:9 header content-type contains xml: contains \"xml\" / \"application/json\"",
        "test.yaml:12:9 answered == new: new / old",
    ];
    assert_eq!(told(unmet(&run)), wanted);
}

#[tokio::test]
async fn what_nobody_wrote_stands_where_the_step_does() {
    let world = start().await;
    let yaml = "journey: j\nsteps:\n  - name: read\n    http: GET {{ api }}/broken\n";
    let run = crate::support::run(&world.context, yaml).await;
    assert_eq!(told(unmet(&run)), ["test.yaml:4:11 status < 400: < 400 / 500"]);
    assert_eq!(run.steps[0].at.to_string(), "test.yaml:4:11");

    let yaml = "journey: j\nsteps:\n  - name: read\n    http: GET {{ api }}/users\n    save: { user: json $.none }\n";
    let run = crate::support::run(&world.context, yaml).await;
    assert_eq!(told(unmet(&run)), ["test.yaml:5:19 json $.none: exists / nothing"]);
    assert_eq!(run.detail, "read: expected json $.none to save as `user`, got nothing");
}
