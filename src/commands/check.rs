//! `serin check`

use crate::cli::Check;
use crate::config::{self, Config};
use crate::failure::{Exit, Failure};
use crate::say;

/// Loads the configuration and says what it amounts to.
pub(crate) fn run(check: &Check) -> Result<Exit, Failure> {
    let config = config::load(&check.config)?;
    for remark in &config.remarks {
        say::error(format_args!("{remark}\n"));
    }
    say::line(summary(&config));
    Ok(Exit::Go)
}

fn summary(config: &Config) -> String {
    let paired: Vec<_> = config.journeys.iter().filter(|plan| plan.paired()).collect();
    // The sum of no numbers is -0.
    let pairs = paired.iter().map(|plan| plan.every.as_secs_f64().recip()).fold(0.0, |sum, rate| sum + rate);
    let devices: u32 = config.fleets.iter().map(|fleet| fleet.count).sum();
    let found = match config.remarks.len() {
        0 => "all is well".to_owned(),
        1 => "no errors, 1 warning".to_owned(),
        count => format!("no errors, {count} warnings"),
    };
    format!(
        "{}: {found}\n  names      {}\n  resolvers  {}\n  journeys   {}, {} of them in pairs ({pairs:.2} pairs a second)\n  \
         devices    {devices} in {}\n{}  alerts     {}",
        config.cutover.name,
        config.cutover.names.join(", "),
        match config.resolvers.len() {
            0 => "this machine's".to_owned(),
            count => count.to_string(),
        },
        config.journeys.len(),
        paired.len(),
        match config.fleets.len() {
            1 => "1 fleet".to_owned(),
            count => format!("{count} fleets"),
        },
        match config.canaries.len() {
            0 => String::new(),
            count => format!("  canaries   {count}\n"),
        },
        match config.alerts.email.len() {
            0 => "nobody is told".to_owned(),
            1 => "1 receiver".to_owned(),
            count => format!("{count} receivers"),
        },
    )
}
