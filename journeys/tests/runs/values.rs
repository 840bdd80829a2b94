//! Where values come from: rows of data, included files, functions.

use std::fs;
use std::path::Path;

use journeys::{Journey, Known, RunContext, Secrets};
use tempfile::TempDir;

use crate::http::start;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn load(folder: &Path, context: &RunContext) -> Result<Journey, String> {
    let known = Known { vars: &context.vars, secrets: &Secrets::default() };
    Journey::load(&folder.join("journey.yaml"), known).map_err(|rejected| rejected.to_string())
}

#[tokio::test]
async fn each_turn_has_a_row_of_its_own_and_the_same_turn_the_same() {
    let world = start().await;
    let folder = folder(&[
        ("users.csv", "name,password\nann,pw-of-ann\nbob,pw-of-bob\n"),
        (
            "journey.yaml",
            r#"
journey: j
data: { file: users.csv, secret: password }
steps:
  - name: read
    http: GET {{ api }}/note/{{ data.name }}
    expect: ['body == "{{ data.password }}"']
"#,
        ),
    ]);
    let journey = load(folder.path(), &world.context).unwrap();
    let mut told = String::new();
    for turn in [0, 1, 1, 2] {
        let context = RunContext { turn, ..world.context.clone() };
        told += &format!("{:?}", journey.run(&context).await);
    }
    assert_eq!(world.old.lines(), ["GET /note/ann", "GET /note/bob", "GET /note/bob", "GET /note/ann"]);
    assert!(told.contains("[data.password]") && !told.contains("pw-of"), "{told}");
}

#[tokio::test]
async fn an_included_file_sees_what_it_is_given_and_leaves_what_it_saves() {
    let world = start().await;
    let folder = folder(&[
        (
            "journey.yaml",
            r#"
journey: j
vars: { who: outside }
steps:
  - include: shared/sign-up.yaml
    vars: { who: "inside-{{ random_string(8) }}" }
  - { name: after, http: "GET {{ api }}/note/{{ who }}-{{ user }}" }
finally:
  - include: shared/clean-up.yaml
    vars: { id: "{{ user }}" }
"#,
        ),
        (
            "shared/sign-up.yaml",
            r#"
steps:
  - { name: first, http: "GET {{ api }}/note/{{ who }}" }
  - { name: sign up, http: "POST {{ api }}/users", save: { user: json $.id } }
  - include: deeper/one.yaml
    vars: { twice: "{{ who }}+{{ user }}" }
"#,
        ),
        (
            "shared/deeper/one.yaml",
            "steps:\n  - { name: deep, http: \"GET {{ api }}/note/{{ who }}/{{ twice }}\" }\n",
        ),
        ("shared/clean-up.yaml", "steps:\n  - { name: delete, http: \"DELETE {{ api }}/note/{{ id }}\" }\n"),
    ]);
    let journey = load(folder.path(), &world.context).unwrap_or_else(|rejected| panic!("{rejected}"));
    journey.run(&world.context).await;
    let lines = world.old.lines();
    let inside = lines[0].strip_prefix("GET /note/").unwrap();
    assert!(inside.starts_with("inside-"), "{inside}");
    let expected = [
        &format!("GET /note/{inside}"),
        "POST /users",
        &format!("GET /note/{inside}/{inside}+7"),
        "GET /note/outside-7",
        "DELETE /note/7",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn what_is_wrong_in_an_included_file_is_told_with_its_own_name_and_place() {
    let world = start().await;
    let folder = folder(&[
        (
            "journey.yaml",
            "journey: j\nsteps:\n  - include: a.yaml\n    vars: { id: 1 }\n  - { name: x, http: \"GET {{ api }}/{{ id }}\" }\n",
        ),
        (
            "a.yaml",
            "steps:\n  - { name: x, htp: \"GET {{ api }}/{{ idd }}\", save: { id: status } }\n  - include: a.yaml\n  - include: no.yaml\n",
        ),
    ]);
    let rejected = load(folder.path(), &world.context).map(|_| ()).unwrap_err();
    let shown = rejected.replace(&format!("{}/", folder.path().display()), "");
    for expected in [
        "another step is named `x` already\n --> journey.yaml:5:13",
        "unknown key `htp` in a step\n --> a.yaml:2:16",
        "`id` is given by the `include`, and hides what would be saved\n --> a.yaml:2:",
        "a.yaml would include itself\n --> a.yaml:3:14",
        "no.yaml cannot be included: there is no such file\n --> a.yaml:4:14",
    ] {
        assert!(shown.contains(expected), "`{expected}` is not in:\n{shown}");
    }
}
