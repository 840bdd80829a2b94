//! Forms in parts, as they were sent (RFC 7578).

use crate::draft::{Body, Field, Step};

/// The fields of a body that was recorded, or `None` if it is garbled.
pub(super) fn read(mime: &str, text: &str) -> Option<Vec<(String, Field)>> {
    let boundary = parameter(mime, "boundary")?;
    let delimiter = format!("--{boundary}");
    let mut parts = text.split(delimiter.as_str());
    parts.next()?;
    let mut fields = Vec::new();
    for part in parts {
        if part.starts_with("--") {
            break;
        }
        let (head, content) = part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n"))?;
        let content = content.strip_suffix("\r\n").or_else(|| content.strip_suffix('\n')).unwrap_or(content);
        fields.push(field(head, content)?);
    }
    (!fields.is_empty()).then_some(fields)
}

fn field(head: &str, content: &str) -> Option<(String, Field)> {
    let header = |wanted: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let disposition = header("content-disposition")?;
    let name = parameter(disposition, "name")?;
    let field = match parameter(disposition, "filename") {
        Some(path) => Field::File { path: file_name(&path), mime: header("content-type").map(str::to_owned) },
        None => Field::Text(content.into()),
    };
    Some((name, field))
}

/// A type that is none is left to the journey's default.
fn sendable(field: Field) -> Field {
    let known = |mime: &String| {
        let parts = mime.split_once('/').filter(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
        parts.is_some() && http::HeaderValue::from_str(mime).is_ok()
    };
    match field {
        Field::File { path, mime } => Field::File { path, mime: mime.filter(known) },
        text => text,
    }
}

/// The name of a file that was recorded: it may name no file elsewhere on the machine that replays it.
pub(crate) fn file_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    if matches!(name, "" | "." | "..") { "file".to_owned() } else { name.to_owned() }
}

/// A parameter behind a `;`, with or without quotes.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut parameters = value.split(';').skip(1).filter_map(|pair| pair.split_once('='));
    let found = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
    found.map(|(_, value)| value.trim().trim_matches('"').to_owned()).filter(|value| !value.is_empty())
}

/// The body of these fields. Of a name that is there twice only the first can be sent, and that is said; so is which
/// files it needs.
pub(crate) fn fields(step: &mut Step, fields: Vec<(String, Field)>) -> Body {
    let mut kept: Vec<(String, Field)> = Vec::new();
    for (name, field) in fields {
        if kept.iter().any(|(there, _)| *there == name) {
            step.remarks.push(format!("The field `{name}` was sent more than once; only the first is here."));
            continue;
        }
        if let Field::File { path, .. } = &field {
            step.remarks.push(format!("Needs the file `{path}` beside this one."));
        }
        kept.push((name, sendable(field)));
    }
    Body::Multipart(kept)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn texts_and_files_are_told_apart() {
        let body = "------B\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\na\r\nb\r\n------B\r\n\
            Content-Disposition: form-data; name=\"photo\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n\r\n\
            ------B--\r\n";
        let fields = read("multipart/form-data; boundary=----B", body).unwrap();
        let photo = Field::File { path: "p.png".to_owned(), mime: Some("image/png".to_owned()) };
        assert_eq!(fields, [("note".to_owned(), Field::Text("a\r\nb".into())), ("photo".to_owned(), photo)]);
        assert!(read("multipart/form-data", body).is_none());
        assert!(read("multipart/form-data; boundary=x", "garbage").is_none());
    }
}
