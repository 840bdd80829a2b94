//! Reports, and where they go.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use document::file::unwritable;
use results::Results;
use tempfile::NamedTempFile;

use crate::cli::Wanted;
use crate::failure::Failure;
use crate::say;

/// Reports that can be written.
pub(super) struct Reports<'w>(&'w [Wanted]);

impl<'w> Reports<'w> {
    /// Looks whether each can be written where it is to go, before anything is run.
    pub(super) fn checked(wanted: &'w [Wanted]) -> Result<Self, Failure> {
        for (index, report) in wanted.iter().enumerate() {
            let path = report.path.display();
            if report.path.is_dir() {
                return Err(Failure::usage(format!("the report cannot be written: {path} is a folder")));
            }
            if wanted[..index].iter().any(|other| other.path == report.path) {
                return Err(Failure::usage(format!("two reports cannot both be written to {path}")));
            }
            beside(&report.path).map_err(|error| Failure::usage(no_report(&report.path, &error)))?;
        }
        Ok(Self(wanted))
    }

    /// Writes them. A reader sees the whole of a report, or what was there before.
    pub(super) fn write(&self, results: &Results) -> Result<(), Failure> {
        let mut wrong = Vec::new();
        for Wanted { format, path } in self.0 {
            let text = format.render(results).map_err(Failure::canary)?;
            match put(path, &text) {
                Ok(()) => say::line(format_args!("report: {}", path.display())),
                // The others may still be written.
                Err(error) => wrong.push(no_report(path, &error)),
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Failure::canary(wrong.join("\n"))) }
    }
}

fn no_report(path: &Path, error: &std::io::Error) -> String {
    format!("the report {} cannot be written: {}", path.display(), unwritable(error))
}

fn put(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// A new file in the same folder: on the same disk, so that it can take the other one's place at once.
fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // Others are to read it: the process's mask decides who.
    let open = Permissions::from_mode(0o666);
    let file = tempfile::Builder::new().prefix(".serin-").permissions(open).tempfile_in(folder);
    // The name of a file that is only ours would tell nobody anything.
    file.map_err(|error| error.kind().into())
}
