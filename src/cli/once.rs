//! What `serin once` can be told.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use cutover::Route;
use results::Format;
use serde_json::Value;

/// `serin once`
#[derive(Debug, Args)]
pub(crate) struct Once {
    /// The journeys.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The configuration that says where the sides are, and which variables journeys are given, such as serin.yaml.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// On which route; all of them: on old, then on new, then as DNS leads.
    #[arg(long, default_value = "live", value_name = "ROUTE")]
    pub route: Routes,
    /// Give a variable by hand, in the place of any other of that name: NAME=TEXT, or NAME:=JSON for what is no text.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = given)]
    pub vars: Vec<Given>,
    /// Which row of the journeys' data: its number from 1, several as FROM-TO, or `all` for a run with each. By default
    /// the first, or any where the order is random.
    #[arg(long, alias = "rows", value_name = "ROW", value_parser = rows)]
    pub row: Option<Rows>,
    /// Begin with this step. What the steps before it would have saved is given with --var.
    #[arg(long, value_name = "STEP")]
    pub from: Option<String>,
    /// End after this step; what must happen finally happens.
    #[arg(long, value_name = "STEP")]
    pub to: Option<String>,
    /// Show each request as a curl line that makes it again; secrets stand in it as variables.
    #[arg(long)]
    pub curl: bool,
    /// Write reports: junit=FILE, tap=FILE, json=FILE, html=FILE, one or several.
    #[arg(long, num_args = 1.., value_name = "FORMAT=FILE", value_parser = wanted)]
    pub report: Vec<Wanted>,
    /// How many runs at once.
    #[arg(long, default_value_t = 1, value_name = "COUNT", value_parser = jobs)]
    pub jobs: u8,
}

/// More at once would measure this machine.
const MOST_JOBS: u8 = 64;

fn jobs(text: &str) -> Result<u8, String> {
    let jobs = text.parse().ok().filter(|jobs| (1..=MOST_JOBS).contains(jobs));
    jobs.ok_or_else(|| format!("a number of runs from 1 to {MOST_JOBS}"))
}

/// The routes that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Routes {
    /// Pinned to the old side.
    Old,
    /// Pinned to the new side.
    New,
    /// As DNS leads.
    Live,
    /// All three, one after the other.
    All,
}

impl Routes {
    /// Each of them.
    pub(crate) const fn each(self) -> &'static [Route] {
        match self {
            Self::Old => &[Route::Old],
            Self::New => &[Route::New],
            Self::Live => &[Route::Live],
            Self::All => &[Route::Old, Route::New, Route::Live],
        }
    }
}

/// The rows of data that are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rows {
    /// These, by their numbers from 1.
    Some(RangeInclusive<usize>),
    /// Every one.
    All,
}

fn rows(text: &str) -> Result<Rows, String> {
    if text == "all" {
        return Ok(Rows::All);
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
    match number(from).zip(number(to)) {
        Some((from, to)) if from <= to => Ok(Rows::Some(from..=to)),
        _ => Err("write the number of a row, from 1, several as FROM-TO, or all".to_owned()),
    }
}

/// A variable that is given by hand.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
}

fn given(text: &str) -> Result<Given, String> {
    let way = "write NAME=TEXT, or NAME:=JSON for a number, a list, an object";
    let (name, value) = text.split_once('=').ok_or_else(|| way.to_owned())?;
    let (name, value) = match name.strip_suffix(':') {
        None => (name, Value::from(value)),
        Some(name) => {
            let json = serde_json::from_str(value)
                .map_err(|error| format!("{error}; a text is written NAME=TEXT"))?;
            (name, json)
        }
    };
    if !journeys::is_free_name(name) {
        return Err(format!("`{name}` cannot be a variable's name: {}", journeys::NAMES));
    }
    Ok(Given { name: name.to_owned(), value })
}

/// A report that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// In which format.
    pub format: Format,
    /// Where it goes.
    pub path: PathBuf,
}

fn wanted(text: &str) -> Result<Wanted, String> {
    let way =
        "write FORMAT=FILE, the format one of junit, tap, json, html; journeys are named before --report";
    let (format, path) = text.split_once('=').ok_or_else(|| way.to_owned())?;
    let known = Format::ALL.map(Format::as_str);
    let help = || format!("`{format}` is no format of a report: {}", document::did_you_mean(format, known));
    let format = format.parse().map_err(|()| help())?;
    if path.is_empty() {
        return Err(way.to_owned());
    }
    Ok(Wanted { format, path: path.into() })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_text_unless_it_is_said_to_be_json() {
        assert_eq!(given("user=7").unwrap().value, Value::from("7"));
        assert_eq!(given("user:=7").unwrap().value, Value::from(7));
        assert_eq!(given("url=https://a.example/?b=c").unwrap().value, Value::from("https://a.example/?b=c"));
        assert_eq!(given("empty=").unwrap().value, Value::from(""));
        assert!(given("user:=seven").unwrap_err().ends_with("a text is written NAME=TEXT"));
        for bad in ["user", "=7", "run=1", "a-b=1"] {
            assert!(given(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rows_are_counted_from_1() {
        assert_eq!(rows("all").unwrap(), Rows::All);
        assert_eq!(rows("3").unwrap(), Rows::Some(3..=3));
        assert_eq!(rows("2-5").unwrap(), Rows::Some(2..=5));
        for bad in ["0", "", "5-2", "0-2", "1-", "-1", "first", "1,2"] {
            assert!(rows(bad).unwrap_err().contains("FROM-TO"), "{bad}");
        }
    }

    #[test]
    fn a_report_says_its_format() {
        assert_eq!(wanted("tap=a=b").unwrap(), Wanted { format: Format::Tap, path: "a=b".into() });
        assert!(wanted("junti=a").unwrap_err().ends_with("did you mean `junit`?"));
        for bad in ["junit", "junit=", "journey.yaml"] {
            assert!(wanted(bad).unwrap_err().contains("FORMAT=FILE"), "{bad}");
        }
    }
}
