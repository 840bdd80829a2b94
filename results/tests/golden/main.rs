//! One set of runs in every format: what passed, was slow, failed, was aborted, and what hostile peers say.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod fixture;

use results::{Format, Look, Tally};

fn golden(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../golden", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

fn text(look: Look) -> String {
    let results = fixture::results();
    let mut parts: Vec<_> = results
        .performed
        .iter()
        .map(|performed| {
            let heading = results::heading(&performed.title(), &performed.file, look);
            format!("{heading}\n{}\n", results::run(performed, &results.sources, Some("ca.pem"), look))
        })
        .collect();
    let took = results.took.as_secs_f64();
    parts.push(results::summary(&Tally::of(&results.performed), results.left_out, took, look));
    parts.join("\n")
}

#[test]
fn text_shows_what_went_wrong_at_its_place() {
    golden("text", &text(Look { curl: true, ..Look::PLAIN }));
    golden("text-narrow", &text(Look { width: 60, sided: false, ..Look::PLAIN }));
}

#[test]
fn no_line_of_a_narrow_text_is_longer_than_what_cannot_be_cut() {
    let text = text(Look { width: 60, ..Look::PLAIN });
    // The last line, of figures alone, is broken by the terminal as well as by us.
    let (above, _) = text.rsplit_once('\n').unwrap();
    let longest = above.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest <= 90, "{longest}");
}

#[test]
fn nothing_that_a_terminal_obeys_comes_through() {
    assert!(!text(Look::PLAIN).contains('\u{1b}'));
    for format in Format::ALL {
        let report = format.render(&fixture::results()).unwrap();
        assert!(report.chars().all(|c| !c.is_control() || c == '\n'), "{format}");
    }
}

#[test]
fn every_format_says_the_same() {
    for format in Format::ALL {
        golden(format.as_str(), &format.render(&fixture::results()).unwrap());
    }
}

#[test]
fn no_text_becomes_an_element() {
    for format in [Format::Junit, Format::Html] {
        let report = format.render(&fixture::results()).unwrap();
        assert!(!report.contains("<script") && !report.contains("<img"), "{format}");
        assert!(report.contains("&lt;script"), "{format}");
    }
}

#[test]
fn a_terminal_gets_colours() {
    let text = text(Look { coloured: true, ..Look::PLAIN });
    assert!(text.contains("\u{1b}["), "{text}");
}
