//! `data:` a table of which each run sees one row.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::template::is_name;

/// More could not be told apart in any report.
pub(crate) const MOST_ROWS: usize = 100_000;

/// A table with at least one row and one column.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Data {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    /// The columns whose values are kept out of every text.
    pub(crate) secret: BTreeSet<String>,
    /// By which number a row is drawn at random; `None`: one after the other.
    pub(crate) seed: Option<u64>,
}

impl Data {
    /// Reads a table as CSV with a header line (RFC 4180).
    pub(crate) fn csv(text: &str) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| told(&error))?;
        let columns =
            header.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| told(&error))?;
            rows.push(record.iter().map(Value::from).collect());
            if rows.len() > MOST_ROWS {
                break;
            }
        }
        Self::new(columns, rows)
    }

    /// Reads a table as a JSON list of objects, which all have the same keys.
    pub(crate) fn json(text: &str) -> Result<Self, String> {
        let rows: Vec<Map<String, Value>> =
            serde_json::from_str(text).map_err(|error| format!("it is no JSON list of objects: {error}"))?;
        let columns: Vec<String> = rows.first().into_iter().flat_map(Map::keys).cloned().collect();
        let mut table = Vec::new();
        for (index, mut row) in rows.into_iter().take(MOST_ROWS + 1).enumerate() {
            let cells = columns.iter().map(|column| {
                row.remove(column)
                    .ok_or_else(|| format!("object {} has no `{column}`, as the first has", index + 1))
            });
            let cells = cells.collect::<Result<_, _>>()?;
            if let Some(column) = row.keys().next() {
                return Err(format!("object {} has `{column}`, and the first has not", index + 1));
            }
            table.push(cells);
        }
        Self::new(columns, table)
    }

    fn new(columns: Vec<String>, rows: Vec<Vec<Value>>) -> Result<Self, String> {
        if let Some(bad) = columns.iter().find(|column| !is_name(column) || column.contains('.')) {
            return Err(format!(
                "`{bad}` cannot be a column's name: letters, digits and _, not beginning with a digit"
            ));
        }
        if let Some(twice) = columns.iter().enumerate().find(|(index, name)| columns[..*index].contains(name))
        {
            return Err(format!("there are two columns `{}`", twice.1));
        }
        if rows.is_empty() {
            return Err("there are no rows in it".to_owned());
        }
        if rows.len() > MOST_ROWS {
            return Err(format!("there are more than {MOST_ROWS} rows in it"));
        }
        Ok(Self { columns, rows, secret: BTreeSet::new(), seed: None })
    }

    /// The columns' names.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are.
    pub(crate) const fn count(&self) -> usize {
        self.rows.len()
    }

    /// The number of that turn's row, from 1. The same turn has the same row: both halves of a pair do the same.
    pub(crate) fn number(&self, turn: u64) -> usize {
        let number = self.seed.map_or(turn, |seed| scattered(seed ^ scattered(turn)));
        usize::try_from(number % self.rows.len() as u64).unwrap_or_default() + 1
    }

    /// The row of that number, with the columns' names.
    pub(crate) fn row(&self, number: usize) -> impl Iterator<Item = (&str, &Value)> {
        let row = number.checked_sub(1).and_then(|at| self.rows.get(at));
        let names = self.columns.iter().map(String::as_str);
        names.zip(row.into_iter().flatten())
    }
}

/// A number that looks like chance, and is always the same (the finalizer of SplitMix64).
const fn scattered(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What is wrong with a line of CSV, as somebody who writes it understands it.
fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line} has {len} fields, and the header has {expected_len}")
        }
        _ => format!("it is no CSV: {error}"),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn emails(data: &Data, turns: std::ops::Range<u64>) -> Vec<String> {
        turns.map(|turn| data.row(data.number(turn)).next().unwrap().1.to_string()).collect()
    }

    #[test]
    fn rows_come_one_after_the_other_or_at_random_and_the_same_turn_has_the_same() {
        let mut data = Data::csv("\u{feff}email,n\na@x,1\n\"b,b@x\",2\nc@x,3\n").unwrap();
        assert_eq!(emails(&data, 0..4), ["\"a@x\"", "\"b,b@x\"", "\"c@x\"", "\"a@x\""]);
        data.seed = Some(7);
        let drawn = emails(&data, 0..200);
        assert_eq!(drawn, emails(&data, 0..200));
        for email in ["\"a@x\"", "\"b,b@x\"", "\"c@x\""] {
            let times = drawn.iter().filter(|drawn| *drawn == email).count();
            assert!((35..100).contains(&times), "{email}: {times}");
        }
    }

    #[test]
    fn json_keeps_its_types() {
        let data = Data::json(r#"[{"id": 7, "on": true}, {"on": false, "id": 8}]"#).unwrap();
        assert_eq!(data.columns(), ["id", "on"]);
        let row: Vec<_> = data.row(2).map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(row, ["id=8", "on=false"]);
        assert!(data.row(0).chain(data.row(3)).next().is_none());
    }

    #[test]
    fn what_is_no_table_says_why() {
        for (text, why) in [
            ("a,b\n1\n", "line 2 has 1 fields, and the header has 2"),
            ("a,a\n1,2\n", "there are two columns `a`"),
            (
                "a b\n1\n",
                "`a b` cannot be a column's name: letters, digits and _, not beginning with a digit",
            ),
            ("a\n", "there are no rows in it"),
        ] {
            assert_eq!(Data::csv(text).unwrap_err(), why);
        }
        assert!(
            Data::csv(&format!("a\n{}", "1\n".repeat(MOST_ROWS + 1)))
                .unwrap_err()
                .contains("more than 100000")
        );
        assert!(Data::json("{}").unwrap_err().starts_with("it is no JSON list of objects"));
        assert_eq!(
            Data::json(r#"[{"a": 1}, {"b": 1}]"#).unwrap_err(),
            "object 2 has no `a`, as the first has"
        );
        assert_eq!(
            Data::json(r#"[{"a": 1}, {"a": 1, "b": 1}]"#).unwrap_err(),
            "object 2 has `b`, and the first has not"
        );
    }
}
