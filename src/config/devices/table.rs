//! Files of comma-separated values (RFC 4180) with a header, read whole; what is wrong in them has its line and column.

use std::path::Path;
use std::sync::Arc;

use document::{Diagnostic, Node, Source, file};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;
/// Nobody reads more.
const MOST_COMPLAINTS: usize = 20;

/// A file that is being read, and what is wrong with it.
pub(super) struct Table<'e> {
    /// The columns that are wanted, in the order in which rows give them.
    pub(super) columns: &'e [&'e str],
    /// Whether its lines are shown to nobody.
    pub(super) secret: bool,
    /// Where what is wrong is noted.
    pub(super) elsewhere: &'e mut Vec<Diagnostic>,
}

impl Table<'_> {
    /// Reads the file that `node` names, its path counting from `base`, and gives each row's wanted fields to `take`.
    /// What it refuses is refused at the field with that number. `None`: the file cannot be read, or its header is
    /// wrong; that was said.
    pub(super) fn read(
        &mut self,
        node: &Node,
        base: &Path,
        source: &mut Source<'_>,
        mut take: impl FnMut(&[&str]) -> Result<(), (usize, String)>,
    ) -> Option<()> {
        let path = base.join(node.text(source)?);
        let text = match file::text(&path, LARGEST) {
            Ok(text) => text,
            Err(why) => {
                let message = format!("the file {} cannot be read: {why}", path.display());
                source.complain(node.place(), message, None);
                return None;
            }
        };
        let mut found = Found {
            file: path.display().to_string().into(),
            text: &text,
            secret: self.secret,
            list: Vec::new(),
        };
        let read = self.rows(&text, &mut found, &mut take);
        let wrong = !found.list.is_empty();
        self.elsewhere.append(&mut found.list);
        read.filter(|()| !wrong)
    }

    fn rows(
        &self,
        text: &str,
        found: &mut Found<'_>,
        take: &mut impl FnMut(&[&str]) -> Result<(), (usize, String)>,
    ) -> Option<()> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().ok()?.clone();
        let mut places = Vec::new();
        for column in self.columns {
            let place = header.iter().position(|name| name.trim().eq_ignore_ascii_case(column));
            if place.is_none() {
                found.complain(1, 0, &format!("there is no column `{column}` in the header"));
            }
            places.extend(place);
        }
        if places.len() < self.columns.len() {
            return None;
        }
        let mut record = csv::StringRecord::new();
        // The text is UTF-8 and rows may be of any length, so that nothing is left to fail.
        while reader.read_record(&mut record).unwrap_or(false) && found.list.len() < MOST_COMPLAINTS {
            let line = record.position().map_or(0, csv::Position::line);
            let line = usize::try_from(line).unwrap_or(usize::MAX);
            let fields: Vec<&str> =
                places.iter().map_while(|place| record.get(*place).map(str::trim)).collect();
            if fields.len() < places.len() {
                let (has, needs) = (record.len(), header.len());
                found.complain(line, 0, &format!("fields: {has}, and the header names {needs}"));
                continue;
            }
            if let Err((field, message)) = take(&fields) {
                found.complain(line, places.get(field).copied().unwrap_or(0), &message);
            }
        }
        Some(())
    }
}

/// What is wrong with a file.
struct Found<'t> {
    file: Arc<str>,
    text: &'t str,
    secret: bool,
    list: Vec<Diagnostic>,
}

impl Found<'_> {
    /// Something is wrong with a field, counted from 0.
    fn complain(&mut self, line: usize, field: usize, message: &str) {
        let text = line.checked_sub(1).and_then(|index| self.text.lines().nth(index)).unwrap_or_default();
        let (column, width) = mark(text, field);
        let shown = if self.secret { "" } else { text };
        self.list.push(Diagnostic {
            file: self.file.clone(),
            line,
            column,
            width,
            message: message.chars().take(300).collect(),
            help: None,
            source_line: shown.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect(),
        });
    }
}

/// In which column a field of a line begins, and how many characters it has.
fn mark(line: &str, field: usize) -> (usize, usize) {
    let (mut quoted, mut fields, mut column, mut width) = (false, 0, 1, 0);
    for (place, c) in (1..).zip(line.chars()) {
        match c {
            ',' if !quoted => {
                fields += 1;
                if fields > field {
                    break;
                }
                (column, width) = (place + 1, 0);
                continue;
            }
            '"' => quoted = !quoted,
            _ => {}
        }
        width += 1;
    }
    (column, width.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_marked_where_it_stands_also_behind_quotes() {
        assert_eq!(mark("a,bcd,e", 0), (1, 1));
        assert_eq!(mark("a,bcd,e", 1), (3, 3));
        assert_eq!(mark("\"a,b\",cd", 1), (7, 2));
        assert_eq!(mark("a,,e", 1), (3, 1));
        assert_eq!(mark("", 0), (1, 1));
    }
}
