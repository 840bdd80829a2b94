//! What nobody may read is moved out of the file: into `secrets:`, from the environment.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::draft::{Draft, Spot, Step};
use crate::hosts;
use crate::names::{Names, identifier};
use crate::text::{Part, Text};
use url::form_urlencoded::byte_serialize;

/// Below that a value may stand elsewhere by chance, and is replaced only where it was known for a secret.
const DISTINCT: usize = 6;
/// A journey takes no shorter one for a secret; as a cookie it is a choice, such as `lang=de`.
const LEAST: usize = 4;

/// Moves them out, throughout the draft: also from where the same value stands under a harmless name.
pub(crate) fn move_out(draft: &mut Draft) {
    let mut vault = Vault::new(draft);
    for step in draft.all_steps() {
        basic(step, &mut vault);
        step.visit(&mut |spot, text| {
            if let Some(wanted) = wanted(spot) {
                vault.lock(spot, wanted, text);
            }
        });
    }
    for step in draft.all_steps() {
        step.visit(&mut |spot, text| vault.sweep(spot, text));
        for (_, value) in &mut step.target.query {
            vault.sweep(Spot::Query(""), value);
        }
        let hide = |line: &mut String| {
            for value in vault.values.keys().filter(|value| value.len() >= DISTINCT) {
                *line = line.replace(value.as_str(), "...");
            }
        };
        step.remarks.iter_mut().for_each(hide);
        step.name.iter_mut().for_each(hide);
        let tells = |line: &String| {
            vault.values.keys().any(|value| value.len() >= DISTINCT && line.contains(value.as_str()))
        };
        step.expect.retain(|line| !tells(line));
    }
    for (_, value) in &mut draft.vars {
        vault.sweep(Spot::Body, value);
    }
    for value in vault.values.keys().filter(|value| value.len() >= DISTINCT) {
        draft.name = draft.name.replace(value.as_str(), "...");
        draft.remarks.iter_mut().for_each(|remark| *remark = remark.replace(value.as_str(), "..."));
    }
    draft.secrets.append(&mut vault.variables);
    for (name, variable) in draft.secrets.iter_mut().filter(|(_, variable)| variable.is_empty()) {
        *variable = format!("{}_{}", vault.prefix, name.to_ascii_uppercase());
    }
}

/// The secrets that were found.
struct Vault {
    /// In front of each variable of the environment.
    prefix: String,
    names: Names,
    /// The name of each, by its value.
    values: BTreeMap<String, String>,
    /// The variable of the environment of each, by its name.
    variables: BTreeMap<String, String>,
}

impl Vault {
    fn new(draft: &Draft) -> Self {
        let origins = draft.steps.iter().filter_map(|step| step.target.origin.literal());
        let origins = origins.chain(draft.vars.iter().filter_map(|(_, value)| value.literal()));
        let prefix = origins.filter(|origin| origin.contains("://")).map(hosts::owner).next();
        let mut names = Names::default();
        draft.secrets.keys().for_each(|name| drop(names.variable(name)));
        Self {
            prefix: prefix.unwrap_or_else(|| "APP".to_owned()),
            names,
            values: draft.hidden.clone(),
            variables: BTreeMap::new(),
        }
    }

    /// The name of a secret, a new one if it was not known.
    fn name(&mut self, wanted: &str, value: &str) -> String {
        if let Some(name) = self.values.get(value) {
            return name.clone();
        }
        let name = self.names.variable(wanted);
        self.variables.insert(name.clone(), format!("{}_{}", self.prefix, name.to_ascii_uppercase()));
        self.values.insert(value.to_owned(), name.clone());
        name
    }

    /// Puts the secret in the place of what stands for itself.
    fn lock(&mut self, spot: Spot<'_>, wanted: &str, text: &mut Text) {
        let whole = text.literal().is_some();
        let short = text.literal().is_some_and(|value| value.chars().count() < LEAST);
        if matches!(spot, Spot::Cookie(name) if !is_secret(name)) && short {
            return;
        }
        text.map(|literal| {
            let (scheme, value) = match literal.split_once(' ') {
                Some((scheme, value)) if matches!(spot, Spot::Header(_)) && is_scheme(scheme) => {
                    (scheme, value.trim())
                }
                _ => ("", literal),
            };
            // Beside something that is filled in, such as `Bearer {{ token }}`, only words are left.
            if value.trim().is_empty() || (!whole && value.len() < DISTINCT * 2) {
                return None;
            }
            let value = decoded(spot, value);
            let wanted = if scheme.is_empty() { wanted } else { "token" };
            let name = self.name(wanted, &value);
            let mut locked = Text::from(if scheme.is_empty() { String::new() } else { format!("{scheme} ") });
            locked.push(filled(spot, &name));
            Some(locked)
        });
    }

    /// How each may be written within a text, and what then stands for it. The longest first: one secret may be a part
    /// of another.
    fn written(&self, spot: Spot<'_>) -> Vec<(String, Part)> {
        let mut written = Vec::new();
        for (value, name) in self.values.iter().filter(|(value, _)| value.len() >= DISTINCT) {
            let encoded: String = byte_serialize(value.as_bytes()).collect();
            if encoded != *value {
                written.push((encoded, Part::Filled(format!("secret.{name}|urlencode"))));
            }
            written.push((value.clone(), filled(spot, name)));
        }
        written.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        written
    }

    /// Puts secrets in the place of what is the same as one of them.
    fn sweep(&self, spot: Spot<'_>, text: &mut Text) {
        text.map(|literal| {
            if let Some(name) = self.values.get(&decoded(spot, literal)).filter(|_| literal.len() >= DISTINCT)
            {
                return Some([filled(spot, name)].into_iter().collect());
            }
            let mut swept = Text::from(literal);
            for (written, part) in self.written(spot) {
                swept.map(|literal| {
                    let mut pieces = literal.split(written.as_str());
                    let mut text = Text::from(pieces.next().unwrap_or_default());
                    for piece in pieces {
                        text.push(part.clone());
                        text.append(piece.into());
                    }
                    Some(text)
                });
            }
            (swept.literal() != Some(literal)).then_some(swept)
        });
    }
}

/// The same text, as it stands in a URL.
pub(crate) fn in_url(text: &Text) -> Text {
    let encoded = text.parts().iter().map(|part| match part {
        Part::Filled(name) => Part::Filled(format!("{name}|urlencode")),
        Part::Literal(text) => Part::Literal(byte_serialize(text.as_bytes()).collect()),
    });
    encoded.collect()
}

fn filled(spot: Spot<'_>, name: &str) -> Part {
    let encoded = matches!(spot, Spot::Query(_) | Spot::Segment);
    Part::Filled(if encoded { format!("secret.{name}|urlencode") } else { format!("secret.{name}") })
}

fn decoded(spot: Spot<'_>, text: &str) -> String {
    match spot {
        Spot::Query(_) => crate::target::decoded_query(text),
        Spot::Segment => crate::target::decoded(text),
        _ => text.to_owned(),
    }
}

fn is_scheme(word: &str) -> bool {
    ["bearer", "token", "basic", "digest", "apikey", "jwt"]
        .iter()
        .any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// What a secret that stands there is called, if one does.
fn wanted(spot: Spot<'_>) -> Option<&str> {
    match spot {
        Spot::Header(name) => {
            let known = matches!(
                name,
                "authorization"
                    | "proxy-authorization"
                    | "api-key"
                    | "apikey"
                    | "x-api-key"
                    | "x-auth"
                    | "cookie"
            );
            (known || is_secret(name)).then_some(name)
        }
        // Whatever is sent as a cookie and was set by nobody is somebody's, if it is long enough to be anything.
        Spot::Cookie(name) => Some(name),
        Spot::Query(name) => (is_secret(name)
            || matches!(identifier(name).as_str(), "key" | "sig" | "signature"))
        .then_some(name),
        Spot::Field(name) => is_secret(name).then_some(name),
        Spot::Segment | Spot::Body => None,
    }
}

/// Whether a name is that of something nobody may read.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = identifier(name);
    let squeezed = name.replace('_', "");
    [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "apikey",
        "accesskey",
        "privatekey",
        "credential",
        "authtoken",
    ]
    .iter()
    .any(|word| squeezed.contains(word))
        || name.rsplit('_').next().is_some_and(|last| {
            matches!(
                last,
                "token"
                    | "pwd"
                    | "pass"
                    | "jwt"
                    | "otp"
                    | "totp"
                    | "pin"
                    | "cvv"
                    | "cvc"
                    | "auth"
                    | "session"
                    | "csrf"
                    | "xsrf"
            )
        })
}

/// `Authorization: Basic` becomes `credentials`, of which the password is a secret, or the name where it stands alone.
fn basic(step: &mut Step, vault: &mut Vault) {
    let given = step.header("authorization").and_then(Text::literal).and_then(|value| {
        let (scheme, code) = value.split_once(' ')?;
        let bytes = STANDARD.decode(code.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let text = String::from_utf8(bytes).ok()?;
        text.split_once(':').map(|(username, password)| (username.to_owned(), password.to_owned()))
    });
    if let Some((username, password)) = given {
        // The code says the same as the two: nothing of it may stay behind either.
        step.headers.retain(|(name, _)| name != "authorization");
        step.credentials = Some((username.into(), password.into()));
    }
    match &mut step.credentials {
        // Without a password the name is the secret: so are keys of APIs sent, `-u KEY:`.
        Some((username, password)) if password.literal() == Some("") => {
            vault.lock(Spot::Field("api_key"), "api_key", username);
        }
        Some((_, password)) => vault.lock(Spot::Field("password"), "password", password),
        None => {}
    }
}
