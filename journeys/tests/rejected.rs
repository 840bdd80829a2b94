//! Every file in `rejected/` is refused, and every file in `remarked/` remarked upon, with exactly the messages beside it.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use journeys::{Journey, Known, Secrets};

fn vars() -> BTreeMap<String, String> {
    let given =
        [("api", "https://api.acme.example:8443"), ("mqtt", "mqtt://mqtt.acme.example"), ("port", "8443")];
    given.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

#[test]
fn each_rejected_file_says_why() {
    let vars = vars();
    let files = files("tests/rejected");
    assert!(files.len() >= 60, "only {} files", files.len());
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let source = std::fs::read_to_string(&path).unwrap();
        let rejected = Journey::parse(
            &source,
            &format!("{name}.yaml"),
            Known { vars: &vars, secrets: &Secrets::default() },
        );
        let shown = rejected.map_or_else(|rejected| rejected.to_string(), |_| "accepted".to_owned());
        held_against("rejected", &name, &shown);
    }
}

/// The messages as they are written down beside the file.
fn held_against(folder: &str, name: &str, shown: &str) {
    insta::with_settings!({
        snapshot_path => folder,
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, shown);
    });
}

#[test]
fn each_remarked_file_says_what_is_likely_wrong() {
    let vars = vars();
    let files = files("tests/remarked");
    assert!(!files.is_empty());
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let source = std::fs::read_to_string(&path).unwrap();
        let known = Known { vars: &vars, secrets: &Secrets::default() };
        let journey = Journey::parse(&source, &format!("{name}.yaml"), known);
        let journey = journey.map_err(|rejected| rejected.to_string()).unwrap();
        let remarks: Vec<_> = journey.remarks().iter().map(ToString::to_string).collect();
        held_against("remarked", &name, &remarks.join("\n\n"));
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let vars = vars();
    let rejected =
        Journey::load(Path::new("no/such.yaml"), Known { vars: &vars, secrets: &Secrets::default() })
            .unwrap_err();
    let shown = rejected.to_string();
    assert!(shown.starts_with("error: the journey cannot be read: there is no such file"), "{shown}");
    assert!(shown.ends_with("--> no/such.yaml"), "{shown}");
}

#[test]
fn the_journeys_that_ship_are_accepted() {
    let given = [
        ("api", "https://api.acme.example:8443"),
        ("console", "https://console.acme.example:8443"),
        ("mqtt", "mqtt://mqtt.acme.example:1883"),
    ];
    let vars = given.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let files = files(".");
    assert!(files.len() >= 8, "only {} files", files.len());
    // One needs secrets in the environment: `runs` loads it with others.
    for path in files.into_iter().filter(|path| !path.ends_with("oauth2-sign-in.yaml")) {
        let journey = Journey::load(&path, Known { vars: &vars, secrets: &Secrets::default() });
        let journey = journey.map_err(|rejected| rejected.to_string()).unwrap();
        assert!(journey.remarks().is_empty(), "{}", journey.remarks()[0]);
    }
}
