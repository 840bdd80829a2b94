use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use proptest::prelude::*;
use url::form_urlencoded::byte_serialize;

use super::*;

fn knowing(secrets: &[(&str, &str)]) -> Redactor {
    let mut redactor = Redactor::default();
    for (name, secret) in secrets {
        redactor.learn(name, secret);
    }
    redactor
}

fn cleaned(secret: &str, text: &str) -> String {
    knowing(&[("secret.password", secret)]).clean(text).into_string()
}

#[test]
fn a_secret_is_struck_out_in_every_usual_form() {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let secret = "p\"ss w&rd/é";
    for form in [
        secret.to_owned(),
        json(secret),
        json(&json(secret)),
        json(&json(&json(secret))),
        byte_serialize(secret.as_bytes()).collect(),
        json(&byte_serialize(secret.as_bytes()).collect::<String>()),
        "p&quot;ss w&amp;rd&#x2F;&#233;".to_owned(),
        STANDARD.encode(secret),
        format!("Basic {}", STANDARD.encode(format!("ann:{secret}"))),
        URL_SAFE.encode(format!("{secret}!")),
        byte_serialize(STANDARD.encode(format!("x{secret}")).as_bytes()).collect(),
    ] {
        let shown = cleaned(secret, &format!("said {form} there"));
        assert!(shown.starts_with("said ") && shown.ends_with(" there"), "{form}: {shown}");
        assert!(shown.contains("[secret.password]") && !shown.contains("ss w"), "{form}: {shown}");
    }
    assert_eq!(cleaned("hunter2", "Basic YW5uOmh1bnRlcjI= sent"), "Basic [secret.password] sent");
    assert_eq!(cleaned("hunter2", "nothing of it"), "nothing of it");
}

#[test]
fn a_text_that_was_cut_within_a_secret_shows_nothing_of_it() {
    assert_eq!(
        cleaned("hunter2-of-acme", "got \"hunter2-o..., and on"),
        "got \"[secret.password]..., and on"
    );
    assert_eq!(cleaned("hunter2-of-acme", "got hunter2-o"), "got [secret.password]");
    assert_eq!(cleaned("hunter2-of-acme", "a hunt"), "a hunt");
}

#[test]
fn a_secret_that_its_own_mark_would_show_is_masked() {
    assert_eq!(cleaned("secret", "the secret is out"), "the *** is out");
    let redactor = knowing(&[("secret.a", "aa***"), ("secret.b", "secret.b")]);
    assert_eq!(redactor.clean("say aasecret.b"), "say ***");
}

#[test]
fn neither_the_redactor_nor_what_it_learns_is_printed() {
    let redactor = knowing(&[("token", "hunter2")]);
    assert_eq!(format!("{redactor:?}"), "[\"token\"]");
}

proptest! {
    #[test]
    fn no_secret_is_in_a_clean_text_whatever_it_was_made_of(
        secrets in prop::collection::vec("[a-c*%&\"\\\\ +.é=]{4,9}", 1..4),
        pieces in prop::collection::vec((0..4_usize, 0..6_usize, "[a-c*.%\\\\]{0,4}"), 0..8),
    ) {
        let mut text = String::new();
        for (of, form, between) in pieces {
            let secret = &secrets[of % secrets.len()];
            let json = |text: &str| serde_json::Value::from(text).to_string();
            text += &between;
            text += &match form {
                0 => secret.clone(),
                1 => json(secret),
                2 => json(&json(secret)),
                3 => byte_serialize(secret.as_bytes()).collect(),
                4 => STANDARD.encode(format!("u:{secret}")),
                _ => secret.chars().take(3).collect(),
            };
        }
        let named: Vec<_> = secrets.iter().map(|secret| ("secret.x", secret.as_str())).collect();
        let clean = knowing(&named).clean(&text);
        for secret in &secrets {
            prop_assert!(!clean.contains(secret.as_str()), "{secret:?} is in {clean:?}");
        }
    }
}
