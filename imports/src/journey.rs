//! The journey as a whole: what is the same for all formats, and how it is written.

use std::time::Duration;

use crate::draft::{Body, Draft, Field, Save, Setting, Step};
use crate::names::Names;
use crate::text::{Text, literal};
use crate::yaml::Yaml;
use crate::{ImportError, Imported, hosts, secrets, tokens};

/// A journey that nobody would read any more.
pub(crate) const MOST_STEPS: usize = 1_000;
/// No longer file is loaded as a journey.
const LONGEST: usize = 1 << 20;
/// What a step may take, where the journey has more of them than its usual time is made for.
const TIME_OF_A_STEP: Duration = Duration::from_secs(2);
/// The time of a journey that does not say how long it takes.
const USUAL_TIME: Duration = Duration::from_secs(30);

/// Goes over the draft with what is the same for all formats, and writes it.
pub(crate) fn finish(mut draft: Draft) -> Result<Imported, ImportError> {
    let count = draft.steps.len() + draft.finally.len();
    if draft.steps.is_empty() {
        return Err(ImportError::new(
            "there is no request in it of which a step could be made",
            "what was looked for are requests over http:// and https://",
        ));
    }
    if count > MOST_STEPS {
        return Err(ImportError::new(
            format!("that would be a journey of {count} steps"),
            format!("at most {MOST_STEPS}: record or describe less at once"),
        ));
    }
    tokens::replace(&mut draft);
    secrets::move_out(&mut draft);
    hosts::replace(&mut draft);
    name_steps(&mut draft);
    remark_on_needs(&mut draft);
    let yaml = write(&draft);
    if yaml.len() > LONGEST {
        return Err(ImportError::new(
            format!("that would be a journey of {} bytes", yaml.len()),
            format!("at most {LONGEST}: record less at once, or put large bodies into files"),
        ));
    }
    Ok(Imported {
        yaml,
        steps: count,
        remarks: draft.remarks,
        secrets: draft.secrets.into_values().collect(),
    })
}

fn name_steps(draft: &mut Draft) {
    let mut names = Names::default();
    for step in draft.all_steps() {
        let wanted = match &step.name {
            Some(name) => name.clone(),
            None => format!("{} {}", step.method, step.target.shown_path()),
        };
        step.name = Some(names.step(&wanted));
    }
}

fn remark_on_needs(draft: &mut Draft) {
    if !draft.needs.is_empty() {
        let needs: Vec<_> = draft.needs.iter().map(|name| format!("`{name}`")).collect();
        let variables = if needs.len() == 1 { "the variable" } else { "the variables" };
        draft.remarks.push(format!(
            "Needs {variables} {}: in `vars` here, or in those of serin.yaml.",
            needs.join(", ")
        ));
    }
    if !draft.secrets.is_empty() {
        let variables: Vec<_> = draft.secrets.values().map(|variable| format!("${variable}")).collect();
        draft.remarks.push(format!("Takes its secrets from the environment: {}.", variables.join(", ")));
    }
}

fn write(draft: &Draft) -> String {
    let mut lines: Vec<String> = draft.remarks.iter().flat_map(|remark| comment(remark, 0)).collect();
    let mut entry = |key: &str, value: Yaml| lines.extend(Yaml::entry(key, &value, 0));
    entry("journey", Yaml::Text(shown_name(&draft.name)));
    let needed = time_needed(draft);
    if needed > USUAL_TIME {
        entry("timeout", Yaml::Word(shown_time(needed)));
    }
    if !draft.secrets.is_empty() {
        let from = |variable: &String| Yaml::Map(vec![("env".to_owned(), variable.as_str().into())]);
        let secrets = draft.secrets.iter().map(|(name, variable)| (name.clone(), from(variable)));
        lines.push("secrets:".to_owned());
        lines.extend(
            secrets.flat_map(|(name, from)| Yaml::entry(&name, &from, 2)).map(|line| format!("  {line}")),
        );
    }
    if !draft.vars.is_empty() {
        lines.push("vars:".to_owned());
        for (name, value) in &draft.vars {
            lines.extend(
                Yaml::entry(name, &value.template().into(), 2).into_iter().map(|line| format!("  {line}")),
            );
        }
    }
    for (key, steps) in [("steps", &draft.steps), ("finally", &draft.finally)] {
        if steps.is_empty() {
            continue;
        }
        if key == "finally" {
            lines.push(String::new());
        }
        lines.push(format!("{key}:"));
        for (index, step) in steps.iter().enumerate() {
            if index > 0 {
                lines.push(String::new());
            }
            lines.extend(step.remarks.iter().flat_map(|remark| comment(remark, 2)));
            lines.extend(step_lines(step));
        }
    }
    lines.join("\n") + "\n"
}

/// The time of the whole journey: enough for every step, and for what single ones say that they may take.
fn time_needed(draft: &Draft) -> Duration {
    let said = |step: &Step| {
        let times = step.settings.iter().filter_map(|(_, setting)| match setting {
            Setting::Time(time) => Some(*time),
            _ => None,
        });
        times.fold(TIME_OF_A_STEP, Duration::max)
    };
    draft.steps.iter().map(said).sum()
}

fn shown_time(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{}s", time.as_secs()) } else { format!("{}ms", time.as_millis()) }
}

/// The journey's name is no template, and stands on one line.
fn shown_name(name: &str) -> String {
    const LONGEST: usize = 80;
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    // At the end of a name brackets hold its variant.
    let plain = plain.trim().trim_end_matches(']').trim_end();
    if plain.is_empty() { "imported".to_owned() } else { plain.to_owned() }
}

fn step_lines(step: &Step) -> Vec<String> {
    let mut lines = Vec::new();
    let mut entry = |key: &str, value: Yaml| lines.extend(Yaml::entry(key, &value, 4));
    entry("name", step.name.clone().unwrap_or_default().into());
    entry("http", format!("{} {}", step.method, step.target.url().template()).into());
    let texts = |fields: &[(String, Text)]| {
        Yaml::Map(fields.iter().map(|(name, value)| (name.clone(), value.template().into())).collect())
    };
    if !step.headers.is_empty() {
        entry("headers", texts(&step.headers));
    }
    if !step.cookies.is_empty() {
        entry("cookies", texts(&step.cookies));
    }
    if let Some((username, password)) = &step.credentials {
        let fields = [("username", username), ("password", password)];
        entry(
            "credentials",
            Yaml::Map(fields.map(|(key, text)| (key.to_owned(), text.template().into())).to_vec()),
        );
    }
    match &step.body {
        Body::Empty => {}
        Body::Json(json) => entry("json", json.into()),
        Body::Form(fields) => entry("form", form(fields)),
        Body::Multipart(fields) => {
            let fields = fields.iter().map(|(name, field)| (name.clone(), multipart_field(field)));
            entry("multipart", Yaml::Map(fields.collect()));
        }
        Body::Text(text) => entry("text", text.template().into()),
        Body::File(path) => entry("file", literal(path).into()),
    }
    for (key, setting) in &step.settings {
        entry(
            key,
            match setting {
                Setting::Plain(text) => Yaml::Word(text.clone()),
                Setting::Text(text) => text.as_str().into(),
                Setting::Time(time) => Yaml::Word(shown_time(*time)),
                Setting::Number(number) => Yaml::Word(number.to_string()),
                Setting::Files(files) => Yaml::Map(
                    files.iter().map(|(key, path)| ((*key).to_owned(), literal(path).into())).collect(),
                ),
            },
        );
    }
    if !step.expect.is_empty() {
        entry("expect", Yaml::List(step.expect.iter().map(|line| line.as_str().into()).collect()));
    }
    if !step.save.is_empty() {
        entry("save", Yaml::Map(step.save.iter().map(saved).collect()));
    }
    let behind = |(index, line): (usize, String)| {
        if index == 0 { format!("  - {line}") } else { format!("    {line}") }
    };
    lines.into_iter().enumerate().map(behind).collect()
}

/// The fields of a form; of a name that is there several times a list.
fn form(fields: &[(String, Text)]) -> Yaml {
    let mut written: Vec<(String, Vec<Yaml>)> = Vec::new();
    for (name, value) in fields {
        let value = value.template().into();
        match written.iter_mut().find(|(there, _)| there == name) {
            Some((_, values)) => values.push(value),
            None => written.push((name.clone(), vec![value])),
        }
    }
    let one = |mut values: Vec<Yaml>| if values.len() == 1 { values.remove(0) } else { Yaml::List(values) };
    Yaml::Map(written.into_iter().map(|(name, values)| (name, one(values))).collect())
}

fn saved(save: &Save) -> (String, Yaml) {
    let secret = if save.secret { "secret " } else { "" };
    (save.name.clone(), format!("{secret}{}", save.query).into())
}

fn multipart_field(field: &Field) -> Yaml {
    match field {
        Field::Text(text) => text.template().into(),
        Field::File { path, mime } => {
            let mut fields = vec![("file".to_owned(), literal(path).into())];
            fields.extend(mime.as_deref().map(|mime| ("type".to_owned(), literal(mime).into())));
            Yaml::Map(fields)
        }
    }
}

/// A remark as a comment, in lines that are not too long; nothing in it can end the comment.
fn comment(remark: &str, indent: usize) -> Vec<String> {
    const WIDTH: usize = 110;
    const LONGEST: usize = 2_000;
    let plain: String = remark
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') { ' ' } else { c })
        .take(LONGEST)
        .collect();
    let margin = " ".repeat(indent);
    let mut lines = vec![format!("{margin}#")];
    for word in plain.split_whitespace() {
        if let Some(line) = lines.last_mut()
            && line.chars().count() + word.chars().count() < WIDTH
        {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(format!("{margin}# {word}"));
        }
    }
    lines
}
