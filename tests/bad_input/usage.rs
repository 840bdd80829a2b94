//! Wrong usage, and the help that teaches the right one: changes to it are to be seen.

use super::program::{ended, serin};

fn golden(name: &str, text: &str) {
    // Lines of help end in blanks where clap leaves a line empty.
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    insta::with_settings!({
        snapshot_path => "../usage",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, lines.join("\n"));
    });
}

#[test]
fn help_teaches() {
    for command in
        ["", "run", "once", "rehearse", "check", "schema", "import", "phase", "reset", "calibrate", "sweep"]
    {
        let said = ended(serin(command.split_whitespace().chain(["--help"])));
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{command}");
        golden(&format!("help-{}", if command.is_empty() { "serin" } else { command }), &said.out);
    }
}

#[test]
fn every_fault_is_explained_with_its_verdict() {
    let said = ended(serin(["rehearse", "--list-faults"]));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    golden("list-faults", &said.out);
}

#[test]
fn wrong_usage_ends_with_2_and_the_way_out() {
    let wrong = [
        ("no-subcommand", ""),
        ("subcommand", "rehears"),
        ("flag", "run --tokenfile t serin.yaml"),
        ("no-config", "run"),
        ("no-file", "check"),
        ("once-report", "once a.yaml --report junti=a"),
        ("once-var", "once a.yaml --var a"),
        ("once-route", "once a.yaml --route both"),
        ("schema", "schema yourney"),
        ("fault", "rehearse --fault nonsense"),
        ("fault-near-miss", "rehearse --fault new-eror=5%"),
        ("fault-value", "rehearse --fault new-errors=lots"),
        ("fault-moment", "rehearse --fault new-errors=5%@gone"),
        ("import", "import harr recording.har"),
        ("phase", "phase gone"),
        ("phase-of-run", "run --phase later serin.yaml"),
        ("phase-url", "phase go --at nowhere"),
        ("devices", "rehearse --devices 0"),
        ("ttl", "rehearse --ttl soon"),
        ("world-and-keep", "rehearse --world --keep"),
    ];
    for (name, line) in wrong {
        let said = ended(serin(line.split_whitespace()));
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{line}");
        golden(&format!("wrong-{name}"), &said.err);
    }
}
