//! An example of the reference, as it is run.

use crate::documents::{Block, documents};

/// An example.
pub(crate) struct Example {
    /// Where it stands: the page and the line.
    pub(crate) place: String,
    /// The file that is made of it.
    pub(crate) file: String,
    /// As it stands on the page.
    pub(crate) shown: String,
    /// A whole journey, or steps for others to include.
    pub(crate) text: String,
    /// How its runs end: `passed`, or the kind of their failure.
    pub(crate) ends: String,
}

/// Every example of journeys.
pub(crate) fn examples() -> Vec<Example> {
    let blocks = documents().into_iter().flat_map(|document| document.blocks("yaml"));
    let found: Vec<_> = blocks.filter_map(Example::of).collect();
    assert!(found.len() > 20, "the examples were not found");
    found
}

impl Example {
    /// What a block shows, if it is of a journey: `# journeys/FILE`, or `# steps`; behind either of them may stand how it
    /// ends, `, failed: KIND`.
    fn of(block: Block) -> Option<Self> {
        let head = block.head().strip_prefix("# ")?;
        let (what, ends) = head.split_once(", failed: ").unwrap_or((head, "passed"));
        let (what, ends) = (what.to_owned(), ends.to_owned());
        let Block { place, text: shown, .. } = block;
        let (file, text) = match what.strip_prefix("journeys/") {
            Some(file) => (format!("journeys/{file}"), shown.clone()),
            None if what == "steps" => {
                let file = place.replace(['/', ':'], "-").replace(".md", "");
                (format!("journeys/{file}.yaml"), whole(&place, &shown))
            }
            None => return None,
        };
        Some(Self { place, file, shown, text, ends })
    }

    /// Whether it is there to be included by others.
    pub(crate) fn is_part(&self) -> bool {
        !self.text.contains("\njourney:")
    }

    /// Whether it needs a browser.
    pub(crate) fn browses(&self) -> bool {
        self.shown.contains(" browser:\n")
    }
}

/// A journey of which these are the steps. Behind what they use stands an account of its own, and a device of its own.
fn whole(place: &str, steps: &str) -> String {
    let uses = |names: &[&str]| names.iter().any(|name| steps.contains(&format!("{{{{ {name} }}}}")));
    let (mut vars, mut before) = (String::new(), String::new());
    if uses(&["email", "user", "token"]) {
        vars += ", email: \"canary+{{ run.id }}@acme.example\", password: \"pw-{{ run.id }}\"";
        before += "- include: ../given/account.yaml\n";
    }
    if uses(&["username"]) {
        vars += ", device: \"canary-{{ run.id }}\"";
        before += "- include: ../given/device.yaml\n";
    }
    let vars = vars.trim_start_matches(", ");
    let name = place.replace(':', " line ");
    format!("# {place}\njourney: {name}\nvars: {{ {vars} }}\nsteps:\n{before}{steps}")
}
