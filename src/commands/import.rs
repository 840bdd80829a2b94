//! `serin import`

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write, stdin};
use std::path::Path;

use imports::{Format, MOST_BYTES};

use crate::cli::{Import, ImportFormat};
use crate::failure::{Exit, Failure};
use crate::say;

/// Makes a journey of the file, and prints it or writes it.
pub(crate) fn run(wanted: &Import) -> Result<Exit, Failure> {
    let place = wanted.file.display();
    let text = read(&wanted.file).map_err(|why| Failure::usage(format!("{place} cannot be read: {why}")))?;
    let format = match wanted.format {
        ImportFormat::Har => Format::Har,
        ImportFormat::Curl => Format::Curl,
        ImportFormat::Openapi => Format::OpenApi,
        ImportFormat::Postman => Format::Postman,
    };
    let name = wanted.file.file_stem().and_then(|stem| stem.to_str()).filter(|stem| *stem != "-");
    let imported = format.import(&text, name.unwrap_or("imported")).map_err(|error| {
        let within = error.place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        Failure::usage(format!("{place}{within}: {error}"))
    })?;
    let Some(out) = &wanted.out else {
        say::line(imported.yaml.trim_end());
        return Ok(Exit::Go);
    };
    write(out, &imported.yaml)?;
    say::line(format_args!("the journey is in {}: {} steps", out.display(), imported.steps));
    for remark in &imported.remarks {
        say::line(format_args!("  {remark}"));
    }
    Ok(Exit::Go)
}

/// The file, or what comes from standard input; never more than is imported.
fn read(path: &Path) -> Result<String, String> {
    if path != Path::new("-") {
        return document::file::text(path, MOST_BYTES);
    }
    let mut text = String::new();
    let read = stdin().lock().take(MOST_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| error.to_string())?;
    Ok(text)
}

/// Writes a new file: a journey that is there already may have been worked on.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        let place = path.display();
        Failure::usage(match error.kind() {
            ErrorKind::AlreadyExists => format!("{place} is there already: remove it, or name another file"),
            _ => format!("{place} cannot be written: {error}"),
        })
    })
}
