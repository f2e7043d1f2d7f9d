//! Tensor data in a file beside the model.
//!
//! The location comes from the model and so from anywhere: it has to be a relative path
//! without `..` that, with symbolic links followed, is a regular file inside the model's
//! folder.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use thiserror::Error;

use super::proto::StringStringEntryProto;
use super::quoted;

/// Why external data could not be read.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum ExternalError {
    #[error("external data has no location: the file that holds it is not named")]
    NoLocation,
    #[error(
        "external data at {} is not inside the model's folder: put it there and store a \
         relative path",
        quoted(location)
    )]
    Outside { location: String },
    #[error("external data at {} cannot be read: {source}", quoted(location))]
    Unreadable { location: String, source: io::Error },
    #[error("external data at {} is not a regular file", quoted(location))]
    NotAFile { location: String },
    #[error("external data has {key} {}, expected an integer of 0 or more", quoted(value))]
    BadNumber { key: &'static str, value: String },
    #[error("external data has length {found}, expected {expected} for its shape and type")]
    WrongLength { found: u64, expected: usize },
    #[error("external data at {} needs bytes {offset} to {offset} + {expected}, the file has {size}", quoted(location))]
    PastTheEnd { location: String, offset: u64, expected: usize, size: u64 },
}

/// Reads the `expected` bytes that `entries` (the field `external_data`) point to.
pub(crate) fn read(
    entries: &[StringStringEntryProto],
    directory: &Path,
    expected: usize,
) -> Result<Bytes, ExternalError> {
    let location =
        find(entries, "location").filter(|location| !location.is_empty()).ok_or(ExternalError::NoLocation)?;
    let offset = number(entries, "offset")?.unwrap_or(0);
    match number(entries, "length")? {
        Some(found) if found != expected as u64 => {
            return Err(ExternalError::WrongLength { found, expected });
        }
        _ => {}
    }
    let path = resolve(location, directory)?;
    if !path.is_file() {
        return Err(ExternalError::NotAFile { location: location.into() });
    }
    read_range(&path, location, offset, expected)
}

fn find<'a>(entries: &'a [StringStringEntryProto], key: &str) -> Option<&'a str> {
    let entry = entries.iter().find(|entry| entry.key() == key);
    entry.map(|entry| entry.value())
}

fn number(entries: &[StringStringEntryProto], key: &'static str) -> Result<Option<u64>, ExternalError> {
    let parse = |value: &str| {
        let bad = |_| ExternalError::BadNumber { key, value: value.into() };
        value.parse().map_err(bad)
    };
    find(entries, key).map(parse).transpose()
}

/// The real path of `location`, which lies inside `directory`.
fn resolve(location: &str, directory: &Path) -> Result<PathBuf, ExternalError> {
    let outside = || ExternalError::Outside { location: location.into() };
    let unreadable = |source| ExternalError::Unreadable { location: location.into(), source };
    let inner = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(location).components().all(inner) {
        return Err(outside());
    }
    let directory = fs::canonicalize(directory).map_err(unreadable)?;
    let path = fs::canonicalize(directory.join(location)).map_err(unreadable)?;
    if path.starts_with(&directory) { Ok(path) } else { Err(outside()) }
}

fn read_range(path: &Path, location: &str, offset: u64, expected: usize) -> Result<Bytes, ExternalError> {
    let unreadable = |source| ExternalError::Unreadable { location: location.into(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    if offset.checked_add(expected as u64).is_none_or(|end| end > size) {
        let location = location.into();
        return Err(ExternalError::PastTheEnd { location, offset, expected, size });
    }
    file.seek(SeekFrom::Start(offset)).map_err(unreadable)?;
    let mut bytes = vec![0; expected];
    file.read_exact(&mut bytes).map_err(unreadable)?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with `data` in `w.bin`, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            fs::create_dir_all(path.join("model")).unwrap();
            fs::write(path.join("model/w.bin"), [0, 1, 2, 3, 4, 5, 6, 7]).unwrap();
            fs::write(path.join("secret"), [9; 8]).unwrap();
            Self(path)
        }

        fn read(&self, entries: &[(&str, &str)], expected: usize) -> Result<Bytes, String> {
            let entry = |&(key, value): &(&str, &str)| StringStringEntryProto {
                key: Some(key.into()),
                value: Some(value.into()),
            };
            let entries: Vec<_> = entries.iter().map(entry).collect();
            read(&entries, &self.0.join("model"), expected).map_err(|error| error.to_string())
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_range_of_a_file_beside_the_model() {
        let folder = Folder::new("onnx-external-range");
        let all = folder.read(&[("location", "w.bin")], 8).unwrap();
        assert_eq!(all.as_ref(), [0, 1, 2, 3, 4, 5, 6, 7]);
        let entries = [("location", "./w.bin"), ("offset", "4"), ("length", "2")];
        assert_eq!(folder.read(&entries, 2).unwrap().as_ref(), [4, 5]);
    }

    #[test]
    fn sizes_are_checked_first() {
        let folder = Folder::new("onnx-external-size");
        let with = |key, value| folder.read(&[("location", "w.bin"), (key, value)], 8);
        assert!(with("offset", "1").unwrap_err().contains("the file has 8"));
        assert!(with("offset", "18446744073709551615").unwrap_err().contains("the file has 8"));
        assert!(with("offset", "-5").unwrap_err().contains("offset '-5'"));
        assert!(with("length", "7").unwrap_err().contains("length 7, expected 8"));
        let huge = folder.read(&[("location", "w.bin")], 1 << 60);
        assert!(huge.unwrap_err().contains("the file has 8"));
    }

    #[test]
    fn nothing_outside_the_folder_is_opened() {
        let folder = Folder::new("onnx-external-outside");
        let at = |location: &str| folder.read(&[("location", location)], 8).unwrap_err();
        let secret = folder.0.join("secret");
        assert!(at("../secret").contains("not inside"));
        assert!(at("x/../../secret").contains("not inside"));
        assert!(at(&secret.to_string_lossy()).contains("not inside"));
        assert!(at("").contains("no location"));
        assert!(at(".").contains("not a regular file"));
        assert!(at("missing").contains("cannot be read"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&secret, folder.0.join("model/link")).unwrap();
            assert!(at("link").contains("not inside"));
        }
    }
}
