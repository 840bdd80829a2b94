//! The pages of the documentation, and the blocks in them.

use std::fs;
use std::path::{Path, PathBuf};

/// A page.
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A fenced block, and where it begins.
pub(crate) struct Block {
    pub(crate) place: String,
    pub(crate) text: String,
    language: String,
}

/// The folder of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page.
pub(crate) fn documents() -> Vec<Document> {
    let mut paths = vec![root().join("README.md")];
    paths.extend(["docs", "docs/journeys"].iter().flat_map(|folder| files(&root().join(folder), "md")));
    let read = |path: PathBuf| Document {
        name: path.strip_prefix(root()).unwrap().display().to_string(),
        text: fs::read_to_string(path).unwrap(),
    };
    paths.into_iter().map(read).collect()
}

/// The files of a folder with this extension, sorted.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|it| it == extension)).collect();
    found.sort();
    found
}

impl Document {
    /// Its blocks in this language.
    pub(crate) fn blocks(&self, language: &str) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for (index, line) in self.text.lines().enumerate() {
            match (line.strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(language), None) => {
                    let place = format!("{}:{}", self.name, index + 1);
                    open = Some(Block { place, language: language.to_owned(), text: String::new() });
                }
                (None, Some(block)) => block.text += &format!("{line}\n"),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a block is not closed", self.name);
        blocks.retain(|block| block.language == language);
        blocks
    }
}

impl Block {
    /// Its first line, which says what it is.
    pub(crate) fn head(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }
}
