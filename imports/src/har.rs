//! Recordings of browsers and proxies: HAR 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>), as Chromium, Firefox
//! and k6's recorder write it. Times are not taken over: they are those of one user on one day.

use std::collections::{BTreeMap, BTreeSet};

use crate::bodies::{self, essence};
use crate::browser;
use crate::doc::Tree;
use crate::draft::{Answer, Draft, Field, Step};
use crate::noise::{self, Noise, Seen};
use crate::target::Target;
use crate::{ImportError, bodies as body};

/// Makes a draft of a recording.
pub(crate) fn read(text: &str, name: &str) -> Result<Draft, ImportError> {
    let tree = parse(text)?;
    let help =
        "a HAR is what a browser's network tab saves (\"Save all as HAR\"): {\"log\": {\"entries\": [..]}}";
    let log = tree.get("log").ok_or_else(|| ImportError::new("this is no HAR: `log` is missing", help))?;
    let Some(Tree::List(entries)) = log.get("entries") else {
        return Err(ImportError::new("this is no HAR: `log.entries` is missing, or is no list", help));
    };
    let title =
        log.list("pages").first().and_then(|page| page.text("title")).filter(|title| !title.contains("://"));
    let mut draft = Draft::new(title.unwrap_or(name));
    let mut left_out = BTreeMap::new();
    let mut set = BTreeSet::new();
    let mut entries: Vec<_> = entries.iter().collect();
    // Firefox orders them by page. The times have one form throughout a file, and are in order as texts.
    entries.sort_by_key(|entry| entry.text("startedDateTime").unwrap_or_default());
    for entry in entries {
        let Some(request) = entry.get("request") else { continue };
        let answer = entry.get("response").map(answer).unwrap_or_default();
        let status = entry.get("response").and_then(|response| response.number("status")).unwrap_or_default();
        let kind = entry.text("_resourceType").unwrap_or_default().to_ascii_lowercase();
        let method = request.text("method").unwrap_or_default();
        let url = request.text("url").unwrap_or_default();
        let seen = Seen {
            method,
            url,
            kind: &kind,
            mime: &answer.mime,
            status,
            asks_permission: header(request, "access-control-request-method").is_some(),
        };
        if let Some(noise) = Noise::of(&seen) {
            *left_out.entry(noise).or_insert(0) += 1;
            continue;
        }
        match step(request, status, answer, &mut set) {
            Ok(step) => draft.steps.push(step),
            Err(why) => draft.remarks.push(format!("Left out: {method} {url}: {why}.")),
        }
    }
    draft.remarks.extend(noise::remark(&left_out));
    Ok(draft)
}

fn parse(text: &str) -> Result<Tree, ImportError> {
    serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        ImportError::at(
            error.line(),
            error.column(),
            format!("this is not JSON: {said}"),
            "was the file saved whole? A HAR is one JSON document",
        )
    })
}

/// A step. `set` are the cookies that answers have set so far, which the session keeps.
fn step(request: &Tree, status: i64, answer: Answer, set: &mut BTreeSet<String>) -> Result<Step, String> {
    let (target, user) = Target::of(request.text("url").unwrap_or_default())?;
    let method = request.text("method").unwrap_or_default().to_ascii_uppercase();
    method.parse::<http::Method>().map_err(|_| format!("`{method}` is no method"))?;
    let mut step = Step { method, target, ..Step::default() };
    if let Some((username, password)) = user {
        step.credentials = Some((username.into(), password.into()));
    }
    let reads = matches!(step.method.as_str(), "GET" | "HEAD");
    for (name, value) in pairs(request.list("headers")) {
        let name = name.to_ascii_lowercase();
        // Where something is written, servers look at who asks.
        let of_origin = name == "origin" && reads;
        let sendable =
            http::HeaderName::try_from(&name).is_ok() && http::HeaderValue::try_from(&value).is_ok();
        if !browser::sends(&name, &value) && !of_origin && sendable {
            step.add_header(&name, value.into());
        }
    }
    for (name, value) in cookies(request) {
        if http::HeaderName::try_from(&name).is_ok()
            && !browser::watches(&name)
            && !set.contains(&name)
            && !step.cookies.iter().any(|(there, _)| *there == name)
        {
            step.cookies.push((name, value.into()));
        }
    }
    set.extend(answer.cookies.iter().map(|(name, _)| name.clone()));
    if let Some(post) = request.get("postData") {
        put_body(&mut step, post);
    }
    step.expect = expectations(status, &answer);
    step.answer = Some(answer);
    Ok(step)
}

fn put_body(step: &mut Step, post: &Tree) {
    let mime = post.text("mimeType");
    if essence(mime.unwrap_or_default()) == "multipart/form-data" && !post.list("params").is_empty() {
        let field = |param: &Tree| {
            let name = param.text("name")?.to_owned();
            let field = match param.text("fileName") {
                Some(path) => Field::File {
                    path: body::file_name(path),
                    mime: param.text("contentType").map(str::to_owned),
                },
                None => Field::Text(param.text("value").unwrap_or_default().into()),
            };
            Some((name, field))
        };
        let fields = post.list("params").iter().filter_map(field).collect();
        let body = body::multipart_fields(step, fields);
        return body::put_body(step, mime, body);
    }
    match post.text("text").filter(|text| !text.is_empty()) {
        Some(text) => body::put(step, mime, text),
        None => {
            let fields = pairs(post.list("params")).map(|(name, value)| {
                let plain = crate::target::decoded_query;
                (plain(&name), plain(&value).into())
            });
            if let Some(form) = bodies::form(fields) {
                body::put_body(step, mime, form);
            }
        }
    }
}

fn expectations(status: i64, answer: &Answer) -> Vec<String> {
    // What was not modified then is there in full for somebody without a cache.
    let status = if status == 304 { 200 } else { status };
    let mut expect = vec![format!("status == {status}")];
    if (300..400).contains(&status) && answer.headers.iter().any(|(name, _)| name == "location") {
        expect.push("header location exists".to_owned());
    } else if answer.mime.ends_with("json") {
        expect.push("header content-type contains json".to_owned());
    } else if answer.mime == "text/html" {
        expect.push("header content-type contains html".to_owned());
    }
    expect
}

fn answer(response: &Tree) -> Answer {
    let content = response.get("content");
    let text = content.and_then(|content| content.text("text")).unwrap_or_default();
    let encoded = content.and_then(|content| content.text("encoding")) == Some("base64");
    let headers: Vec<_> =
        pairs(response.list("headers")).map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let set = headers.iter().filter(|(name, _)| name == "set-cookie");
    // Chromium puts several into one header, a line each.
    let set = set.flat_map(|(_, value)| value.lines()).filter_map(|line| {
        let (name, value) = line.split(';').next()?.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    });
    let mut cookies: Vec<_> = set.collect();
    cookies.extend(pairs(response.list("cookies")));
    Answer {
        body: if encoded { unpacked(text) } else { text.to_owned() },
        mime: essence(content.and_then(|content| content.text("mimeType")).unwrap_or_default()),
        cookies,
        headers,
    }
}

/// A text that was put into base64, if it is one.
fn unpacked(text: &str) -> String {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// The cookies that were sent; some recorders name them only in the header.
fn cookies(request: &Tree) -> Vec<(String, String)> {
    let listed: Vec<_> = pairs(request.list("cookies")).collect();
    if !listed.is_empty() {
        return listed;
    }
    let sent = header(request, "cookie").unwrap_or_default();
    let pair = |pair: &str| {
        pair.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
    };
    sent.split(';').filter_map(pair).collect()
}

fn header(message: &Tree, wanted: &str) -> Option<String> {
    pairs(message.list("headers")).find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}

/// Names and values, as HAR lists them.
fn pairs(list: &[Tree]) -> impl Iterator<Item = (String, String)> {
    list.iter().filter_map(|pair| {
        let value = pair.get("value").and_then(Tree::scalar).unwrap_or_default();
        Some((pair.text("name")?.to_owned(), value))
    })
}
