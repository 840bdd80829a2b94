//! `evidence:` the margins and the pace of the verdict.

use cutover::evidence::Settings;
use document::{Fields, Node, Source};

use super::values::{number, share};

/// Reads the section.
pub(super) fn read(node: &Node, source: &mut Source<'_>) -> Option<Settings> {
    let mut settings = Settings::default();
    let mut fields = Fields::of(node, "`evidence`", source)?;
    for (name, field) in [
        ("error-margin", &mut settings.error_margin),
        ("go-margin", &mut settings.go_margin),
        ("go-margin-journey", &mut settings.go_margin_journey),
        ("go-level", &mut settings.go_level),
        ("split-tolerated", &mut settings.split_tolerated),
        ("lost-tolerated", &mut settings.lost_tolerated),
    ] {
        if let Some(value) = fields.take(name).and_then(|node| share(node, source)) {
            *field = value;
        }
    }
    for (name, field) in [("block", &mut settings.block), ("stale-grace", &mut settings.stale_grace)] {
        if let Some(value) = fields.take(name).and_then(|node| node.duration(source)) {
            *field = value;
        }
    }
    if let Some(value) = fields.take("false-alarms-per-week").and_then(|node| number(node, source)) {
        settings.false_alarms_per_week = value;
    }
    fields.finish(source);
    match settings.checked() {
        Ok(settings) => Some(settings),
        Err(error) => {
            source.complain(node.field_place(error.name), error.to_string(), None);
            None
        }
    }
}
