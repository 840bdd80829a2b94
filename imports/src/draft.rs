//! A journey that is being made: the same for all formats.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::doc::Json;
use crate::names::Names;
use crate::target::Target;
use crate::text::Text;

/// A journey that is being made.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// Its name.
    pub(crate) name: String,
    /// What its user is to know, for the head of the file.
    pub(crate) remarks: Vec<String>,
    /// Variables, with what they are.
    pub(crate) vars: Vec<(String, Text)>,
    /// Variables that must come from elsewhere.
    pub(crate) needs: Vec<String>,
    /// Secrets: for each name the variable of the environment; none yet where a format only needs one.
    pub(crate) secrets: BTreeMap<String, String>,
    /// What was read of them, to be found wherever it stands: the name of each by its value.
    pub(crate) hidden: BTreeMap<String, String>,
    pub(crate) steps: Vec<Step>,
    pub(crate) finally: Vec<Step>,
    /// The names of variables that are taken.
    pub(crate) names: Names,
}

impl Draft {
    /// A draft with nothing in it yet.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Every step, those of `finally` last.
    pub(crate) fn all_steps(&mut self) -> impl Iterator<Item = &mut Step> {
        self.steps.iter_mut().chain(&mut self.finally)
    }
}

/// A request, and what is expected of its answer.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Its name; without one it is called by its method and path.
    pub(crate) name: Option<String>,
    /// What stands above it.
    pub(crate) remarks: Vec<String>,
    pub(crate) method: String,
    pub(crate) target: Target,
    pub(crate) headers: Vec<(String, Text)>,
    pub(crate) cookies: Vec<(String, Text)>,
    pub(crate) credentials: Option<(Text, Text)>,
    pub(crate) body: Body,
    /// Other keys of the step and what they say, such as `timeout`.
    pub(crate) settings: Vec<(&'static str, Setting)>,
    pub(crate) expect: Vec<String>,
    pub(crate) save: Vec<Save>,
    /// What was answered when it was recorded.
    pub(crate) answer: Option<Answer>,
}

/// The value of a key that is only passed on.
#[derive(Debug, Clone)]
pub(crate) enum Setting {
    Plain(String),
    Number(u64),
    Time(Duration),
    Text(String),
    Files(Vec<(&'static str, String)>),
}

/// What a request carries.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) enum Body {
    #[default]
    Empty,
    Json(Json),
    Form(Vec<(String, Text)>),
    Multipart(Vec<(String, Field)>),
    Text(Text),
    /// The content of a file.
    File(String),
}

/// A field of a form in parts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field {
    Text(Text),
    File { path: String, mime: Option<String> },
}

/// A value kept for later steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Save {
    pub(crate) name: String,
    /// As the language writes it.
    pub(crate) query: String,
    /// Whether nobody may read it.
    pub(crate) secret: bool,
}

/// What was answered when a request was recorded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) body: String,
    /// The body's type, without parameters.
    pub(crate) mime: String,
}

impl Step {
    /// The header of that name, in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&Text> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Adds a header; one that is there already is continued.
    pub(crate) fn add_header(&mut self, name: &str, value: Text) {
        let name = name.to_ascii_lowercase();
        match self.headers.iter_mut().find(|(key, _)| *key == name) {
            Some((_, there)) => {
                there.append(", ".into());
                there.append(value);
            }
            None => self.headers.push((name, value)),
        }
    }

    /// Every text that is sent, with where it stands.
    pub(crate) fn visit(&mut self, see: &mut impl FnMut(Spot<'_>, &mut Text)) {
        for segment in &mut self.target.path {
            see(Spot::Segment, segment);
        }
        for (name, value) in &mut self.target.query {
            see(Spot::Query(name), value);
        }
        for (name, value) in &mut self.headers {
            see(Spot::Header(name), value);
        }
        for (name, value) in &mut self.cookies {
            see(Spot::Cookie(name), value);
        }
        if let Some((username, password)) = &mut self.credentials {
            see(Spot::Field("username"), username);
            see(Spot::Field("password"), password);
        }
        match &mut self.body {
            Body::Empty | Body::File(_) => {}
            Body::Json(json) => visit_json("", json, see),
            Body::Form(fields) => fields.iter_mut().for_each(|(name, value)| see(Spot::Field(name), value)),
            Body::Multipart(fields) => {
                for (name, field) in fields {
                    if let Field::Text(value) = field {
                        see(Spot::Field(name), value);
                    }
                }
            }
            Body::Text(text) => see(Spot::Body, text),
        }
    }
}

/// Where a text of a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot<'n> {
    /// Between two slashes of the URL's path, encoded as it is there.
    Segment,
    /// In the URL's query, encoded as it is there.
    Query(&'n str),
    Header(&'n str),
    Cookie(&'n str),
    /// A field of a form, or of a JSON object.
    Field(&'n str),
    /// A whole body.
    Body,
}

fn visit_json(name: &str, json: &mut Json, see: &mut impl FnMut(Spot<'_>, &mut Text)) {
    match json {
        Json::Text(text) => see(Spot::Field(name), text),
        // A number takes the form of a text for as long as it is looked at, and stays one only if it was filled in.
        Json::Number(number) => {
            let mut text = Text::from(number.to_string());
            let before = text.clone();
            see(Spot::Field(name), &mut text);
            if text != before {
                *json = Json::Text(text);
            }
        }
        Json::List(items) => items.iter_mut().for_each(|item| visit_json(name, item, see)),
        Json::Map(fields) => fields.iter_mut().for_each(|(name, value)| visit_json(name, value, see)),
        Json::Null | Json::Bool(_) => {}
    }
}
