//! The table has the keys that the loader knows, and accepts what the loader does.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use boon::{Compiler, Schemas};
use document::schema::json_schema;
use serde_json::Value;

use super::CONFIGURATION;

/// Far from every key that there is.
const UNKNOWN: &str = "zzzzzzzzzzzz";

/// Each shape with an unknown key in it, by which the loader tells all that it knows there; `Z` stands for the key.
const SAMPLES: &[(&str, &str)] = &[
    ("configuration", "{ cutover: {}, Z }"),
    ("cutover", "{ cutover: { Z } }"),
    ("sides", "{ cutover: { name: a, names: [a.example], sides: { Z } } }"),
    (
        "side",
        "{ cutover: { name: a, names: [a.example], sides: { old: { Z }, new: { addresses: 192.0.2.1 } } } }",
    ),
    ("resolver", "{ resolvers: { a: { Z } } }"),
    ("journey", "{ journeys: [{ Z }] }"),
    ("store", "{ store: { Z } }"),
    ("browser", "{ browser: { Z } }"),
    ("artifacts", "{ artifacts: { Z } }"),
    ("evidence", "{ evidence: { Z } }"),
    ("alerts", "{ alerts: { Z } }"),
    ("receiver", "{ alerts: { receivers: { a: { Z } } } }"),
    ("email", "{ alerts: { receivers: { a: { email: { Z } } } } }"),
    ("account", "{ operator: { Z } }"),
    ("secret", "{ secrets: { a: { Z } } }"),
    ("canary", "{ canaries: { a: { Z } } }"),
    ("watch", "{ canaries: { a: { every: 60s, watch: { Z } } } }"),
    ("check-in", "{ canaries: { a: { every: 60s, check-in: { Z } } } }"),
    ("wave", "{ waves: [{ Z }] }"),
    ("fleet", "{ devices: { a: { count: 1, broker: mqtt://a.example, Z } } }"),
    ("fleet", "{ devices: { a: { count: 1, api: http://a.example, Z } } }"),
    ("datapoint", "{ devices: { a: { count: 1, broker: mqtt://a.example, datapoint: { Z } } } }"),
    ("sine", "{ devices: { a: { count: 1, broker: mqtt://a.example, datapoint: { sine: { Z } } } } }"),
    ("walk", "{ devices: { a: { count: 1, broker: mqtt://a.example, datapoint: { walk: { Z } } } } }"),
    ("replay", "{ devices: { a: { count: 1, broker: mqtt://a.example, datapoint: { replay: { Z } } } } }"),
    ("verify", "{ devices: { a: { count: 1, broker: mqtt://a.example, verify: { Z } } } }"),
    ("reset", "{ devices: { a: { count: 1, broker: mqtt://a.example, reset: { Z } } } }"),
    ("step", "{ devices: { a: { count: 1, broker: mqtt://a.example, shape: [{ Z }] } } }"),
    (
        "personality",
        "{ devices: { a: { count: 1, broker: mqtt://a.example, personality: { never: { Z } } } } }",
    ),
    ("will", "{ devices: { a: { count: 1, broker: mqtt://a.example, will: { Z } } } }"),
    ("authority", "{ devices: { a: { count: 1, broker: mqtts://a.example, client-certificates: { Z } } } }"),
];

/// What the loader says that it knows, where something is unknown to it.
fn known(text: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("serin.yaml");
    fs::write(&path, text.replace('Z', &format!("{UNKNOWN}: 1"))).unwrap();
    let rejected = crate::config::load(&path).unwrap_err();
    let told = rejected.0.iter().find(|diagnostic| diagnostic.message.contains(UNKNOWN));
    let help = told.and_then(|diagnostic| diagnostic.help.clone()).unwrap_or_else(|| rejected.to_string());
    let keys = help.strip_prefix("known here: ").unwrap_or_else(|| unreachable!("{text}: {help}"));
    keys.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_table_has_the_keys_that_the_loader_knows_and_no_others() {
    let mut read: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (shape, sample) in SAMPLES {
        read.entry(shape).or_default().extend(known(sample));
    }
    for (name, shape) in CONFIGURATION.all() {
        let told: BTreeSet<_> = shape.keys().into_iter().map(str::to_owned).collect();
        assert_eq!(
            told,
            read.remove(name).unwrap_or_default(),
            "the keys of `{name}`: the table's, the loader's"
        );
    }
    assert!(read.is_empty(), "{read:?}");
}

/// What the schema has against a file.
fn against(text: &str) -> Option<String> {
    let mut compiler = Compiler::new();
    compiler.add_resource("serin.json", json_schema(&CONFIGURATION, "serin.yaml")).unwrap();
    let mut schemas = Schemas::new();
    let schema = compiler.compile("serin.json", &mut schemas).unwrap();
    let document: Value = serde_yaml::from_str(text).unwrap();
    schemas.validate(&document, schema).err().map(|error| format!("{error:#}"))
}

#[test]
fn every_accepted_file_and_every_example_is_accepted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in fs::read_dir(root.join("tests/accepted")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "yaml") {
            seen += 1;
            assert_eq!(against(&fs::read_to_string(&path).unwrap()), None, "{}", path.display());
        }
    }
    for document in ["README.md", "docs/configuration.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        for block in text.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
            if block.starts_with("# serin.yaml\n") {
                seen += 1;
                assert_eq!(against(block), None, "{document}:\n{block}");
            }
        }
    }
    assert!(seen >= 6, "only {seen} files were found");
}

#[test]
fn what_an_editor_should_underline_is_refused() {
    let whole = "cutover: { name: a, names: [a.example], sides: { old: { addresses: 192.0.2.1 }, new: { addresses: 192.0.2.2 } } }\n";
    assert_eq!(against(whole), None);
    for wrong in [
        "{}".to_owned(),
        format!("{whole}journey: []\n"),
        format!("{whole}journeys: [{{ run: a.yaml }}]\n"),
        format!("{whole}journeys: [{{ run: a.yaml, every: 5 }}]\n"),
        format!("{whole}evidence: {{ go-margin: 1 }}\n"),
        format!("{whole}devices: {{ a: {{ count: 1 }} }}\n"),
        format!("{whole}devices: {{ a: {{ count: 1, api: http://a.example, qos: 1 }} }}\n"),
        format!("{whole}store: {{ file: a, at-most: 1 }}\n"),
    ] {
        assert!(against(&wrong).is_some(), "{wrong}");
    }
}
