//! Files from outside: read whole, and never more of them than is reasonable.

use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::path::Path;

/// What the file at `path` holds, if that is no more than `most` bytes.
///
/// # Errors
/// Why it could not be read, without the path.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    // One byte more than allowed, to see that there is more: a length that is told beforehand may be none.
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut content));
    match read {
        Ok(_) if content.len() as u64 > most => Err(format!("it has more than {most} bytes")),
        Ok(_) => Ok(content),
        Err(error) => Err(match error.kind() {
            ErrorKind::NotFound => "there is no such file".to_owned(),
            ErrorKind::IsADirectory => "it is a folder".to_owned(),
            ErrorKind::PermissionDenied => "reading it is not permitted".to_owned(),
            _ => error.to_string(),
        }),
    }
}

/// The text that the file at `path` holds, if that is no more than `most` bytes.
///
/// # Errors
/// Why it could not be read, or where it is no UTF-8, without the path.
pub fn text(path: &Path, most: u64) -> Result<String, String> {
    let text = String::from_utf8(bytes(path, most)?);
    text.map_err(|error| format!("byte {} is not UTF-8", error.utf8_error().valid_up_to() + 1))
}

/// Why a file could not be written, without the path.
pub fn unwritable(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such folder".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::PermissionDenied => "writing there is not permitted".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_end_is_given_up() {
        assert_eq!(bytes(Path::new("/dev/zero"), 1000), Err("it has more than 1000 bytes".to_owned()));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        assert_eq!(text(&path, 10), Err("there is no such file".to_owned()));
        assert_eq!(text(folder.path(), 10), Err("it is a folder".to_owned()));
        let error = std::fs::write(path.join("g"), "").unwrap_err();
        assert_eq!(unwritable(&error), "there is no such folder");
        std::fs::write(&path, b"caf\xe9").unwrap();
        assert_eq!(text(&path, 10), Err("byte 4 is not UTF-8".to_owned()));
        std::fs::write(&path, "0123456789").unwrap();
        assert_eq!(text(&path, 10).as_deref(), Ok("0123456789"));
    }
}
