//! A request of a collection.

use super::variables::Variables;
use crate::bodies::{self, essence};
use crate::doc::{Json, Tree};
use crate::draft::{Body, Field, Step};
use crate::target::Target;
use crate::text::Text;

/// The step that a request becomes.
pub(super) fn step(
    request: &Tree,
    inherited: Option<&Tree>,
    variables: &mut Variables,
) -> Result<Step, String> {
    // A request that is nothing but a URL is written as a text.
    let url = request.as_str().or_else(|| url(request)).unwrap_or_default();
    let method = request.text("method").unwrap_or("GET").to_ascii_uppercase();
    method.parse::<http::Method>().map_err(|_| format!("`{method}` is no method"))?;
    let mut step = Step { method, target: target(url, request, variables)?, ..Step::default() };
    let mut mime = None;
    for header in request.list("header").iter().filter(|header| !header.flag("disabled")) {
        let (Some(name), value) = (header.text("key"), header.text("value").unwrap_or_default()) else {
            continue;
        };
        let sendable = http::HeaderName::try_from(name).is_ok() && http::HeaderValue::try_from(value).is_ok();
        if name.eq_ignore_ascii_case("content-type") {
            mime = Some(value.to_owned());
        } else if sendable
            && !matches!(name.to_ascii_lowercase().as_str(), "host" | "content-length" | "accept-encoding")
        {
            let value = variables.text(value);
            step.add_header(name, value);
        }
    }
    if let Some(auth) = request.get("auth").filter(|auth| !matches!(auth, Tree::Null)).or(inherited) {
        sign_in(&mut step, auth, variables);
    }
    if let Some(body) = request.get("body").filter(|body| !body.flag("disabled")) {
        put_body(&mut step, mime, body, variables);
    }
    Ok(step)
}

/// A URL is a text, or an object with the text in it.
fn url(request: &Tree) -> Option<&str> {
    let url = request.get("url")?;
    url.as_str().or_else(|| url.text("raw"))
}

fn target(raw: &str, request: &Tree, variables: &mut Variables) -> Result<Target, String> {
    let raw = raw.trim();
    let whole =
        if raw.starts_with("{{") || raw.contains("://") { raw.to_owned() } else { format!("http://{raw}") };
    let behind_scheme = whole.find("://").map_or(0, |at| at + 3);
    let end = whole[behind_scheme..].find(['/', '?', '#']).map_or(whole.len(), |at| behind_scheme + at);
    let (origin, behind) = whole.split_at(end);
    if !origin.contains("{{") {
        Target::of(origin).map_err(|error| format!("`{raw}` is no URL: {error}"))?;
    }
    let list = request.get("url").map(|url| url.list("variable")).unwrap_or_default();
    let variables = std::cell::RefCell::new(variables);
    let text = |piece: &str| {
        // `:id` is a variable of this request alone.
        let own =
            piece.strip_prefix(':').and_then(|name| list.iter().find(|one| one.text("key") == Some(name)));
        let value = own.and_then(|one| one.get("value")).and_then(Tree::scalar);
        variables.borrow_mut().text(value.as_deref().unwrap_or(piece))
    };
    Ok(Target::split(origin, behind, text))
}

/// Who asks: the ways of Postman for which there is a counterpart.
fn sign_in(step: &mut Step, auth: &Tree, variables: &mut Variables) {
    let kind = auth.text("type").unwrap_or("noauth");
    let value = |name: &str| {
        let given = match auth.get(kind) {
            Some(Tree::List(list)) => {
                list.iter().find(|one| one.text("key") == Some(name)).and_then(|one| one.get("value"))
            }
            Some(fields) => fields.get(name),
            None => None,
        };
        given.and_then(Tree::scalar).unwrap_or_default()
    };
    match kind {
        "noauth" => {}
        "basic" => {
            let username = variables.text(&value("username"));
            step.credentials = Some((username, variables.secret("password", &value("password"))));
        }
        "bearer" | "oauth2" => {
            let token = value(if kind == "bearer" { "token" } else { "accessToken" });
            let token = if token.is_empty() { "{{token}}" } else { &token };
            let mut bearer = Text::from("Bearer ");
            bearer.append(variables.secret("token", token));
            step.add_header("authorization", bearer);
        }
        "apikey" => {
            let (key, secret) = (value("key"), variables.secret("api_key", &value("value")));
            if value("in") == "query" {
                step.target.query.push((key, crate::secrets::in_url(&secret)));
            } else if http::HeaderName::try_from(&key).is_ok() {
                step.add_header(&key, secret);
            } else {
                let why = "The API key has no name that a header could have, and was left out.";
                step.remarks.push(why.to_owned());
            }
        }
        other => step.remarks.push(format!("Signing in by `{other}` has no counterpart and was left out.")),
    }
}

fn put_body(step: &mut Step, mime: Option<String>, body: &Tree, variables: &mut Variables) {
    let enabled =
        |name: &str| -> Vec<&Tree> { body.list(name).iter().filter(|one| !one.flag("disabled")).collect() };
    match body.text("mode").unwrap_or_default() {
        "raw" => {
            let text = body.text("raw").unwrap_or_default();
            let language = body
                .get("options")
                .and_then(|options| options.get("raw"))
                .and_then(|raw| raw.text("language"));
            let mime = mime.or_else(|| (language == Some("json")).then(|| "application/json".to_owned()));
            put_raw(step, mime.as_deref(), text, variables);
        }
        "urlencoded" => {
            let pairs: Vec<_> = enabled("urlencoded")
                .into_iter()
                .filter_map(|one| {
                    Some((one.text("key")?.to_owned(), variables.text(one.text("value").unwrap_or_default())))
                })
                .collect();
            match bodies::form(pairs.into_iter()) {
                Some(form) => bodies::put_body(step, mime.as_deref(), form),
                None => step
                    .remarks
                    .push("Its form is empty, or names a field twice, and was left out.".to_owned()),
            }
        }
        "formdata" => {
            let field = |one: &Tree| {
                let name = one.text("key")?.to_owned();
                let field = if one.text("type") == Some("file") {
                    let src = one.get("src");
                    let path = src.and_then(|src| src.as_str().or_else(|| src.items().first()?.as_str()));
                    Field::File { path: path?.to_owned(), mime: one.text("contentType").map(str::to_owned) }
                } else {
                    Field::Text(variables.text(one.text("value").unwrap_or_default()))
                };
                Some((name, field))
            };
            let fields: Vec<_> = enabled("formdata").into_iter().filter_map(field).collect();
            if !fields.is_empty() {
                let body = bodies::multipart_fields(step, fields);
                bodies::put_body(step, None, body);
            }
        }
        "file" => match body.get("file").and_then(|file| file.text("src")) {
            Some(path) => {
                step.remarks.push(format!("Needs the file `{path}` beside this one."));
                bodies::put_body(step, mime.as_deref(), Body::File(path.to_owned()));
            }
            None => step.remarks.push("No file was chosen for its body.".to_owned()),
        },
        "graphql" => put_graphql(step, body, variables),
        "" => {}
        other => {
            step.remarks.push(format!("A body of the kind `{other}` is not known here and was left out."));
        }
    }
}

fn put_raw(step: &mut Step, mime: Option<&str>, text: &str, variables: &mut Variables) {
    let json = mime
        .map_or_else(|| text.trim_start().starts_with(['{', '[']), |mime| essence(mime).ends_with("json"));
    let quoted = quoted(text);
    // What is made up is always a text in a JSON body: one that is to be a number is written into a text.
    let made_up = |text: &str| text.matches("\"{{$").count();
    if json
        && made_up(&quoted) == made_up(text)
        && let Some(Body::Json(json)) = bodies::json(&quoted)
    {
        let filled = json.map(&mut |text| variables.text(text.literal().unwrap_or_default()));
        return bodies::put_body(step, mime, Body::Json(filled));
    }
    bodies::put(step, Some(mime.unwrap_or("text/plain")), text);
    // Whatever it became, its texts are templates still.
    step.visit(&mut |spot, text| {
        let of_body = matches!(spot, crate::draft::Spot::Body | crate::draft::Spot::Field(_));
        if of_body {
            text.map(|literal| literal.contains("{{").then(|| variables.text(literal)));
        }
    });
}

/// The JSON with quotes around variables that stand without: `{"id": {{user}}}`.
fn quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let (mut inside, mut escaped) = (false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if !inside
            && rest.starts_with("{{")
            && let Some(end) = rest.find("}}")
            && rest[2..end].chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '$' | '.'))
        {
            written.push_str(&format!("\"{}\"", &rest[..end + 2]));
            rest = &rest[end + 2..];
            continue;
        }
        inside ^= c == '"' && !escaped;
        escaped = inside && c == '\\' && !escaped;
        written.push(c);
        rest = &rest[c.len_utf8()..];
    }
    written
}

fn put_graphql(step: &mut Step, body: &Tree, variables: &mut Variables) {
    let Some(graphql) = body.get("graphql") else { return };
    let mut fields =
        vec![("query".to_owned(), Json::Text(variables.text(graphql.text("query").unwrap_or_default())))];
    if let Some(given) = graphql.text("variables").filter(|given| !given.trim().is_empty()) {
        match bodies::json(&quoted(given)) {
            Some(Body::Json(json)) => {
                let filled = json.map(&mut |text| variables.text(text.literal().unwrap_or_default()));
                fields.push(("variables".to_owned(), filled));
            }
            _ => step.remarks.push("The variables of its query are no JSON and were left out.".to_owned()),
        }
    }
    bodies::put_body(step, None, Body::Json(Json::Map(fields)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_without_quotes_get_some() {
        assert_eq!(
            quoted(r#"{"a": {{x}}, "b": "{{y}} \" {{z}}"}"#),
            r#"{"a": "{{x}}", "b": "{{y}} \" {{z}}"}"#
        );
        assert_eq!(quoted(r#"{"a":{"b":{"c":1}}}"#), r#"{"a":{"b":{"c":1}}}"#);
    }
}
