//! The table of what a journey's file may hold: it has what the loader knows, all of it, and accepts what the loader does.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use document::schema::{Shape, json_schema};
use journeys::schema::{INCLUDED, JOURNEY};
use journeys::{Journey, Known, Secrets};
use serde_json::{Value, json};

/// Far from every key that there is.
const UNKNOWN: &str = "zzzzzzzzzzzz";

/// Each shape in files that have an unknown key in it, by which the loader tells all that it knows there.
const SAMPLES: &[(&str, &str)] = &[
    ("journey", "{ zzzzzzzzzzzz: 1, steps: [] }"),
    ("step", "{ steps: [{ name: a, http: GET http://a.example/, zzzzzzzzzzzz: 1 }] }"),
    ("step", "{ steps: [{ name: a, mqtt: publish a, broker: mqtt://a.example, text: a, zzzzzzzzzzzz: 1 }] }"),
    ("step", "{ steps: [{ name: a, mqtt: await a, broker: mqtt://a.example, zzzzzzzzzzzz: 1 }] }"),
    ("step", "{ steps: [{ name: a, browser: [{ goto: 'http://a.example/' }], zzzzzzzzzzzz: 1 }] }"),
    ("step", "{ steps: [{ name: a, dns: A a.example, zzzzzzzzzzzz: 1 }] }"),
    ("step", "{ steps: [{ name: a, tcp: 'a.example:1', zzzzzzzzzzzz: 1 }] }"),
    ("step", "{ steps: [{ name: a, websocket: 'ws://a.example/', zzzzzzzzzzzz: 1 }] }"),
    ("step", "{ steps: [{ name: a, pause: 1s, zzzzzzzzzzzz: 1 }] }"),
    ("browser-command", "{ steps: [{ name: a, browser: [{ zzzzzzzzzzzz: 1 }] }] }"),
    ("browser-wait", "{ steps: [{ name: a, browser: [{ wait: { zzzzzzzzzzzz: 1 } }] }] }"),
    (
        "multipart-file",
        "{ steps: [{ name: a, http: POST http://a.example/, multipart: { a: { file: a, zzzzzzzzzzzz: 1 } } }] }",
    ),
    (
        "certificate",
        "{ steps: [{ name: a, http: GET https://a.example/, certificate: { cert: a, key: b, zzzzzzzzzzzz: 1 } }] }",
    ),
    (
        "retry",
        "{ steps: [{ name: a, http: GET http://a.example/, retry: { attempts: 3, zzzzzzzzzzzz: 1 } }] }",
    ),
    ("include", "{ steps: [{ include: a.yaml, zzzzzzzzzzzz: 1 }] }"),
    ("data", "{ data: { file: a.csv, zzzzzzzzzzzz: 1 } }"),
    ("secret", "{ secrets: { a: { env: A, zzzzzzzzzzzz: 1 } } }"),
    (
        "expectation-of-a-document",
        "{ steps: [{ name: a, http: GET http://a.example/, expect: [{ json: $, equals: 1, zzzzzzzzzzzz: 1 }] }] }",
    ),
    (
        "credentials",
        "{ steps: [{ name: a, mqtt: await a, broker: mqtt://a.example, \
         credentials: { username: a, password: b, zzzzzzzzzzzz: 1 } }] }",
    ),
];

/// A shape that is told by no unknown key: `not` alone.
const UNTOLD: &[&str] = &["expectation-turned-round"];

/// What the loader says that it knows, where something is unknown to it.
fn known(text: &str) -> BTreeSet<String> {
    let given = Known { vars: &BTreeMap::new(), secrets: &Secrets::default() };
    let text = text.replacen("{ ", "{ journey: j, ", 1);
    let rejected = Journey::parse(&text, "sample.yaml", given).unwrap_err();
    let told = rejected.0.iter().find(|diagnostic| diagnostic.message.contains(UNKNOWN));
    let help = told.and_then(|diagnostic| diagnostic.help.clone()).unwrap_or_else(|| rejected.to_string());
    let keys = help.strip_prefix("known here: ").unwrap_or_else(|| unreachable!("{text}: {help}"));
    // What is wrong with an included file says further where that is included.
    let keys = keys.split_once("; included at ").map_or(keys, |(keys, _)| keys);
    keys.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_table_has_the_keys_that_the_loader_knows_and_no_others() {
    let mut read: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (shape, sample) in SAMPLES {
        read.entry(shape).or_default().extend(known(sample));
    }
    for (name, shape) in JOURNEY.all() {
        if UNTOLD.contains(&name) {
            continue;
        }
        let told: BTreeSet<_> = shape.keys().into_iter().map(str::to_owned).collect();
        assert_eq!(
            told,
            read.remove(name).unwrap_or_default(),
            "the keys of `{name}`: the table's, the loader's"
        );
    }
    assert!(read.is_empty(), "{read:?}");
}

#[test]
fn a_file_that_is_included_has_the_keys_that_the_loader_knows() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shared.yaml");
    fs::write(&file, format!("{{ steps: [], {UNKNOWN}: 1 }}")).unwrap();
    let told = known(&format!("{{ steps: [{{ include: {} }}] }}", file.display()));
    assert_eq!(INCLUDED.keys(), told.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn each_action_has_its_own_keys_and_no_others() {
    let step = JOURNEY.all()["step"];
    let common: BTreeSet<_> = step.fields.iter().map(|field| field.key).collect();
    let actions: BTreeSet<_> = step.kinds.iter().map(|kind| kind.field.key).collect();
    let mut read: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (_, sample) in SAMPLES.iter().filter(|(shape, _)| *shape == "step") {
        let action = actions.iter().find(|action| sample.contains(&format!(" {action}: "))).unwrap();
        let keys = known(sample);
        let own =
            keys.into_iter().filter(|key| !common.contains(key.as_str()) && !actions.contains(key.as_str()));
        read.entry(action).or_default().extend(own);
    }
    for kind in step.kinds {
        let told: BTreeSet<_> = kind.fields.iter().map(|field| field.key.to_owned()).collect();
        assert_eq!(told, read.remove(kind.field.key).unwrap_or_default(), "the keys of `{}`", kind.field.key);
    }
}

/// The schema as an editor has it.
struct Judge {
    schemas: Schemas,
    schema: SchemaIndex,
}

impl Judge {
    fn of(shape: &'static Shape) -> Self {
        let mut compiler = Compiler::new();
        compiler.add_resource("schema.json", json_schema(shape, "an example")).unwrap();
        let mut schemas = Schemas::new();
        let schema = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, schema }
    }

    /// What is wrong with a file.
    fn against(&self, text: &str) -> Option<String> {
        let document: Value = serde_yaml::from_str(text).unwrap();
        self.schemas.validate(&document, self.schema).err().map(|error| format!("{error:#}"))
    }
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|it| it == extension)).collect()
}

#[test]
fn a_mistake_in_a_step_is_marked_where_it_is() {
    let judge = Judge::of(&JOURNEY);
    let step =
        |text: &str| format!("{{ journey: j, steps: [{{ name: a, http: GET http://a.example/, {text} }}] }}");
    assert_eq!(judge.against(&step("within: 0.5s, timeout: 1.5s 20ms")), None);
    let error = judge.against(&step("expct: []")).unwrap();
    assert!(error.contains("'expct'") && !error.contains("include"), "{error}");
    let error = judge.against(&step("retry: { atempts: 3 }")).unwrap();
    assert!(error.contains("'atempts'") && !error.contains("anyOf"), "{error}");
}

#[test]
fn every_journey_that_ships_and_every_example_is_accepted() {
    let (judge, of_included) = (Judge::of(&JOURNEY), Judge::of(&INCLUDED));
    let mut seen = 0;
    for path in files(".", "yaml") {
        seen += 1;
        assert_eq!(judge.against(&fs::read_to_string(&path).unwrap()), None, "{}", path.display());
    }
    let reference = files("../docs", "md").into_iter().filter(|it| it.ends_with("journeys.md"));
    let pages = reference.chain(files("../docs/journeys", "md"));
    let text: String = pages.map(|page| fs::read_to_string(page).unwrap()).collect();
    for block in text.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()) {
        let whole = match block.lines().next().unwrap() {
            first if first.starts_with("# steps") => format!("journey: example\nsteps:\n{block}"),
            first if first.starts_with("# journeys/") && block.contains("\njourney:") => block,
            first if first.starts_with("# journeys/shared/") => {
                seen += 1;
                assert_eq!(of_included.against(&block), None, "{block}");
                continue;
            }
            _ => continue,
        };
        seen += 1;
        assert_eq!(judge.against(&whole), None, "{whole}");
    }
    assert!(seen > 10, "only {seen} examples were found");
}

#[test]
fn what_an_editor_should_underline_is_refused() {
    let judge = Judge::of(&JOURNEY);
    for wrong in [
        "{ journey: j, steps: [{ name: a }] }",
        "{ journey: j, steps: [{ name: a, http: GET http://a.example/, exepct: [status == 200] }] }",
        "{ journey: j, steps: [{ name: a, http: GET http://a.example/, qos: 1 }] }",
        "{ journey: j, steps: [{ name: a, http: GET http://a.example/, mqtt: await a, broker: mqtt://a }] }",
        "{ journey: j, steps: [{ name: a, mqtt: await a }] }",
        "{ journey: j, steps: [{ name: a, http: GET http://a.example/, timeout: 5 }] }",
        "{ journey: j, steps: [{ name: a, http: GET http://a.example/, route: both }] }",
        "{ journey: j, steps: [{ name: a, http: GET http://a.example/, expect: statsu == 200 }] }",
        "{ steps: [{ name: a, http: GET http://a.example/ }] }",
    ] {
        assert!(judge.against(wrong).is_some(), "{wrong}");
    }
    let judge = Judge::of(&INCLUDED);
    for wrong in ["{}", "{ journey: j, steps: [] }", "{ steps: [{ name: a }] }", "[]"] {
        assert!(judge.against(wrong).is_some(), "{wrong}");
    }
}

#[test]
fn the_schema_is_a_schema() {
    let schema = json_schema(&JOURNEY, "a journey");
    assert_eq!(schema["$schema"], json!("https://json-schema.org/draft/2020-12/schema"));
    let mut undescribed = Vec::new();
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        for (key, field) in definition["properties"].as_object().unwrap() {
            let told = field.get("description").is_some() || field.get("anyOf").is_some();
            undescribed.extend((!told).then(|| format!("{name}.{key}")));
        }
    }
    assert!(undescribed.is_empty(), "{undescribed:?}");
}
