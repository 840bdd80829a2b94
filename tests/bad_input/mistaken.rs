//! A file that is not what its place expects: one error says what it is, and what was wanted.

use std::fs;
use std::path::Path;

use super::program::in_folder;

const STEPS: &str = "steps: [{ name: a, http: 'GET {{ api }}/{{ path }}' }]\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let vars = "vars: { api: http://a.example, path: a }\n";
    file("journey.yaml", &format!("journey: a\n{vars}{STEPS}"));
    file("marked.yaml", &format!("\u{feff}journey: a\n{vars}{STEPS}"));
    file("nameless.yaml", &format!("{vars}{STEPS}"));
    file("steps.yaml", STEPS);
    file("whole.yaml", "journey: b\nsteps: [{ include: journey.yaml }]\n");
    file(
        "serin.yaml",
        "cutover: { name: c, names: [a.example], sides: { old: { addresses: 192.0.2.1 }, new: { addresses: 192.0.2.2 } } }\n\
         journeys: [{ run: steps.yaml, every: 5s }]\n",
    );
    file("openapi.yaml", "openapi: 3.1.0\ninfo: { title: a }\npaths: {}\n");
    file("empty.yaml", "# nothing yet\n");
    file("list.yaml", "- a\n- b\n");
    file("latin.yaml", "");
    fs::write(folder.path().join("latin.yaml"), b"journey: caf\xe9\n").unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    folder
}

/// The one error that the command ends with.
fn refused(folder: &Path, line: &str) -> String {
    let said = in_folder(folder, line);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{line}: {}", said.err);
    assert_eq!(said.err.matches("error: ").count(), 1, "{line}: {}", said.err);
    said.err
}

#[test]
fn a_file_that_is_something_else_is_told_so_in_one_error() {
    let folder = folder();
    let neither = "neither a configuration nor a journey";
    for (line, message) in [
        ("check nameless.yaml", "a journey needs `journey:`"),
        ("check openapi.yaml", &format!("this is {neither}")),
        ("check list.yaml", &format!("this is a list, and {neither}")),
        ("check empty.yaml", "the file is empty"),
        ("check folder", "the file cannot be read: it is a folder"),
        ("check gone.yaml", "the file cannot be read: there is no such file"),
        ("check latin.yaml", "the file cannot be read: byte 13 is not UTF-8"),
        ("check whole.yaml", "this is a whole journey: steps alone can be included"),
        ("check serin.yaml", "these are steps for journeys to include, not a journey"),
        ("run journey.yaml", "this is a journey, not a configuration"),
        ("report --output r.html journey.yaml", "this is a journey, not a configuration"),
        ("run steps.yaml", "these are steps for journeys to include, not a configuration"),
        ("run openapi.yaml", "this is no configuration: it has no key of one"),
        ("once --config journey.yaml journey.yaml", "this is a journey, not a configuration"),
        ("once serin.yaml", "this is a configuration, not a journey"),
        ("once steps.yaml", "these are steps for journeys to include, not a journey"),
        ("once nameless.yaml", "a journey needs `journey:`"),
        ("once openapi.yaml", "this is no journey: it has neither `journey:` nor `steps:`"),
        ("once empty.yaml", "the journey is empty"),
        ("once list.yaml", "expected a journey as a mapping of keys to values, found a list"),
        ("once folder", "the journey cannot be read: it is a folder"),
        ("once gone.yaml", "the journey cannot be read: there is no such file"),
        ("once latin.yaml", "the journey cannot be read: byte 13 is not UTF-8"),
    ] {
        let shown = refused(folder.path(), line);
        assert!(shown.starts_with(&format!("error: {message}\n")), "{line}: {shown}");
    }
}

#[test]
fn a_journey_is_known_by_its_keys_and_steps_alone_are_checked_with_it() {
    let folder = folder();
    let said = in_folder(folder.path(), "check marked.yaml");
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (Some(0), "a: all is well, 1 step\n", ""));
    let said = in_folder(folder.path(), "check steps.yaml --deny-warnings");
    assert_eq!(said.code, Some(3), "{}", said.err);
    let warning =
        "warning: these are steps for journeys to include: they are checked with those\n --> steps.yaml:1:1";
    assert!(said.err.starts_with(warning), "{}", said.err);
}
