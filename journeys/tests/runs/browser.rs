//! Steps in a browser. Skipped, with a line that says so, where there is no Chromium.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Form;
use axum::response::Html;
use axum::routing::{get, post};
use cutover::{AbortCause, Answered, FailureKind, Outcome, Reached, Route};
use journeys::{Artifacts, Journey, Known, Run, RunContext, Secrets};
use probes::{BrowserSettings, Browsers};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::{both_sides, context, run};

/// Both sides, and a browser; all ends with it.
struct Stage {
    context: RunContext,
    folder: TempDir,
    sides: Vec<JoinHandle<()>>,
}

impl Stage {
    async fn new() -> Option<Self> {
        if let Err(error) = probes::browser::locate(None) {
            assert!(std::env::var_os("SERIN_PEERS").is_none(), "{error}");
            eprintln!("skipped: {error}");
            return None;
        }
        let (old, new) = both_sides().await;
        let port = old.local_addr().unwrap().port();
        let folder = TempDir::new().unwrap();
        let settings = BrowserSettings { folder: folder.path().to_owned(), ..BrowserSettings::default() };
        let artifacts = Artifacts::new(folder.path().join("kept"), Duration::from_secs(60), 64 << 20);
        let context = RunContext {
            browsers: Browsers::new(settings),
            artifacts: Some(Arc::new(artifacts)),
            ..context(port).await
        };
        Some(Self { context, folder, sides: vec![serve(old, "old"), serve(new, "new")] })
    }

    async fn run(&self, route: Route, yaml: &str) -> Run {
        run(&RunContext { route, ..self.context.clone() }, yaml).await
    }

    async fn end(self) {
        self.context.browsers.shutdown().await;
        self.sides.iter().for_each(JoinHandle::abort);
    }
}

fn serve(listener: TcpListener, side: &'static str) -> JoinHandle<()> {
    let page = |title: &str, body: &str| {
        Html(format!("<!doctype html><title>{title}</title><h1>{title}</h1>{body}"))
    };
    let router = Router::new()
        .route("/", get(move || async move {
            let form = "<form method=post action=/in><input name=user><input name=password type=password><input type=file id=file><button>Go</button></form>";
            ([("x-served-by", side)], page("Sign in", form))
        }))
        .route("/in", post(move |Form(form): Form<Vec<(String, String)>>| async move {
            let text = form.iter().map(|(name, value)| format!("<li>{name}={value}")).collect::<String>();
            ([("x-served-by", side)], page("Home", &format!("<ul>{text}</ul>")))
        }));
    tokio::spawn(async move { drop(axum::serve(listener, router).await) })
}

const SIGN_IN: &str = r#"
journey: sign in
vars: { password: opensesame }
steps:
  - name: open
    browser: [{ goto: "{{ api }}/" }]
    expect: [status == 200, title == "Sign in", answered == route, reached == route, ttfb < 10s, lcp < 10s]
  - name: sign in
    browser:
      - fill: { "[name=user]": "ann {{ run.route }}", "[name=password]": "{{ password }}" }
      - click: button
      - wait: { text: Home }
      - evaluate: "[...document.querySelectorAll('li')].map((item) => item.textContent)"
      - screenshot: home
    timeout: 20s
    expect: [url ends-with /in, "json $[0] contains ann", css li count == 2, answered == route]
    save: { first: "json $[0]" }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_signs_in_on_either_side() {
    let Some(stage) = Stage::new().await else { return };
    for (route, reached, answered) in
        [(Route::Old, Reached::Old, Answered::Old), (Route::New, Reached::New, Answered::New)]
    {
        let run = stage.run(route, SIGN_IN).await;
        assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
        let last = run.steps[1].last().unwrap();
        assert_eq!((last.reached, last.answered), (Some(reached), answered));
        let vitals = run.steps[0].last().unwrap().vitals.unwrap();
        assert!(vitals.ttfb.is_some() && vitals.cls.is_some(), "{vitals:?}");
        // What the canary did to open its browser is not the run's time.
        assert!(
            run.took
                <= run.steps.iter().map(|step| step.last().unwrap().parts.total).sum::<Duration>()
                    + Duration::from_secs(3)
        );
        let kept = run.steps[1].kept.clone().unwrap();
        assert!(std::fs::read(kept.join("home.png")).unwrap().starts_with(b"\x89PNG"));
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_leaves_what_was_there_without_any_secret() {
    let Some(stage) = Stage::new().await else { return };
    let key = stage.folder.path().join("key.txt");
    std::fs::write(&key, "opensesame").unwrap();
    let yaml = SIGN_IN
        .replace(
            "vars: { password: opensesame }",
            &format!("secrets: {{ password: {{ file: {} }} }}", key.display()),
        )
        .replace("{{ password }}", "{{ secret.password }}")
        .replace("css li count == 2", "css li count == 3");
    let run = stage.run(Route::Old, &yaml).await;
    let failed = Outcome::Failed { step: "sign in".to_owned(), kind: FailureKind::Assertion };
    assert_eq!(run.outcome, failed, "{}", run.detail);
    let kept = run.steps[1].kept.clone().unwrap();
    let text = |name: &str| std::fs::read_to_string(kept.join(name)).unwrap();
    assert!(std::fs::read(kept.join("failure.png")).unwrap().starts_with(b"\x89PNG"));
    let html = text("page.html");
    assert!(html.contains("<title>Home</title>") && html.contains("[secret.password]"), "{html}");
    for file in std::fs::read_dir(&kept).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(10).any(|window| window == b"opensesame"));
    }
    let har: serde_json::Value = serde_json::from_str(&text("network.har")).unwrap();
    assert_eq!(har["log"]["version"], "1.2");
    assert!(har["log"]["entries"].as_array().unwrap().len() >= 2);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_page_does_not_show_fails_the_step_and_says_what_it_shows() {
    let Some(stage) = Stage::new().await else { return };
    let yaml = r##"
journey: j
steps:
  - name: look
    browser: [{ goto: "{{ api }}/" }, { click: "#none" }]
    timeout: 3s
"##;
    let run = stage.run(Route::New, yaml).await;
    let failed = Outcome::Failed { step: "look".to_owned(), kind: FailureKind::Assertion };
    assert_eq!(run.outcome, failed, "{}", run.detail);
    assert!(run.detail.contains("click `#none`: there is no such element"), "{}", run.detail);
    assert!(run.detail.contains("the page shows \"Sign in\" at http://test.example"), "{}", run.detail);
    assert_eq!(run.steps[0].last().unwrap().reached, Some(Reached::New));
    stage.end().await;
}

/// Selectors of every kind, right and wrong.
const SELECTORS: &[&str] = &[
    "#sign-in",
    "ul.menu > li:first-child a[href^='/a' i], h1 ~ p + p",
    "button:has(> svg):not(:disabled, .off)",
    ":is(h1, h2):focus-visible",
    "li:nth-child(2n + 1 of .on)",
    "input::placeholder",
    "a:hover::before",
    ":lang(de):dir(ltr)",
    "my-element::part(foot)",
    "::slotted(p)",
    ":host(.on) b",
    "& a",
    "*|a",
    "[data-x=\"1\"",
    "[name=user",
    "a:not(.b",
    "#\\31 st",
    "größe.ñ",
    "/* of */ a",
    "input:-webkit-autofill",
    "#a b]",
    "a >",
    "> a",
    "a,",
    ",a",
    "",
    "a:not()",
    "a:has()",
    "[a=]",
    "[=a]",
    "[a=1]",
    "#1st",
    "a..b",
    ".1a",
    "a:",
    "a::",
    "svg|a",
    "{{ x",
    "//a[@id]",
    "a { }",
    "a ! b",
    "a >> b",
    "a; b",
    "text=Sign in",
    "\"a\"",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selector_is_refused_beforehand_where_the_browser_would_refuse_it() {
    let Some(stage) = Stage::new().await else { return };
    let taken = |selector: &str| {
        // In a key, where there are no variables.
        let step = json!({ "name": "a", "browser": [{ "select": { selector: "x" } }] });
        let text = json!({ "journey": "j", "steps": [step] }).to_string();
        let given = Known { vars: &stage.context.vars, secrets: &Secrets::default() };
        Journey::parse(&text, "test.yaml", given).is_ok()
    };
    let ours: Vec<_> = SELECTORS.iter().map(|selector| (selector, taken(selector))).collect();
    let script = "SELECTORS.filter(([selector, ours]) => {
        try { document.querySelector(selector); return !ours; } catch { return ours; }
    }).map(([selector]) => selector)";
    let script = script.replace("SELECTORS", &json!(ours).to_string());
    let step = json!({
        "name": "those of which the two say different things",
        "browser": [{ "goto": "{{ api }}/" }, { "evaluate": format!("{{% raw %}}{script}{{% endraw %}}") }],
        "expect": { "json": "$", "equals": [] },
    });
    let run = stage.run(Route::Old, &json!({ "journey": "j", "steps": [step] }).to_string()).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    stage.end().await;
}

#[tokio::test]
async fn without_a_browser_the_run_is_aborted_with_the_way_out() {
    let (old, _new) = both_sides().await;
    let settings = BrowserSettings { program: Some("no-such-browser".into()), ..BrowserSettings::default() };
    let context =
        RunContext { browsers: Browsers::new(settings), ..context(old.local_addr().unwrap().port()).await };
    let run = run(&context, "{journey: j, steps: [{name: a, browser: [{goto: \"{{ api }}/\"}]}]}").await;
    assert_eq!(run.outcome, Outcome::Aborted { cause: AbortCause::Local });
    let detail = "a: there is no browser no-such-browser: install chromium, or name it with $SERIN_CHROMIUM or \
                  `browser:` in serin.yaml";
    assert_eq!(&*run.detail, detail);
}
