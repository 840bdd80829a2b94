//! In which form the report is written.

use std::path::Path;

/// In which form the report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people: complete in itself, with charts.
    Html,
    /// For issues and wikis: tables.
    Markdown,
    /// For programs: everything that the others show.
    Json,
}

impl Format {
    /// The format that the ending of a file's name asks for.
    ///
    /// # Errors
    /// When the ending is another one; the message names those that there are.
    pub fn of(path: &Path) -> Result<Self, String> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        match ending.as_deref() {
            Some("html" | "htm") => Ok(Self::Html),
            Some("md" | "markdown") => Ok(Self::Markdown),
            Some("json") => Ok(Self::Json),
            _ => {
                let place = path.display();
                Err(format!("{place}: a report is written to a file that ends in .html, .md or .json"))
            }
        }
    }
}
