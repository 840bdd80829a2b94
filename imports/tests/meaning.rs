//! Whatever is read, the journey loads, sends the same, and holds no secret.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use imports::Format;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, context};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::loads;

/// What a run makes of a text.
fn rendered(text: &str) -> String {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().keep_trailing_newline(true).build().unwrap());
    environment.render_str(text, context! { api => "https://api.acme.example" }).unwrap()
}

fn rendered_json(value: &Value) -> Value {
    match value {
        Value::String(text) => rendered(text).into(),
        Value::Array(items) => items.iter().map(rendered_json).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), rendered_json(value))).collect()
        }
        scalar => scalar.clone(),
    }
}

/// Texts that YAML, templates, JSON and shells read in ways of their own, and any others.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "(?s).{0,30}".prop_map(|text| text),
        "[-:#{}%\\[\\],&*!|>'\"@`~?$\\\\ \\n\\t\\r0-9eE.+=/a-z]{0,30}".prop_map(|text| text),
        proptest::sample::select(vec![
            "{{", "{{ x }}", "{%", "{#", "~", "null", "No", "0x1f", "1e3", "---", "- a", "? b", ": c", "#"
        ])
        .prop_map(str::to_owned),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let key = text().prop_map(|text| format!("k{text}n"));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn har(request: &Value) -> String {
    let response =
        json!({ "status": 200, "headers": [], "content": { "mimeType": "text/plain", "text": "" } });
    json!({ "log": { "entries": [{ "request": request, "response": response }] } }).to_string()
}

fn step(yaml: &str) -> Value {
    let journey: Value = serde_yaml::from_str(yaml).unwrap();
    journey["steps"][0].clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_document_is_sent_as_it_was(document in document()) {
        let request = json!({ "method": "POST", "url": "https://api.acme.example/x",
            "postData": { "mimeType": "application/json", "text": document.to_string() } });
        let imported = Format::Har.import(&har(&request), "name").unwrap();
        loads(&imported);
        let step = step(&imported.yaml);
        prop_assert_eq!(rendered_json(&step["json"]), document, "{}", imported.yaml);
    }

    #[test]
    fn texts_forms_headers_and_urls_are_sent_as_they_were(
        text in text(), field in text(), header in "[ -~]{0,30}", segment in text(), title in text(),
    ) {
        prop_assume!(!text.is_empty() && !field.is_empty());
        let mut url = url::Url::parse("https://api.acme.example/").unwrap();
        url.path_segments_mut().unwrap().push(&segment);
        url.query_pairs_mut().append_pair("q", &segment);
        let header = header.trim();
        let body: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("field", &field).append_pair("field", &text).finish();
        let entry = |data: Value| json!({ "method": "POST", "url": url.as_str(),
            "headers": [{ "name": "X-Note", "value": header }], "postData": data });
        for data in [json!({ "mimeType": "text/plain", "text": text }),
            json!({ "mimeType": "application/x-www-form-urlencoded", "text": body })] {
            let imported = Format::Har.import(&har(&entry(data)), &title).unwrap();
            loads(&imported);
            let step = step(&imported.yaml);
            let (_, sent) = step["http"].as_str().unwrap().split_once(' ').unwrap();
            let same = rendered(sent) == url.as_str();
            prop_assert!(same, "{}\n{}", imported.yaml, url);
            if !header.is_empty() {
                prop_assert_eq!(rendered(step["headers"]["x-note"].as_str().unwrap()), header, "{}", imported.yaml);
            }
            match step["text"].as_str() {
                Some(sent) => prop_assert_eq!(rendered(sent), text.as_str(), "{}", imported.yaml),
                None => prop_assert_eq!(
                    rendered_json(&step["form"]["field"]), json!([field, text]), "{}", imported.yaml
                ),
            }
        }
    }

    #[test]
    fn a_secret_is_nowhere_in_the_file(secret in "[A-Za-z0-9+/=!$ \"'{}%:-]{8,24}", note in "[a-z ]{0,8}") {
        let secret = secret.trim();
        prop_assume!(secret.len() >= 8);
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let request = json!({ "method": "POST", "url": format!("https://api.acme.example/{encoded}?api_key={encoded}&next={encoded}"),
            "headers": [{ "name": "Authorization", "value": format!("Bearer {secret}") }, { "name": "X-Note", "value": format!("{note}{secret}") }],
            "cookies": [{ "name": "sid", "value": secret }],
            "postData": { "mimeType": "application/json", "text": json!({ "password": secret, "again": format!("{note}{secret}{note}") }).to_string() } });
        let imported = Format::Har.import(&har(&request), secret).unwrap();
        loads(&imported);
        let yaml = &imported.yaml;
        prop_assert!(!yaml.contains(secret) && !yaml.contains(&encoded), "{}", yaml);
        let shell = format!("curl https://me@api.acme.example/ -u 'me:{}' -b 'sid={}'", secret.replace('\'', r"'\''"), encoded);
        let imported = Format::Curl.import(&shell, "name").unwrap();
        prop_assert!(!imported.yaml.contains(secret), "{}", imported.yaml);
    }

    #[test]
    fn nothing_makes_an_import_fall_over(text in "(?s).{0,200}") {
        for format in [Format::Har, Format::Curl, Format::OpenApi, Format::Postman] {
            let _ = format.import(&text, "name");
            let _ = format.import(&format!("openapi: 3.0.0\npaths: {{ /a: {{ get: {text:?} }} }}"), "name");
            let _ = format.import(&json!({ "item": [{ "request": text }] }).to_string(), "name");
        }
    }
}
