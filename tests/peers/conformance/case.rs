//! The journeys of a topic: those that pass, and those that do not and what is shown of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::stage::Stage;

/// A topic's journeys.
pub(super) struct Topic {
    name: String,
    pub(super) passing: Vec<Journey>,
    pub(super) failing: Vec<Journey>,
}

/// A journey, and the name of its file while it is run.
pub(super) struct Journey {
    pub(super) file: String,
    pub(super) text: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/conformance/cases")
}

impl Topic {
    pub(super) fn read(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            passing: journeys(&folder().join(format!("{name}.passes.yaml"))),
            failing: journeys(&folder().join(format!("{name}.fails.yaml"))),
        }
    }

    /// Every topic that there is.
    pub(super) fn all() -> Vec<Self> {
        let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name());
        let names: BTreeSet<_> = entries
            .filter_map(|name| Some(name.to_str()?.strip_suffix(".passes.yaml")?.to_owned()))
            .collect();
        names.iter().map(|name| Self::read(name)).collect()
    }

    /// Those that pass do, in every step.
    pub(super) fn passes(&self, stage: &Stage) {
        let shown = stage.once(&self.passing);
        assert_eq!(shown.code, 0, "{}{}", shown.out, shown.err);
        for run in shown.report["runs"].as_array().unwrap() {
            assert_eq!(run["standing"], "passed", "{}", shown.out);
        }
    }

    /// Those that do not pass do not, and it is shown as it was before.
    pub(super) fn fails(&self, stage: &Stage) {
        let shown = stage.once(&self.failing);
        for run in shown.report["runs"].as_array().unwrap() {
            assert_ne!(run["standing"], "passed", "{}{}", shown.out, shown.err);
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder());
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(format!("{}.fails", self.name), stage.steady(&shown.out)));
    }

    /// What people are shown of those that do not pass, as it is kept.
    pub(super) fn golden(&self) -> String {
        let text = fs::read_to_string(folder().join(format!("{}.fails.snap", self.name))).unwrap();
        text.splitn(3, "---\n").nth(2).unwrap().to_owned()
    }
}

/// The journeys in a file, each with what it calls itself as its file's name.
fn journeys(path: &Path) -> Vec<Journey> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut names = BTreeSet::new();
    text.split("---\n")
        .filter(|text| !text.trim().is_empty())
        .map(|text| {
            let journey: Value =
                serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
            let name = journey["journey"].as_str().unwrap_or_else(|| panic!("no name:\n{text}"));
            assert!(names.insert(name.to_owned()), "`{name}` is there twice in {}", path.display());
            Journey { file: format!("{}.yaml", name.replace(' ', "-")), text: text.to_owned() }
        })
        .collect()
}
