//! Headings, paragraphs, lists and tables, as text or as Markdown.

/// What is to be written, from top to bottom.
#[derive(Debug, Default)]
pub(crate) struct Page(Vec<Part>);

#[derive(Debug)]
enum Part {
    Heading(String),
    Paragraph(String),
    List(Vec<String>),
    /// The heads are the first row.
    Table(Vec<Vec<String>>),
    Code(Vec<String>),
}

impl Page {
    pub(super) fn heading(&mut self, text: &str) {
        self.0.push(Part::Heading(text.to_owned()));
    }

    pub(super) fn paragraph(&mut self, text: impl Into<String>) {
        self.0.push(Part::Paragraph(text.into()));
    }

    /// A list with a line before it; nothing, if it is empty.
    pub(super) fn list(&mut self, title: &str, items: &[String]) {
        if !items.is_empty() {
            self.paragraph(format!("{title}:"));
            self.0.push(Part::List(items.to_vec()));
        }
    }

    pub(super) fn table(&mut self, heads: &[&str], rows: Vec<Vec<String>>) {
        let heads = heads.iter().map(|&head| head.to_owned()).collect();
        self.0.push(Part::Table(std::iter::once(heads).chain(rows).collect()));
    }

    pub(super) fn code(&mut self, lines: Vec<String>) {
        self.0.push(Part::Code(lines));
    }

    /// For a terminal.
    pub(crate) fn text(&self) -> String {
        self.written(|part| match part {
            Part::Heading(text) => vec![text.to_uppercase()],
            Part::Paragraph(text) => vec![text.clone()],
            Part::List(items) => items.iter().map(|item| format!("- {item}")).collect(),
            Part::Table(rows) => columns(rows),
            Part::Code(lines) => lines.clone(),
        })
    }

    /// For a document.
    pub(crate) fn markdown(&self) -> String {
        self.written(|part| match part {
            Part::Heading(text) => vec![format!("## {text}")],
            Part::Paragraph(text) => vec![safe(text)],
            Part::List(items) => items.iter().map(|item| format!("- {}", safe(item))).collect(),
            Part::Table(rows) => ruled(rows),
            Part::Code(lines) => {
                let fence = |fence: &str| vec![fence.to_owned()];
                [fence("```yaml"), lines.clone(), fence("```")].concat()
            }
        })
    }

    fn written(&self, lines: impl Fn(&Part) -> Vec<String>) -> String {
        self.0.iter().map(|part| lines(part).join("\n")).collect::<Vec<_>>().join("\n\n")
    }
}

fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|it| it.chars().count()).max();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(at, cell)| {
            let width = width(at).unwrap_or(0);
            format!("{cell:width$}")
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn ruled(rows: &[Vec<String>]) -> Vec<String> {
    let line = |row: &Vec<String>| {
        let cells: Vec<_> = row.iter().map(|cell| safe(cell).replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let mut lines: Vec<_> = rows.iter().map(line).collect();
    let columns = rows.first().map_or(0, Vec::len);
    lines.insert(1.min(lines.len()), line(&vec!["---".to_owned(); columns]));
    lines
}

/// Names stand between backticks, where nothing is a mark; what is left of comparisons is.
fn safe(text: &str) -> String {
    let part = |(at, part): (usize, &str)| {
        if at % 2 == 0 { part.replace('<', "&lt;").replace('>', "&gt;") } else { part.to_owned() }
    };
    text.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_aligned_in_text_and_marked_up_in_markdown() {
        let mut page = Page::default();
        page.heading("Seen");
        page.table(&["what", "x"], vec![vec!["`a|<b>`".to_owned(), "<= 3 %".to_owned()]]);
        page.list("Missing", &["much".to_owned()]);
        page.list("Nothing", &[]);
        page.code(vec!["evidence:".to_owned()]);
        let text = "SEEN\n\nwhat     x\n`a|<b>`  <= 3 %\n\nMissing:\n\n- much\n\nevidence:";
        assert_eq!(page.text(), text);
        let markdown = "## Seen\n\n| what | x |\n| --- | --- |\n| `a\\|<b>` | &lt;= 3 % |\n\nMissing:\n\n- much\n\n\
                        ```yaml\nevidence:\n```";
        assert_eq!(page.markdown(), markdown);
    }
}
