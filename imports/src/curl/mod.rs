//! Command lines of curl, as "Copy as cURL" makes them and people write them; several in one file are several steps.

mod command;
mod flags;
mod options;
mod shell;

use command::{Command, Data};
use flags::Read;

use crate::ImportError;
use crate::draft::{Body, Draft, Setting, Step};
use crate::target::Target;
use crate::text::Text;
use crate::{bodies, browser};

/// Headers that say nothing about the request: curl's and the browser's own.
const OWN: [&str; 9] = [
    "host",
    "connection",
    "content-length",
    "accept-encoding",
    "user-agent",
    "upgrade-insecure-requests",
    "priority",
    "te",
    "expect",
];

/// So many commands that are no curl are named.
const OTHERS: usize = 5;

/// What curl says of a body of which nothing is said.
const FORM: &str = "application/x-www-form-urlencoded";

/// Makes a draft of a script of curl commands.
pub(crate) fn read(text: &str, name: &str) -> Result<Draft, ImportError> {
    if text.contains("curl.exe ^") || text.contains("-H ^\"") {
        return Err(ImportError::new(
            "this was copied for cmd.exe, with `^` in front of its quotes",
            "in the browser choose \"Copy as cURL (bash)\"",
        ));
    }
    let mut draft = Draft::new(name);
    let mut others = Vec::new();
    for words in shell::commands(text)? {
        let line = words.line;
        let command = match flags::read(words.words) {
            Read::Curl(command) => command,
            Read::Other(_) if words.piped => continue,
            Read::Other(program) => {
                others.push(format!("`{program}` in line {line}"));
                continue;
            }
            Read::Nothing => continue,
        };
        for command in command {
            let urls = command.urls.clone();
            if urls.is_empty() {
                return Err(ImportError::at(
                    line,
                    1,
                    "this curl has no URL",
                    "as in `curl https://api.acme.example/users`",
                ));
            }
            for url in urls {
                let step = step(&command, &url).map_err(|why| {
                    ImportError::at(
                        line,
                        1,
                        format!("`{url}` is no URL: {why}"),
                        "a URL begins with https:// or http://",
                    )
                })?;
                draft.steps.push(step);
            }
        }
    }
    if draft.steps.is_empty() {
        return Err(ImportError::new("there is no curl command in this", "each begins with the word `curl`"));
    }
    if !others.is_empty() {
        let more = others.len().saturating_sub(OTHERS);
        others.truncate(OTHERS);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        draft.remarks.push(format!("Left out, as it is no curl command: {}{more}.", others.join(", ")));
    }
    Ok(draft)
}

fn step(command: &Command, url: &str) -> Result<Step, String> {
    // As curl itself does, when the scheme is left out.
    let whole = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let (mut target, user) = Target::of(&whole)?;
    let mut step = Step { remarks: command.remarks.clone(), ..Step::default() };
    let mut mime = None;
    // Written by hand, every header is meant.
    let copied = command.headers.iter().any(|(name, _)| browser::is_marked(&name.to_ascii_lowercase()));
    for (name, value) in &command.headers {
        let name = name.to_ascii_lowercase();
        if name == "content-type" {
            mime = Some(value.clone());
        } else if name == "cookie" {
            command_cookies(&mut step, value);
        } else if !(OWN.contains(&name.as_str()) || copied && browser::sends(&name, value)) {
            let sendable =
                http::HeaderName::try_from(&name).is_ok() && http::HeaderValue::try_from(value).is_ok();
            if sendable {
                step.add_header(&name, value.as_str().into());
            } else {
                step.remarks.push(format!("The header `{name}` cannot be sent and was left out."));
            }
        }
    }
    if let Some(agent) = &command.agent {
        step.add_header("user-agent", agent.as_str().into());
    }
    command.cookies.iter().for_each(|cookies| command_cookies(&mut step, cookies));
    if let Some((username, password)) = command.user.clone().or(user) {
        step.credentials = Some((username.into(), password.into()));
    }
    let sends = !command.data.is_empty() && !command.get;
    if command.get {
        let pairs = command.data.iter().flat_map(|data| match data {
            Data::Text(text) | Data::Json(text) => text.split('&').collect::<Vec<_>>(),
            Data::File(_) => Vec::new(),
        });
        for pair in pairs.filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            target.query.push((name.to_owned(), Text::from(value)));
        }
    }
    let default = if command.head {
        "HEAD"
    } else if sends || !command.parts.is_empty() {
        "POST"
    } else {
        "GET"
    };
    let method = command.method.clone().unwrap_or_else(|| default.to_owned());
    method.parse::<http::Method>().map_err(|_| format!("`{method}` is no method"))?;
    step.method = method.to_ascii_uppercase();
    step.target = target;
    if sends {
        put_data(&mut step, command, mime);
    } else if !command.parts.is_empty() {
        let body = bodies::multipart_fields(&mut step, command.parts.clone());
        bodies::put_body(&mut step, None, body);
    }
    for path in [&command.cert, &command.key, &command.ca].into_iter().flatten() {
        step.remarks.push(format!("Needs the file `{path}` beside this one."));
    }
    step.settings = settings(command);
    Ok(step)
}

fn put_data(step: &mut Step, command: &Command, mime: Option<String>) {
    let json = command.data.iter().any(|data| matches!(data, Data::Json(_)));
    if json && step.header("accept").is_none() {
        step.add_header("accept", "application/json".into());
    }
    let usual = if json { "application/json" } else { FORM };
    let mime = mime.unwrap_or_else(|| usual.to_owned());
    if let [Data::File(path)] = command.data.as_slice() {
        step.remarks.push(format!("Needs the file `{path}` beside this one."));
        return bodies::put_body(step, Some(&mime), Body::File(path.clone()));
    }
    let mut texts = Vec::new();
    for data in &command.data {
        match data {
            Data::Text(text) | Data::Json(text) => texts.push(text.as_str()),
            Data::File(path) => step.remarks.push(format!(
                "The content of `{path}` is missing in the body: only a body that is all of a file can be sent from one."
            )),
        }
    }
    let joined = texts.join(if json { "" } else { "&" });
    if bodies::essence(&mime) == FORM && bodies::json(&joined).is_some() {
        let why =
            "curl sends this JSON as a form, as no content type was given: the server may want `json:`.";
        step.remarks.push(why.to_owned());
        return bodies::put_body(step, Some(&mime), Body::Text(joined.into()));
    }
    bodies::put(step, Some(&mime), &joined);
}

fn command_cookies(step: &mut Step, cookies: &str) {
    for (name, value) in cookies.split(';').filter_map(|pair| pair.split_once('=')) {
        let name = name.trim();
        let sendable = http::HeaderName::try_from(name).is_ok();
        if sendable && !browser::watches(name) && !step.cookies.iter().any(|(there, _)| there == name) {
            step.cookies.push((name.to_owned(), value.trim().into()));
        }
    }
}

fn settings(command: &Command) -> Vec<(&'static str, Setting)> {
    let mut settings = Vec::new();
    if let Some(most) = command.redirects {
        settings.push(("redirects", Setting::Number(most)));
    }
    if let Some(version) = command.version {
        settings.push(("version", Setting::Plain(version.to_owned())));
    }
    if let Some(attempts) = command.attempts {
        settings.push(("retry", Setting::Number(attempts)));
    }
    if let Some(time) = command.timeout {
        settings.push(("timeout", Setting::Time(time)));
    }
    if let Some(cert) = &command.cert {
        let key = command.key.clone().unwrap_or_else(|| cert.clone());
        settings.push(("certificate", Setting::Files(vec![("cert", cert.clone()), ("key", key)])));
    }
    if let Some(ca) = &command.ca {
        settings.push(("ca", Setting::Text(ca.clone())));
    }
    settings
}
