//! Who asks: security schemes as secrets.

use super::example::Examples;
use super::schema::Spec;
use crate::doc::Tree;
use crate::draft::Step;
use crate::text::Text;

/// Gives the step what the first of the ways that it allows asks for.
pub(super) fn put<'t>(step: &mut Step, spec: &Spec<'t>, operation: &Tree, examples: &mut Examples<'_, 't>) {
    let required = match operation.get("security") {
        Some(own) => own.items(),
        None => spec.tree.list("security"),
    };
    // Where nothing at all is one of the ways, nothing is sent.
    let Some(first) = required.first().filter(|_| !required.iter().any(|way| way.fields().is_empty())) else {
        return;
    };
    let schemes = spec.tree.get("components").and_then(|components| components.get("securitySchemes"));
    for (name, _) in first.fields() {
        let Some(scheme) = schemes.and_then(|schemes| schemes.get(name)) else { continue };
        let scheme = spec.resolve(scheme);
        let kind = scheme.text("type").unwrap_or_default().to_ascii_lowercase();
        let way = scheme.text("scheme").unwrap_or_default().to_ascii_lowercase();
        match (kind.as_str(), way.as_str()) {
            ("apikey", _) => api_key(step, name, scheme, examples),
            ("http", "basic") => {
                step.credentials = Some((examples.secret("username"), examples.secret("password")));
            }
            ("http", "bearer") | ("oauth2" | "openidconnect", _) => {
                let mut value = Text::from("Bearer ");
                value.append(examples.secret("token"));
                step.add_header("authorization", value);
            }
            _ => step.remarks.push(format!("How `{name}` is to be met is not known here.")),
        }
    }
}

fn api_key(step: &mut Step, name: &str, scheme: &Tree, examples: &mut Examples<'_, '_>) {
    let key = scheme.text("name").unwrap_or(name).to_owned();
    let secret = examples.secret(name);
    match scheme.text("in") {
        Some("query") => {
            step.target.query.push((key, crate::secrets::in_url(&secret)));
        }
        Some("cookie") => step.cookies.push((key, secret)),
        _ => step.add_header(&key, secret),
    }
}
