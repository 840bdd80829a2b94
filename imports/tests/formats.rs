//! Files as other tools write them, the journeys that become of them, and that these load.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use imports::{Format, Imported};

use support::loads;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn import(format: Format, file: &str) -> Imported {
    let path = folder("").join(file);
    let text = fs::read_to_string(&path).unwrap();
    // The port is put in by the test that runs it.
    let text = text.replace("PORT", "8080");
    format.import(&text, path.file_stem().unwrap().to_str().unwrap()).unwrap()
}

fn golden(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "golden",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn recordings() {
    for name in ["chromium", "firefox", "recorder"] {
        let imported = import(Format::Har, &format!("har/{name}.har"));
        golden(&format!("har-{name}"), &imported.yaml);
        loads(&imported);
        let hidden = ["hunter2", "eyJhbGciOi", "K-1234567890", "granted-77"];
        assert!(!hidden.iter().any(|secret| imported.yaml.contains(secret)), "{}", imported.yaml);
    }
}

#[test]
fn command_lines() {
    for name in ["browser", "hand"] {
        let imported = import(Format::Curl, &format!("curl/{name}.sh"));
        golden(&format!("curl-{name}"), &imported.yaml);
        loads(&imported);
        let hidden = ["hunter2", "eyJhbGciOi", "key-123456", "sk_key_4eC", "ss-word", "5e55i0n"];
        assert!(!hidden.iter().any(|secret| imported.yaml.contains(secret)), "{}", imported.yaml);
    }
}

#[test]
fn descriptions() {
    for name in ["things.yaml", "modern.json"] {
        let imported = import(Format::OpenApi, &format!("openapi/{name}"));
        golden(&format!("openapi-{}", name.split('.').next().unwrap()), &imported.yaml);
        loads(&imported);
    }
}

#[test]
fn collections() {
    for name in ["shop", "made-up"] {
        let imported = import(Format::Postman, &format!("postman/{name}.json"));
        golden(&format!("postman-{name}"), &imported.yaml);
        loads(&imported);
        let hidden = ["hunter2", "k-99887766"];
        assert!(!hidden.iter().any(|secret| imported.yaml.contains(secret)), "{}", imported.yaml);
    }
}

#[test]
fn what_cannot_be_imported_is_told_with_its_place_and_the_way_out() {
    let mut paths: Vec<_> =
        fs::read_dir(folder("rejected")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut told = String::new();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let format = match path.extension().unwrap().to_str().unwrap() {
            "har" => Format::Har,
            "curl" => Format::Curl,
            "openapi" => Format::OpenApi,
            _ => Format::Postman,
        };
        let error = format.import(&fs::read_to_string(&path).unwrap(), "name").unwrap_err();
        let place = error.place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        told.push_str(&format!("{name}{place}: {error}\n"));
    }
    golden("rejected", &told);
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let large = " ".repeat(usize::try_from(imports::MOST_BYTES).unwrap() + 1);
    for format in [Format::Har, Format::Curl, Format::OpenApi, Format::Postman] {
        let error = format.import(&large, "name").unwrap_err();
        assert_eq!(error.to_string(), "this has more than 64 MiB; record less at once");
    }
}
