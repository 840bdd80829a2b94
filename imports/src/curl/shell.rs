//! Words of a shell, as bash reads them: quotes, escapes, `$'..'`, lines that go on. Nothing is carried out; a variable
//! stays as it is written.

use crate::ImportError;

/// A command, and where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) line: usize,
    pub(super) words: Vec<String>,
    /// Whether it only reads what the command before it gives.
    pub(super) piped: bool,
}

/// The commands of a script.
pub(super) fn commands(text: &str) -> Result<Vec<Words>, ImportError> {
    let mut reader =
        Reader { rest: text.chars().collect::<Vec<_>>().into_iter().peekable(), line: 1, end: '\n' };
    let mut commands = Vec::new();
    loop {
        let (line, before) = (reader.line, reader.end);
        let words = reader.command()?;
        if !words.is_empty() {
            commands.push(Words { line, words, piped: before == '|' });
        } else if reader.rest.peek().is_none() {
            return Ok(commands);
        }
    }
}

struct Reader {
    rest: std::iter::Peekable<std::vec::IntoIter<char>>,
    line: usize,
    /// What the command before ended with.
    end: char,
}

impl Reader {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next();
        if c == Some('\n') {
            self.line += 1;
        }
        c
    }

    /// The words up to the end of the command.
    fn command(&mut self) -> Result<Vec<String>, ImportError> {
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        while let Some(c) = self.next() {
            match c {
                '\n' | ';' | '|' | '&' => {
                    words.extend(word);
                    // Two of them are no pipe.
                    self.end = if words.is_empty() { '\n' } else { c };
                    return Ok(words);
                }
                ' ' | '\t' | '\r' => words.extend(word.take()),
                '#' if word.is_none() => while self.rest.next_if(|c| *c != '\n').is_some() {},
                '\\' => match self.next() {
                    // The line goes on; Windows ends its lines with two characters.
                    Some('\n') | None => {}
                    Some('\r') if self.rest.peek() == Some(&'\n') => drop(self.next()),
                    Some(c) => word.get_or_insert_default().push(c),
                },
                '\'' => self.quoted(word.get_or_insert_default())?,
                '"' => self.double_quoted(word.get_or_insert_default())?,
                '$' if self.rest.peek() == Some(&'\'') => {
                    self.next();
                    self.escaped(word.get_or_insert_default())?;
                }
                c => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        Ok(words)
    }

    fn quoted(&mut self, word: &mut String) -> Result<(), ImportError> {
        let line = self.line;
        loop {
            match self.next().ok_or_else(|| unclosed(line, '\''))? {
                '\'' => return Ok(()),
                c => word.push(c),
            }
        }
    }

    fn double_quoted(&mut self, word: &mut String) -> Result<(), ImportError> {
        let line = self.line;
        loop {
            match self.next().ok_or_else(|| unclosed(line, '"'))? {
                '"' => return Ok(()),
                '\\' => match self.next().ok_or_else(|| unclosed(line, '"'))? {
                    c @ ('"' | '\\' | '$' | '`') => word.push(c),
                    '\n' => {}
                    c => word.extend(['\\', c]),
                },
                c => word.push(c),
            }
        }
    }

    /// `$'..'`: escapes as in C (bash manual, 3.1.2.4).
    fn escaped(&mut self, word: &mut String) -> Result<(), ImportError> {
        let line = self.line;
        let mut bytes = Vec::new();
        loop {
            let c = self.next().ok_or_else(|| unclosed(line, '\''))?;
            match c {
                '\'' => break,
                '\\' => {
                    let c = self.next().ok_or_else(|| unclosed(line, '\''))?;
                    match c {
                        'n' => bytes.push(b'\n'),
                        't' => bytes.push(b'\t'),
                        'r' => bytes.push(b'\r'),
                        'a' => bytes.push(7),
                        'b' => bytes.push(8),
                        'e' | 'E' => bytes.push(27),
                        'f' => bytes.push(12),
                        'v' => bytes.push(11),
                        'x' => bytes.push(u8::try_from(self.digits(16, 2, 0)).unwrap_or_default()),
                        '0'..='7' => {
                            let first = c.to_digit(8).unwrap_or_default();
                            bytes.push(u8::try_from(self.digits(8, 2, first) & 0xff).unwrap_or_default());
                        }
                        'u' => push(&mut bytes, self.digits(16, 4, 0)),
                        'U' => push(&mut bytes, self.digits(16, 8, 0)),
                        c @ ('\\' | '\'' | '"' | '?') => push(&mut bytes, u32::from(c)),
                        c => {
                            bytes.push(b'\\');
                            push(&mut bytes, u32::from(c));
                        }
                    }
                }
                c => push(&mut bytes, u32::from(c)),
            }
        }
        word.push_str(&String::from_utf8_lossy(&bytes));
        Ok(())
    }

    /// The number that follows, of so many digits at most.
    fn digits(&mut self, base: u32, most: usize, first: u32) -> u32 {
        let mut number = first;
        for _ in 0..most {
            let Some(c) = self.rest.next_if(|c| c.is_digit(base)) else { break };
            number = number.wrapping_mul(base).wrapping_add(c.to_digit(base).unwrap_or_default());
        }
        number
    }
}

fn push(bytes: &mut Vec<u8>, character: u32) {
    let c = char::from_u32(character).unwrap_or(char::REPLACEMENT_CHARACTER);
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn unclosed(line: usize, quote: char) -> ImportError {
    ImportError::at(
        line,
        1,
        format!("a quote {quote} that begins on this line has no end"),
        "was the command copied whole?",
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        commands(text).unwrap().into_iter().map(|command| command.words).collect()
    }

    #[test]
    fn words_are_those_of_bash() {
        assert_eq!(
            words("curl 'a b'\"c\\\"d\"e \\\n  -X POST # no\n\ncurl\\ x; y | z"),
            [vec!["curl", "a bc\"de", "-X", "POST"], vec!["curl x"], vec!["y"], vec!["z"]]
        );
        assert_eq!(words(r"curl $'a\n\u00e9\x41\'\101'"), [vec!["curl", "a\né\u{41}'A"]]);
        assert_eq!(words("a '' \"\""), [vec!["a", "", ""]]);
    }

    #[test]
    fn an_open_quote_is_told_with_its_line() {
        let error = commands("curl x\ncurl 'https://a").unwrap_err();
        assert_eq!(error.place, Some((2, 1)));
    }

    proptest! {
        #[test]
        fn whatever_is_quoted_comes_back(text in "(?s).{0,60}") {
            let quoted = format!("curl '{}'", text.replace('\'', r"'\''"));
            prop_assert_eq!(words(&quoted), [vec!["curl".to_owned(), text]]);
        }

        #[test]
        fn nothing_makes_it_fall_over(text in "(?s).{0,60}") {
            let _ = commands(&text);
        }
    }
}
