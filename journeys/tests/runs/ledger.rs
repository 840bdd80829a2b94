//! What runs make is written down before it is made, and struck out when it is gone.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cutover::Outcome;
use journeys::{Entry, Journey, Known, Ledger, RunContext, Secrets};

use crate::http::start;

/// A ledger in memory, which notes what happens in which order.
#[derive(Debug, Default)]
struct Book {
    lines: Mutex<Vec<String>>,
    last: Mutex<Option<Entry>>,
}

impl Book {
    fn note(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    fn last(&self) -> Entry {
        self.last.lock().unwrap().clone().unwrap()
    }
}

#[async_trait]
impl Ledger for Book {
    async fn opened(&self, entry: &Entry) -> bool {
        self.note(format!("opened {:?}", entry.vars.keys().collect::<Vec<_>>()));
        *self.last.lock().unwrap() = Some(entry.clone());
        true
    }

    async fn updated(&self, entry: &Entry) -> bool {
        self.note(format!("updated {:?}", entry.vars.keys().collect::<Vec<_>>()));
        *self.last.lock().unwrap() = Some(entry.clone());
        true
    }

    async fn closed(&self, _run: &str) {
        self.note("closed".to_owned());
    }
}

fn journey(context: &RunContext, clean_up: &str) -> Journey {
    let yaml = format!(
        r#"
journey: j
secrets: {{ key: {{ file: tests/rejected/shared/users.csv }} }}
vars: {{ mark: "m-{{{{ run.id }}}}", authorization: "Bearer {{{{ secret.key }}}}" }}
steps:
  - {{ name: look, http: "GET {{{{ api }}}}/note/before" }}
  - name: sign up
    http: POST {{{{ api }}}}/users
    creates: user
    save: {{ user: json $.id, name: secret json $.name }}
finally:
  - {{ name: delete, http: "DELETE {{{{ api }}}}/{clean_up}/{{{{ user }}}}/{{{{ mark }}}}" }}
"#
    );
    let known = Known { vars: &context.vars, secrets: &Secrets::default() };
    Journey::parse(&yaml, "journey.yaml", known).unwrap_or_else(|rejected| panic!("{rejected}"))
}

#[tokio::test]
async fn what_is_made_is_written_down_first_and_struck_out_when_it_is_gone() {
    let world = start().await;
    let book = Arc::new(Book::default());
    let context = RunContext { ledger: Some(book.clone()), ..world.context.clone() };
    journey(&context, "note").run(&context).await;
    // Neither the secret variable nor the one that was saved as a secret, nor what the configuration gives.
    assert_eq!(book.lines(), ["opened [\"mark\"]", "updated [\"mark\", \"user\"]", "closed"]);
    let entry = book.last();
    assert_eq!((&*entry.journey, &*entry.creates[0]), ("j", "user"));
}

#[tokio::test]
async fn what_finally_could_not_take_away_stays_and_is_taken_away_later() {
    let world = start().await;
    let book = Arc::new(Book::default());
    let context = RunContext { ledger: Some(book.clone()), ..world.context.clone() };
    journey(&context, "no-such").run(&context).await;
    assert_eq!(book.lines(), ["opened [\"mark\"]", "updated [\"mark\", \"user\"]"]);

    let entry = book.last();
    let run = journey(&context, "note").clean_up(&context, &entry).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    assert_eq!(run.id.simple().to_string(), entry.run);
    let last = world.old.lines().pop().unwrap();
    assert_eq!(last, format!("DELETE /note/7/m-{}", entry.run));
    assert_eq!(book.lines().last().map(String::as_str), Some("closed"));
}
