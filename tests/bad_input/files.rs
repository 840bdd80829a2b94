//! Every file in `rejected/` is refused with exactly the messages beside it, and every one in `accepted/` is taken.

use std::fs;
use std::path::{Path, PathBuf};

use super::program::{Said, in_folder};

/// What no file in the repository should be.
fn refused(folder: &Path, name: &str) -> String {
    let said = in_folder(folder, &format!("check {name}"));
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{name}: {}", said.err);
    said.err
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn names(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> =
        entries.filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned)).collect();
    names.sort();
    names
}

fn golden(folder: &str, name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => format!("../{folder}"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn each_rejected_file_says_why() {
    let rejected = folder("rejected");
    let names = names(&rejected);
    assert!(names.len() >= 100, "only {} files", names.len());
    for name in names {
        golden("rejected", &name, &refused(&rejected, &format!("{name}.yaml")));
    }
}

#[test]
fn each_accepted_file_is_summed_up_with_its_warnings() {
    let accepted = folder("accepted");
    for name in names(&accepted) {
        let Said { code, out, err } = in_folder(&accepted, &format!("check {name}.yaml"));
        assert_eq!(code, Some(0), "{name}: {err}");
        golden("accepted", &name, &format!("{err}{out}"));
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let shown = refused(&folder("rejected"), "everything-at-once.yaml");
    let told = shown.matches("error: ").count();
    assert!(told >= 25, "only {told}");
    for part in [
        "point-of-no-return",
        "resolver",
        "duration",
        "method",
        "broker",
        "go-margin",
        "secret",
        "mail",
        "listen",
        "pem",
    ] {
        assert!(shown.contains(part), "nothing of `{part}` in:\n{shown}");
    }
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn what_is_no_configuration_at_all_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("large.yaml"), "# nothing\n".repeat(512 << 10)).unwrap();
    fs::write(folder.path().join("wide.yaml"), format!("cutover: [{}]\n", "x, ".repeat(1 << 20))).unwrap();
    fs::write(folder.path().join("long.yaml"), format!("cutover: {}\n", "x".repeat(3 << 20))).unwrap();
    fs::create_dir(folder.path().join("folder.yaml")).unwrap();
    let refused = |name| refused(folder.path(), name);
    let starts = [
        ("large.yaml", "error: the file cannot be read: it has more than 4194304 bytes\n --> large.yaml\n"),
        ("/dev/zero", "error: the file cannot be read: it has more than 4194304 bytes\n --> /dev/zero\n"),
        ("folder.yaml", "error: the file cannot be read: it is a folder\n --> folder.yaml\n"),
        ("none.yaml", "error: the file cannot be read: there is no such file\n --> none.yaml\n"),
        ("wide.yaml", "error: this is too much: at most 50000 values"),
        ("long.yaml", "error: nothing is to be done\n --> long.yaml:1:1\n"),
    ];
    for (name, start) in starts {
        let shown = refused(name);
        assert!(shown.starts_with(start), "{name}: {shown}");
        assert!(shown.len() < 2_000, "{name}: {} bytes", shown.len());
    }
}
