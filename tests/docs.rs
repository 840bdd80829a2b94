//! The documentation is kept honest: what it shows is checked by the binary, what it lists is what there is.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod documents;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use cutover::evidence::Settings;
use documents::{Block, Document, documents, files, root};
use tempfile::TempDir;

/// Named by the examples as `ca.pem`.
const CA: &str = "-----BEGIN CERTIFICATE-----
MIIBRDCB96ADAgECAhRrQ/Yp2m3IEyvyY7vYv/mo+vflqjAFBgMrZXAwFzEVMBMG
A1UEAwwMQWNtZSB0ZXN0IENBMCAXDTI2MTEyMjAwMTAwNloYDzIxMjYxMDI5MDAx
MDA2WjAXMRUwEwYDVQQDDAxBY21lIHRlc3QgQ0EwKjAFBgMrZXADIQCXwvSZE+/p
801jaKzVDpqhqN9WQRYgdLOyNm3zVhSBsqNTMFEwHQYDVR0OBBYEFPR+VL6NpId8
eSfb25ddI9/VyhduMB8GA1UdIwQYMBaAFPR+VL6NpId8eSfb25ddI9/VyhduMA8G
A1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAJtIWRnfQq/VFfzxEwKlIsyho75x7ZHa0
NlU9IYSzr4QrJCxCJdXFWBMVdryXq5KgK1Ktkm+wYtF6RdZYMfPZBA==
-----END CERTIFICATE-----
";

/// What a fragment of a configuration is completed with, section by section, where it has none of its own.
const SECTIONS: [(&str, &str); 3] = [
    (
        "cutover:",
        "cutover:\n  name: docs\n  names: [api.acme.example]\n  sides:\n    old: { addresses: 203.0.113.7 }\n    \
         new: { addresses: 198.51.100.7 }\n",
    ),
    ("vars:", "vars: { api: https://api.acme.example, console: https://api.acme.example }\n"),
    ("journeys:", "journeys:\n  - { run: journeys/console-sign-in.yaml, every: 5s }\n"),
];

/// The cells of every row of its tables, without the backticks around a whole cell.
fn rows(document: &Document) -> Vec<Vec<String>> {
    let rows = document.text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'));
    rows.map(|row| row.split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned()).collect()).collect()
}

/// The document of this name.
fn document(name: &str) -> Document {
    documents().into_iter().find(|document| document.name == name).unwrap()
}

fn serin(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_serin"))
        .args(arguments)
        .env("SERIN_SMTP_PASSWORD", "hunter2")
        .env_remove("SERIN_LOG")
        .output()
        .unwrap()
}

/// A folder as the examples describe it: the shipped journeys, a CA, files with secrets.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["journeys", "secrets"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    for shipped in files(&root().join("journeys"), "yaml") {
        fs::copy(&shipped, folder.path().join("journeys").join(shipped.file_name().unwrap())).unwrap();
    }
    fs::write(folder.path().join("ca.pem"), CA).unwrap();
    for name in ["operator", "gateway"] {
        fs::write(folder.path().join(format!("secrets/{name}.password")), "hunter2\n").unwrap();
    }
    folder
}

/// Has the binary check a configuration; what it says against it, if anything.
fn check(folder: &Path, config: &str, place: &str) -> Option<String> {
    let path = folder.join("serin.yaml");
    fs::write(&path, config).unwrap();
    let output = serin(&["check", path.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    // A warning is for real configurations to have, not for examples.
    let fine = output.status.success() && !said.contains("warning: ");
    (!fine).then(|| format!("{place}:\n{said}\nof\n{config}"))
}

/// A configuration with the sections that `fragment` has, and stand-ins for the others.
fn completed(fragment: &str) -> String {
    let missing = SECTIONS.iter().filter(|(key, _)| !fragment.lines().any(|line| line.starts_with(key)));
    missing.map(|(_, section)| *section).chain([fragment]).collect()
}

#[test]
fn every_yaml_example_is_accepted() {
    let folder = folder();
    let mut wrong = Vec::new();
    for block in documents().iter().flat_map(|document| document.blocks("yaml")) {
        match block.head() {
            "# serin.yaml" => wrong.extend(check(folder.path(), &block.text, &block.place)),
            "# in serin.yaml" => wrong.extend(check(folder.path(), &completed(&block.text), &block.place)),
            "# prometheus.yml" => wrong.extend(promtool(&block, &["check", "config", "--syntax-only"])),
            "# rules.yml" => wrong.extend(promtool(&block, &["check", "rules"])),
            // Those of journeys are not only checked: tests/examples runs them.
            head if head.starts_with("# journeys/") || head.starts_with("# steps") => {}
            head => wrong.push(format!("{}: `{head}` does not say what this block is", block.place)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What Prometheus' own judge says against a file; nothing, and it says so, where there is none.
fn promtool(block: &Block, arguments: &[&str]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.yml");
    fs::write(&path, &block.text).unwrap();
    let Ok(output) = Command::new("promtool").args(arguments).arg(&path).output() else {
        eprintln!("{}: not checked, for promtool is not installed", block.place);
        return None;
    };
    let said =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (!output.status.success()).then(|| format!("{}:\n{said}", block.place))
}

#[test]
fn every_command_line_is_understood() {
    let mut help = BTreeMap::new();
    let mut seen = 0;
    for document in documents() {
        let blocks = document.blocks("console");
        let lines = blocks.iter().flat_map(|block| block.text.lines());
        for line in lines.filter_map(|line| line.strip_prefix("$ ")) {
            let command = line.split(['#', '|', ';']).next().unwrap_or_default();
            let command = command.replace("cargo run --release -- ", "serin ");
            let mut words = command.split_whitespace();
            if words.next() != Some("serin") {
                continue;
            }
            seen += 1;
            let subcommand = words.next().unwrap();
            let text = help.entry(subcommand.to_owned()).or_insert_with(|| {
                let output = serin(&[subcommand, "--help"]);
                assert!(output.status.success(), "{}: `{line}`: no such subcommand", document.name);
                String::from_utf8(output.stdout).unwrap()
            });
            let known: BTreeSet<_> = text
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .filter(|it| it.starts_with('-'))
                .collect();
            for flag in words.filter(|word| word.starts_with('-')) {
                assert!(known.contains(flag), "{}: `{line}`: no `{flag}`", document.name);
            }
        }
    }
    assert!(seen > 10, "the command lines were not found");
}

#[test]
fn the_flags_of_the_rehearsal_are_all_there() {
    let help = String::from_utf8(serin(&["rehearse", "--help"]).stdout).unwrap();
    let options = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    let there: BTreeSet<_> = options.map(|rest| format!("--{}", rest.replace(['<', '>'], ""))).collect();
    let rows = rows(&document("docs/rehearsal.md"));
    let told: BTreeSet<_> =
        rows.into_iter().map(|mut row| row.remove(0)).filter(|it| it.starts_with("--")).collect();
    assert_eq!(told, there);
}

#[test]
fn the_faults_are_those_of_the_binary() {
    let list = String::from_utf8(serin(&["rehearse", "--list-faults"]).stdout).unwrap();
    let there: Vec<Vec<String>> = list
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            let (figures, explanation) = words.split_at(3);
            figures.iter().map(|&word| word.to_owned()).chain([explanation.join(" ")]).collect()
        })
        .collect();
    let rows = rows(&document("docs/rehearsal.md"));
    let told = rows.iter().filter(|row| row.len() == 5).map(|row| row[..4].to_vec());
    assert_eq!(told.skip(1).collect::<Vec<_>>(), there);
}

/// A metric: its type, and its labels in order.
type Metrics = BTreeMap<String, (String, Vec<String>)>;

/// The metrics that there are, from where each is declared in one statement.
fn metrics() -> Metrics {
    let source = fs::read_to_string(root().join("dashboards/src/metrics/families.rs")).unwrap();
    let declared = source.split_once("\nmetrics! {").unwrap().1.split_once("\n}").unwrap().0;
    let one = |statement: &str| {
        let (head, rest) = statement.split_once(" = \"")?;
        let (name, labels) = rest.split_once('"')?;
        let kind = ["Counter", "Gauge", "Histogram"].into_iter().find(|kind| head.contains(kind))?;
        let labels = labels.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        Some((name.to_owned(), (kind.to_lowercase(), labels)))
    };
    declared.split(';').filter_map(one).collect()
}

#[test]
fn the_metrics_are_those_of_the_exporter() {
    let there = metrics();
    assert!(there.len() > 10, "the metrics were not found");
    let rows = rows(&document("docs/api.md"));
    let metric = |row: &Vec<String>| row[0].starts_with("serin_") || row[0].starts_with("probe_");
    let told: Metrics = rows
        .iter()
        .filter(|row| metric(row))
        .map(|row| {
            let labels = row[2].split(", ").map(|label| label.trim_matches('`').to_owned());
            (row[0].clone(), (row[1].clone(), labels.filter(|label| label != "none").collect()))
        })
        .collect();
    assert_eq!(told, there);
}

#[test]
fn no_metric_is_spoken_of_that_there_is_not() {
    let there = metrics();
    for document in documents() {
        let words = document.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words.filter(|word| word.starts_with("serin_") || word.starts_with("probe_")) {
            let base =
                ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
            assert!(there.contains_key(base), "{}: there is no metric `{word}`", document.name);
        }
    }
}

#[test]
fn the_settings_of_the_evidence_have_the_defaults_that_are_told() {
    let settings = Settings::default();
    let share = |share: f64| format!("{}%", (share * 1e6).round() / 1e4);
    let time = |time: Duration| humantime::format_duration(time).to_string();
    let rows = rows(&document("docs/configuration.md"));
    for (key, default) in [
        ("block", time(settings.block)),
        ("false-alarms-per-week", settings.false_alarms_per_week.to_string()),
        ("error-margin", share(settings.error_margin)),
        ("go-margin", share(settings.go_margin)),
        ("go-margin-journey", share(settings.go_margin_journey)),
        ("go-level", share(settings.go_level)),
        ("split-tolerated", share(settings.split_tolerated)),
        ("lost-tolerated", share(settings.lost_tolerated)),
        ("stale-grace", time(settings.stale_grace)),
    ] {
        let told = rows.iter().find(|row| row[0] == key).map(|row| &row[1]);
        assert_eq!(told, Some(&default), "{key}");
    }
}

/// The keys that the readers of a folder ask for: literals behind `take(` and `require(`, and those in tables of
/// fields, `("name", |settings| ..`.
fn keys(folder: &Path) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for path in files(folder, "rs") {
        let source = fs::read_to_string(path).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in source.match_indices("(\"") {
            let Some((key, behind)) = source[at + 2..].split_once('"') else { continue };
            let asked = source[..at].ends_with("take") || source[..at].ends_with("require");
            let listed = [", |", ", (|", ", &mut "].iter().any(|next| behind.starts_with(next));
            if (asked || listed) && key.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
                keys.insert(key.to_owned());
            }
        }
    }
    keys
}

#[test]
fn every_key_is_documented() {
    for (folder, name) in [("src/config", "docs/configuration"), ("journeys/src/load", "docs/journeys")] {
        let keys = keys(&root().join(folder));
        assert!(keys.len() > 10, "the keys of {folder} were not found");
        let told = documents().into_iter().filter(|document| document.name.starts_with(name));
        let text: String = told.map(|document| document.text).collect();
        let missing: Vec<_> = keys.iter().filter(|key| !text.contains(&format!("`{key}`"))).collect();
        assert!(missing.is_empty(), "{name} does not name {missing:?}");
    }
}

#[test]
fn links_lead_somewhere() {
    let documents = documents();
    let anchors = |path: &Path| -> BTreeSet<String> {
        let text = fs::read_to_string(path).unwrap();
        let headings =
            text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#'));
        let plain =
            |heading: &str| heading.trim().to_lowercase().replace([',', '.', '\'', '`', '(', ')'], "");
        headings.map(|heading| plain(heading).replace(' ', "-")).collect()
    };
    for document in &documents {
        let here = root().join(&document.name);
        for link in document.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() { here.clone() } else { here.parent().unwrap().join(file) };
            assert!(path.exists(), "{}: {link} leads nowhere", document.name);
            let known = anchor.is_empty() || anchors(&path).contains(anchor);
            assert!(known, "{}: {link} leads to no heading", document.name);
        }
    }
}
