//! What a canary that was killed has left over is taken away: at the API itself.

use std::fs;
use std::path::PathBuf;

use crate::separate_process::World;
use crate::support::{Canary, Process, eventually, serin};

/// Signs up, and then waits for what never comes; what it made is taken away in the end, and that is looked at.
const JOURNEY: &str = r#"
journey: sign up and wait
timeout: 10m
vars: { email: "left+{{ run.id }}@acme.example", password: "pw-{{ random_string(12) }}" }
steps:
  - name: sign up
    http: POST {{ api }}/users
    json: { email: "{{ email }}", password: "{{ password }}" }
    creates: user
    expect: [status == 201]
    save: { user: json $.id }
  - { name: wait, http: "GET {{ api }}/nothing", until: 9m, every: 1s, expect: [status == 200] }
finally:
  - name: sign in
    http: POST {{ api }}/sessions
    json: { email: "{{ email }}", password: "{{ password }}" }
    save: { token: secret json $.token }
  - name: delete
    http: DELETE {{ api }}/users/{{ user }}
    headers: { authorization: "Bearer {{ token }}" }
    expect: [status == 204]
  - name: it is gone
    http: POST {{ api }}/sessions
    json: { email: "{{ email }}", password: "{{ password }}" }
    expect: [status == 401]
"#;

/// The world's configuration, with this journey alone.
fn configured(world: &World) -> PathBuf {
    let text = fs::read_to_string(world.config()).unwrap();
    let (before, after) = text.split_once("\njourneys:\n").unwrap();
    let (_, after) = after.split_once("\noperator:").unwrap();
    fs::write(world.folder().join("journeys/wait.yaml"), JOURNEY).unwrap();
    let journeys = "journeys: [{ run: journeys/wait.yaml, every: 10m, on: [old, new] }]";
    let path = world.folder().join("sweep.yaml");
    fs::write(&path, format!("{before}\n{journeys}\noperator:{after}")).unwrap();
    path
}

#[test]
fn what_a_killed_canary_has_left_over_is_taken_away() {
    let world = World::start(1);
    let config = configured(&world);
    let sweep = |more: &[&str]| Process::run(serin().arg("sweep").arg(&config).args(more));
    let mut canary = Canary::start(&config, None, "ready");
    let store = world.folder().join("serin.db");
    eventually("both runs have signed up", || {
        let (leaves, open) = store::leftovers(&store).map_err(|error| error.to_string())?;
        let signed_up = leaves.iter().filter(|leaf| leaf.data["vars"]["user"].is_string()).count();
        if open && signed_up == 2 { Ok(()) } else { Err(format!("{leaves:?}")) }
    });
    let (code, said) = sweep(&[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("left: younger than 10m, and `serin run` is at work"), "{said}");
    canary.process.kill();

    let (code, said) = sweep(&["--dry-run"]);
    assert!(code == 0 && said.contains("user of `sign up and wait` on new  to be cleaned up"), "{said}");
    let (code, said) = sweep(&[]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(said.matches("cleaned up, 3 steps").count(), 2, "{said}");
    assert!(said.ends_with("2 left over, 2 of them cleaned up"), "{said}");
    let (code, said) = sweep(&[]);
    assert!(code == 0 && said.starts_with("nothing is left over in"), "{said}");
    world.ends();
}

#[test]
fn what_cannot_be_taken_away_is_told_and_stays_until_it_is_given_up() {
    let world = World::start(1);
    let config = configured(&world);
    let sweep = |more: &[&str]| Process::run(serin().arg("sweep").arg(&config).args(more));
    let mut canary = Canary::start(&config, None, "ready");
    let store = world.folder().join("serin.db");
    eventually("a run has signed up", || {
        let (leaves, _) = store::leftovers(&store).map_err(|error| error.to_string())?;
        leaves
            .iter()
            .any(|leaf| leaf.data["vars"]["user"].is_string())
            .then_some(())
            .ok_or(format!("{leaves:?}"))
    });
    canary.process.kill();
    fs::write(world.folder().join("journeys/wait.yaml"), JOURNEY.replace("sign up and wait", "renamed"))
        .unwrap();
    let (code, said) = sweep(&[]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("still there: the configuration has no journey of that name any more"), "{said}");
    let (code, said) = sweep(&["--give-up"]);
    assert!(code == 0 && said.contains("given up: "), "{said}");
    let (code, said) = sweep(&[]);
    assert!(code == 0 && said.starts_with("nothing is left over in"), "{said}");
    world.ends();
}
