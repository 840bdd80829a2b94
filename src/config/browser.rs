//! `browser:`, which Chromium is used, and how much of it.

use std::path::Path;

use document::{Fields, Kind, Node, Source};
use probes::BrowserSettings;

use super::values::{count, duration, size};

const EXAMPLE: &str = "{ program: /usr/bin/chromium, pages: 4, memory: 1GiB }";
/// With less, every page would have a browser of its own.
const LEAST_MEMORY: u64 = 128 << 20;
/// A machine with more pages at once measures itself.
const MOST_PAGES: u32 = 64;
/// What Serin itself has to say: two of these contradict each other.
const OURS: [&str; 4] =
    ["--host-resolver-rules", "--user-data-dir", "--remote-debugging-port", "--remote-debugging-pipe"];

/// Reads the section: a program, or a mapping. A path counts from the configuration's own folder; a bare name is looked
/// for.
pub(super) fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<BrowserSettings> {
    let usual = BrowserSettings::default();
    if !node.is_mapping() {
        let program = node.text(source).map(|text| place(&text, base))?;
        return Some(BrowserSettings { program: Some(program), ..usual });
    }
    let mut fields = Fields::like(node, "the browser", EXAMPLE, source)?;
    let program = fields.take("program").map(|node| node.text(source).map(|text| place(&text, base)));
    let arguments = fields.take("arguments").map(|node| arguments(node, source));
    let pages = fields.take("pages").map(|node| pages(node, source));
    let memory = fields.take("memory").map(|node| size(node, "a browser", LEAST_MEMORY, source));
    let idle = fields.take("idle").map(|node| duration(node, source));
    fields.finish(source);
    Some(BrowserSettings {
        program: program.map_or(Some(None), |given| given.map(Some))?,
        arguments: arguments.unwrap_or(Some(usual.arguments))?,
        pages: pages.unwrap_or(Some(usual.pages))?,
        memory: memory.unwrap_or(Some(usual.memory))?,
        idle: idle.unwrap_or(Some(usual.idle))?,
        folder: usual.folder,
    })
}

fn place(text: &str, base: &Path) -> std::path::PathBuf {
    if text.contains('/') { base.join(text) } else { text.into() }
}

fn arguments(node: &Node, source: &mut Source<'_>) -> Option<Vec<String>> {
    let Kind::List(items) = &node.kind else {
        node.expected("a list of arguments, such as `[--lang=de]`", source);
        return None;
    };
    let mut arguments = Vec::new();
    for item in items {
        let text = item.text(source)?;
        let name = text.split('=').next().unwrap_or_default();
        if !text.starts_with("--") {
            let help = Some("as on a command line: `--lang=de`".to_owned());
            source.complain(item.place(), format!("`{text}` is no argument"), help);
        } else if OURS.contains(&name) {
            let help = Some("Serin gives it itself: it is how the browser is pinned, and ended".to_owned());
            source.complain(item.place(), format!("`{name}` cannot be given"), help);
        }
        arguments.push(text);
    }
    Some(arguments)
}

fn pages(node: &Node, source: &mut Source<'_>) -> Option<usize> {
    let pages = count(node, source)?;
    if pages == 0 || pages > MOST_PAGES {
        source.complain(node.place(), format!("from 1 to {MOST_PAGES} pages may be open at once"), None);
        return None;
    }
    usize::try_from(pages).ok()
}
