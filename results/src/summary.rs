//! The last line of a text: how many of what.

use figures::seconds;

use crate::{Look, Standing, Tally};

/// The last line: how many of what.
pub fn summary(tally: &Tally, left_out: usize, took: f64, look: Look) -> String {
    let mut words: Vec<(String, String)> = Vec::new();
    let plain = |text: String| (text.clone(), text);
    let mut list = |all: usize, (one, many): (&str, &str), of: &dyn Fn(Standing) -> usize| {
        let told: Vec<_> = Standing::ALL.into_iter().filter(|standing| of(*standing) > 0).collect();
        words.push(plain(format!("{}{}", count(all, one, many), if told.is_empty() { ";" } else { ":" })));
        for (index, standing) in told.iter().enumerate() {
            let text = format!("{} {}", of(*standing), standing.as_str());
            let end = if index + 1 < told.len() { "," } else { ";" };
            words.push((format!("{text}{end}"), format!("{}{end}", look.tone(&text, *standing))));
        }
    };
    list(tally.all_runs(), ("run", "runs"), &|standing| tally.runs(standing));
    list(tally.all_steps(), ("step", "steps"), &|standing| tally.steps(standing));
    if left_out > 0 {
        words.push(plain(format!("{};", seconds(took))));
        words.push(plain(format!("{} not begun", count(left_out, "run", "runs"))));
    } else {
        words.push(plain(seconds(took)));
    }
    look.flow(words.into_iter().map(|(plain, painted)| (plain.into(), painted.into())), 0, 2)
}

fn count(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
