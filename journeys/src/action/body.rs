//! What a request carries.

use bytes::{BufMut, Bytes, BytesMut};
use uuid::Uuid;

use super::{JsonTemplate, Trouble};
use crate::template::Template;
use crate::vars::Vars;
use url::form_urlencoded::Serializer;

/// What a request carries.
#[derive(Debug)]
pub(crate) enum Body {
    Empty,
    Text(Template),
    Json(JsonTemplate),
    Form(Vec<(String, Template)>),
    /// RFC 7578.
    Multipart(Vec<(String, Field)>),
    File(Bytes),
}

/// A field of a multipart body.
#[derive(Debug)]
pub(crate) enum Field {
    Text(Template),
    File {
        /// The file's name, without its folders.
        name: String,
        kind: String,
        content: Bytes,
    },
}

impl Body {
    /// The bytes, and what they are.
    pub(super) fn render(&self, vars: &Vars) -> Result<(Bytes, Option<String>), Trouble> {
        let kind = |text: &str| Some(text.to_owned());
        Ok(match self {
            Self::Empty => (Bytes::new(), None),
            Self::Text(template) => (vars.render(template)?.into(), kind("text/plain; charset=utf-8")),
            Self::Json(template) => (template.render(vars)?.to_string().into(), kind("application/json")),
            Self::Form(fields) => {
                let mut form = Serializer::new(String::new());
                for (name, template) in fields {
                    form.append_pair(name, &vars.render(template)?);
                }
                (form.finish().into(), kind("application/x-www-form-urlencoded"))
            }
            Self::Multipart(fields) => {
                // 122 random bits: nothing that is sent has them in it.
                let boundary = Uuid::new_v4().simple().to_string();
                let body = multipart(fields, &boundary, vars)?;
                (body, Some(format!("multipart/form-data; boundary={boundary}")))
            }
            Self::File(content) => (content.clone(), kind("application/octet-stream")),
        })
    }
}

fn multipart(fields: &[(String, Field)], boundary: &str, vars: &Vars) -> Result<Bytes, Trouble> {
    let mut body = BytesMut::new();
    for (name, field) in fields {
        body.put(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(name)).as_bytes(),
        );
        match field {
            Field::Text(template) => {
                body.put(&b"\r\n\r\n"[..]);
                body.put(vars.render(template)?.as_bytes());
            }
            Field::File { name, kind, content } => {
                let head = format!("; filename=\"{}\"\r\nContent-Type: {kind}\r\n\r\n", quoted(name));
                body.put(head.as_bytes());
                body.put(&content[..]);
            }
        }
        body.put(&b"\r\n"[..]);
    }
    body.put(format!("--{boundary}--\r\n").as_bytes());
    Ok(body.freeze())
}

/// As browsers write names (WHATWG HTML, multipart/form-data encoding algorithm).
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::template::Workshop;

    #[test]
    fn a_multipart_body_is_as_browsers_send_it() {
        let mut workshop = Workshop::new();
        let text = workshop.compile("user {{ id }}").unwrap();
        let mut vars = Vars::new(workshop.finish());
        vars.set("id", 7);
        let photo = Field::File {
            name: "a\"b.png".to_owned(),
            kind: "image/png".to_owned(),
            content: Bytes::from_static(b"\x89PNG"),
        };
        let fields = [("who".to_owned(), Field::Text(text)), ("photo".to_owned(), photo)];
        let body = multipart(&fields, "xyz", &vars).unwrap();
        let expected = b"--xyz\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nuser 7\r\n\
            --xyz\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a%22b.png\"\r\n\
            Content-Type: image/png\r\n\r\n\x89PNG\r\n--xyz--\r\n";
        assert_eq!(body, &expected[..]);
    }
}
