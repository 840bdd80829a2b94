//! Loads what was imported, as Serin does.

use std::collections::BTreeMap;
use std::fs;

use imports::Imported;
use journeys::{Journey, Known, Secrets};
use tempfile::TempDir;

/// Loads it, and stops the test if it does not load. A test cannot set its environment, so that secrets come from files;
/// what must come from elsewhere has some value.
#[expect(clippy::panic, reason = "a test stops at the first surprise")]
pub(crate) fn loads(imported: &Imported) -> (Journey, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut yaml = imported.yaml.clone();
    for variable in &imported.secrets {
        fs::write(folder.path().join(variable), format!("value-of-{variable}")).unwrap();
        let (from_env, from_file) = (format!("{{ env: {variable} }}"), format!("{{ file: {variable} }}"));
        assert!(yaml.contains(&from_env), "{yaml}");
        yaml = yaml.replace(&from_env, &from_file);
    }
    // Files that the journey needs beside it.
    let certified = rcgen::generate_simple_self_signed(["acme.example".to_owned()]).unwrap();
    for line in yaml.lines().filter(|line| line.contains("# Needs the file")) {
        let path = line.split('`').nth(1).unwrap();
        let content = match path {
            "client.key" => certified.signing_key.serialize_pem(),
            path if path.ends_with(".pem") => certified.cert.pem(),
            _ => "content".to_owned(),
        };
        fs::write(folder.path().join(path), content).unwrap();
    }
    let needed = yaml.lines().filter_map(|line| line.strip_prefix("# Needs the variable"));
    let needed =
        needed.flat_map(|names| names.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    let vars: BTreeMap<_, _> = needed.map(|name| (name, "https://api.acme.example".to_owned())).collect();
    let path = folder.path().join("imported.yaml");
    let known = Known { vars: &vars, secrets: &Secrets::default() };
    let journey = Journey::parse(&yaml, path.to_str().unwrap(), known);
    (journey.unwrap_or_else(|rejected| panic!("{rejected}\n{yaml}")), folder)
}
