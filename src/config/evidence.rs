//! `evidence:` the margins and the pace of the verdict.

use std::time::Duration;

use cutover::evidence::Settings;
use document::{Fields, Node, Source};

use super::values::{duration, number, share};

/// A setting and where it goes.
type Setting<T> = (&'static str, fn(&mut Settings) -> &mut T);

const SHARES: [Setting<f64>; 9] = [
    ("error-margin", |settings| &mut settings.error_margin),
    ("go-margin", |settings| &mut settings.go_margin),
    ("go-margin-journey", |settings| &mut settings.go_margin_journey),
    ("location-margin", |settings| &mut settings.location_margin),
    ("go-location", |settings| &mut settings.go_location),
    ("go-location-journey", |settings| &mut settings.go_location_journey),
    ("go-level", |settings| &mut settings.go_level),
    ("split-tolerated", |settings| &mut settings.split_tolerated),
    ("lost-tolerated", |settings| &mut settings.lost_tolerated),
];
const DURATIONS: [Setting<Duration>; 2] =
    [("block", |settings| &mut settings.block), ("stale-grace", |settings| &mut settings.stale_grace)];
const NUMBERS: [Setting<f64>; 2] = [
    ("false-alarms-per-week", |settings| &mut settings.false_alarms_per_week),
    ("fleet-ratio", |settings| &mut settings.fleet_ratio),
];

/// Reads the section.
pub(super) fn read(node: &Node, source: &mut Source<'_>) -> Option<Settings> {
    let mut settings = Settings::default();
    let mut fields = Fields::like(node, "`evidence`", "{ go-margin: 1% }", source)?;
    all(&SHARES, share, &mut fields, &mut settings, source);
    all(&DURATIONS, duration, &mut fields, &mut settings, source);
    all(&NUMBERS, number, &mut fields, &mut settings, source);
    fields.finish(source);
    Some(settings)
}

fn all<T>(
    list: &[Setting<T>],
    read: fn(&Node, &mut Source<'_>) -> Option<T>,
    fields: &mut Fields<'_>,
    settings: &mut Settings,
    source: &mut Source<'_>,
) where
    T: Copy,
{
    for (name, field) in list {
        let Some(node) = fields.take(name) else { continue };
        let Some(value) = read(node, source) else { continue };
        // Each is looked at alone, so that all that is wrong is told.
        let mut alone = Settings::default();
        *field(&mut alone) = value;
        match alone.checked() {
            Ok(_) => *field(settings) = value,
            Err(error) => source.complain(node.place(), error.to_string(), None),
        }
    }
}
