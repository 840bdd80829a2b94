//! Whose fault it is when a step cannot be carried out: the script's, or the target's whose word it uses.

use cutover::{AbortCause, FailureKind, Outcome};

use crate::http::{failed, start};

#[tokio::test]
async fn a_script_that_is_wrong_only_at_run_time_aborts() {
    let world = start().await;
    for url in ["{{ run.id }}/x", "{{ api }}/{{ run.id|int }}"] {
        let yaml = format!("journey: j\nsteps:\n  - {{ name: read, http: \"GET {url}\" }}\n");
        let run = crate::support::run(&world.context, &yaml).await;
        assert_eq!(run.outcome, Outcome::Aborted { cause: AbortCause::Script }, "{}", run.detail);
    }
}

#[tokio::test]
async fn a_saved_value_that_breaks_a_later_step_is_the_targets_failure() {
    let world = start().await;
    for (query, step, words) in [
        ("json $.name", r#"http: "GET {{ value }}/x""#, "`canary/x` is no URL"),
        (
            "json $.name",
            r#"http: "GET {{ api }}/users", headers: { x-age: "{{ value|int }}" }"#,
            "a template",
        ),
        ("json $.items", r#"http: "GET {{ api }}/{{ value|int }}""#, "a template cannot be filled in"),
        (
            "json $.name",
            r#"http: "GET {{ api }}/users", expect: 'json $.id == "{{ value|int }}"'"#,
            "a template",
        ),
    ] {
        let yaml = format!(
            "journey: j\nsteps:\n  - {{ name: sign up, http: \"POST {{{{ api }}}}/users\", save: {{ value: {query} }} }}\n  \
             - {{ name: read, {step} }}\n"
        );
        let run = crate::support::run(&world.context, &yaml).await;
        failed(&run, "read", FailureKind::Assertion);
        assert!(run.detail.starts_with(&format!("read: {words}")), "{}", run.detail);
        assert!(run.detail.ends_with(", with `value` as it was saved from an answer"), "{}", run.detail);
    }
}
