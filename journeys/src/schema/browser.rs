//! What a user does in a browser.

use document::schema::{Field, Kind, Shape, Sort};

use super::words::TEXTS;

/// One thing that a user does.
pub(super) static COMMAND: Shape = Shape {
    name: "browser-command",
    about: "One thing that a user does in a browser.",
    fields: &[],
    kinds: &[
        Kind { field: Field::new("goto", Sort::Text, "Opens a page: its URL."), fields: &[] },
        Kind { field: Field::new("click", Sort::Text, "Clicks on an element: a CSS selector."), fields: &[] },
        Kind { field: Field::new("fill", TEXTS, "Fills in fields: selectors and texts."), fields: &[] },
        Kind { field: Field::new("press", Sort::Text, "Presses a key."), fields: &[] },
        Kind { field: Field::new("select", TEXTS, "Selects: selectors and values."), fields: &[] },
        Kind {
            field: Field::new(
                "wait",
                Sort::Either(&[Sort::Text, Sort::Shape(&WAIT)]),
                "Waits for an element (a CSS selector), a text, a URL, or until the network is `idle`.",
            ),
            fields: &[],
        },
        Kind {
            field: Field::new("evaluate", Sort::Text, "Runs JavaScript; its result is `json`."),
            fields: &[],
        },
        Kind { field: Field::new("upload", TEXTS, "Hands over files: selectors and paths."), fields: &[] },
        Kind {
            field: Field::new("screenshot", Sort::Text, "Takes a picture, under this name."),
            fields: &[],
        },
    ],
};

static WAIT: Shape = Shape {
    name: "browser-wait",
    about: "What is waited for: a text or a URL.",
    fields: &[
        Field::new("text", Sort::Text, "A text on the page."),
        Field::new("url", Sort::Text, "The page's URL, or a regular expression: `/console/`."),
    ],
    kinds: &[],
};
