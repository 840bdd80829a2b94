//! What a request carries.

use bytes::{BufMut, Bytes, BytesMut};
use uuid::Uuid;

use super::{Enclosed, JsonTemplate, Trouble};
use crate::run::{Piece, Sent};
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
    File(Enclosed),
}

/// A field of a multipart body.
#[derive(Debug)]
pub(crate) enum Field {
    Text(Template),
    File {
        /// The file's name, without its folders.
        name: String,
        kind: String,
        enclosed: Enclosed,
    },
}

/// A body, filled in.
pub(crate) struct Carried {
    pub(crate) bytes: Bytes,
    /// What they are.
    pub(crate) kind: Option<String>,
    /// What they were made of, where they do not tell themselves.
    pub(crate) of: Option<Sent<String>>,
}

impl Body {
    /// The bytes, and what they are.
    pub(super) fn render(&self, vars: &Vars) -> Result<Carried, Trouble> {
        let text =
            |text: String, kind: &str| Carried { bytes: text.into(), kind: Some(kind.to_owned()), of: None };
        Ok(match self {
            Self::Empty => Carried { bytes: Bytes::new(), kind: None, of: None },
            Self::Text(template) => text(vars.render(template)?, "text/plain; charset=utf-8"),
            Self::Json(template) => text(template.render(vars)?.to_string(), "application/json"),
            Self::Form(fields) => {
                let mut form = Serializer::new(String::new());
                for (name, template) in fields {
                    form.append_pair(name, &vars.render(template)?);
                }
                text(form.finish(), "application/x-www-form-urlencoded")
            }
            Self::Multipart(fields) => {
                // 122 random bits: nothing that is sent has them in it.
                let boundary = Uuid::new_v4().simple().to_string();
                let (bytes, pieces) = multipart(fields, &boundary, vars)?;
                Carried {
                    bytes,
                    kind: Some(format!("multipart/form-data; boundary={boundary}")),
                    of: Some(Sent::Pieces(pieces)),
                }
            }
            Self::File(Enclosed { path, content }) => Carried {
                bytes: content.clone(),
                kind: Some("application/octet-stream".to_owned()),
                of: Some(Sent::File(path.clone())),
            },
        })
    }
}

/// Fields, each with what it carries.
type Pieces = Vec<(String, Piece<String>)>;

fn multipart(fields: &[(String, Field)], boundary: &str, vars: &Vars) -> Result<(Bytes, Pieces), Trouble> {
    let (mut body, mut pieces) = (BytesMut::new(), Vec::new());
    for (field_name, field) in fields {
        let name = quoted(field_name);
        body.put(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes());
        match field {
            Field::Text(template) => {
                let text = vars.render(template)?;
                body.put(&b"\r\n\r\n"[..]);
                body.put(text.as_bytes());
                pieces.push((field_name.clone(), Piece::Text(text)));
            }
            Field::File { name, kind, enclosed } => {
                let head = format!("; filename=\"{}\"\r\nContent-Type: {kind}\r\n\r\n", quoted(name));
                body.put(head.as_bytes());
                body.put(&enclosed.content[..]);
                let (path, kind) = (enclosed.path.clone(), kind.as_str().into());
                pieces.push((field_name.clone(), Piece::File { path, kind }));
            }
        }
        body.put(&b"\r\n"[..]);
    }
    body.put(format!("--{boundary}--\r\n").as_bytes());
    Ok((body.freeze(), pieces))
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
            enclosed: Enclosed { path: "a.png".into(), content: Bytes::from_static(b"\x89PNG") },
        };
        let fields = [("who".to_owned(), Field::Text(text)), ("photo".to_owned(), photo)];
        let (body, pieces) = multipart(&fields, "xyz", &vars).unwrap();
        let expected = b"--xyz\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nuser 7\r\n\
            --xyz\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a%22b.png\"\r\n\
            Content-Type: image/png\r\n\r\n\x89PNG\r\n--xyz--\r\n";
        assert_eq!(body, &expected[..]);
        let photo = Piece::File { path: "a.png".into(), kind: "image/png".into() };
        let made_of = [("who".to_owned(), Piece::Text("user 7".to_owned())), ("photo".to_owned(), photo)];
        assert_eq!(pieces, made_of);
    }
}
