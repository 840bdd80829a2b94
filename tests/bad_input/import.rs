//! `serin import`: a journey on standard output or in a new file, and what is said where there is none.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use super::program::{in_folder, serin};

const RECORDED: &str = "curl -u ann:hunter2-Secret https://api.acme.example/me\n";

#[test]
fn a_journey_is_printed_or_written_and_never_over_another() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("me.sh"), RECORDED).unwrap();
    let printed = in_folder(folder.path(), "import curl me.sh");
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    assert!(printed.out.contains("journey: me\n") && !printed.out.contains("hunter2"), "{}", printed.out);
    let written = in_folder(folder.path(), "import curl me.sh --out me.yaml");
    assert_eq!(
        (written.code, written.out.as_str()),
        (
            Some(0),
            "the journey is in me.yaml: 1 steps\n  Takes its secrets from the environment: $ACME_PASSWORD.\n"
        )
    );
    assert_eq!(fs::read_to_string(folder.path().join("me.yaml")).unwrap(), printed.out);
    let again = in_folder(folder.path(), "import curl me.sh --out me.yaml");
    assert_eq!(again.code, Some(2));
    assert_eq!(again.err, "error: me.yaml is there already: remove it, or name another file\n");
}

#[test]
fn what_cannot_be_imported_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cut.har"), "{\"log\": {").unwrap();
    fs::write(folder.path().join("latin.har"), b"caf\xe9").unwrap();
    for (line, message) in [
        (
            "har cut.har",
            "cut.har:1:9: this is not JSON: EOF while parsing an object; was the file saved whole? A HAR is one JSON document",
        ),
        ("har latin.har", "latin.har cannot be read: byte 4 is not UTF-8"),
        ("har gone.har", "gone.har cannot be read: there is no such file"),
        ("har .", ". cannot be read: it is a folder"),
        ("har /dev/zero", "/dev/zero cannot be read: it has more than 67108864 bytes"),
    ] {
        let said = in_folder(folder.path(), &format!("import {line}"));
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{line}");
        assert_eq!(said.err, format!("error: {message}\n"));
    }
}

#[test]
fn standard_input_is_a_file_too() {
    let mut command = serin(["import", "curl", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(RECORDED.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("journey: imported\n"));
}
