//! Reads an ONNX file into a [`Model`].

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bytes::Bytes;
use prost::Message;
use thiserror::Error;

use super::proto::{GraphProto, ModelProto};
use super::wire::{self, WireError};
use super::{canonical_domain, quoted};

/// The largest file that is read. Larger models keep their weights in external data.
pub const MAX_FILE_BYTES: u64 = 512 << 20;
/// The newest version of the file format that is understood (`Version` in `onnx.proto`).
pub const NEWEST_IR_VERSION: i64 = 14;

/// A decoded model and the folder that its external data is relative to.
#[derive(Debug, Clone)]
pub struct Model {
    /// The file's content.
    pub proto: ModelProto,
    /// The folder of the file.
    pub directory: PathBuf,
}

/// Why a file could not be loaded.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum LoadError {
    #[error("cannot read '{}': {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("'{}' is not a regular file: give the path of an .onnx file", path.display())]
    NotAFile { path: PathBuf },
    #[error("'{}': {source}", path.display())]
    Format { path: PathBuf, source: FormatError },
}

/// Why bytes are not a model that can be compiled.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum FormatError {
    #[error("the file is empty: export or fetch the model again")]
    Empty,
    #[error(
        "the file has {bytes} bytes, the limit is {MAX_FILE_BYTES}: \
         store the weights as external data"
    )]
    TooLarge { bytes: u64 },
    #[error("the file is {found}, not an ONNX model: {advice}")]
    NotOnnx { found: &'static str, advice: &'static str },
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("the protobuf does not follow onnx.proto: {0}")]
    Decode(#[from] prost::DecodeError),
    #[error("no graph is in the file: it is not an ONNX model, or it was cut off")]
    NoGraph,
    #[error(
        "ir_version is {found}, expected 1 to {NEWEST_IR_VERSION}: export the model for an \
         older version of ONNX"
    )]
    IrVersion { found: i64 },
    #[error("no opset_import names the ONNX domain: the versions of the operators are unknown")]
    NoOpset,
    #[error("the opset version of domain {} is {version}, expected 1 or more", quoted(domain))]
    OpsetVersion { domain: String, version: i64 },
    #[error("domain {} is imported at opset {first} and again at {second}: keep one", quoted(domain))]
    OpsetTwice { domain: String, first: i64, second: i64 },
}

/// Reads and decodes the model at `path`.
pub fn load(path: &Path) -> Result<Model, LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: path.into(), source };
    let format = |source| LoadError::Format { path: path.into(), source };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    // Asked before opening: opening a named pipe would wait for a writer.
    if !metadata.is_file() {
        return Err(LoadError::NotAFile { path: path.into() });
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(format(FormatError::TooLarge { bytes: metadata.len() }));
    }
    let mut file = Vec::new();
    File::open(path)
        // The file may have grown since.
        .and_then(|opened| opened.take(MAX_FILE_BYTES).read_to_end(&mut file))
        .map_err(unreadable)?;
    Model::from_bytes(file.into(), directory_of(path)).map_err(format)
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.into(),
        _ => PathBuf::from("."),
    }
}

impl Model {
    /// Decodes a file's content; `directory` is where its external data lies.
    pub fn from_bytes(file: Bytes, directory: PathBuf) -> Result<Self, FormatError> {
        refuse_other_formats(&file)?;
        wire::check(&file)?;
        let proto = ModelProto::decode(file)?;
        if proto.graph.is_none() {
            return Err(FormatError::NoGraph);
        }
        check_versions(&proto)?;
        Ok(Self { proto, directory })
    }

    /// The main graph.
    pub fn graph(&self) -> &GraphProto {
        static EMPTY: LazyLock<GraphProto> = LazyLock::new(GraphProto::default);
        self.proto.graph.as_ref().unwrap_or(&EMPTY)
    }

    /// The imported version of `domain`; `""` and `ai.onnx` are the same domain.
    pub fn opset(&self, domain: &str) -> Option<i64> {
        opset(&self.proto, domain)
    }
}

fn opset(proto: &ModelProto, domain: &str) -> Option<i64> {
    let same = |other: &str| canonical_domain(other) == canonical_domain(domain);
    let import = proto.opset_import.iter().find(|import| same(import.domain()));
    import.map(|import| import.version())
}

/// Recognizes what is often saved under the name of a model.
fn refuse_other_formats(file: &[u8]) -> Result<(), FormatError> {
    if file.is_empty() {
        return Err(FormatError::Empty);
    }
    let text = file.trim_ascii_start();
    let page = ("a web page", "fetch the file itself, not the page that shows it");
    let (found, advice) = if text.starts_with(b"<") {
        page
    } else if text.starts_with(b"version https://git-lfs") {
        ("a Git LFS pointer", "run `git lfs pull`")
    } else if file.starts_with(b"PK\x03\x04") {
        ("a ZIP archive", "unpack it, or export a PyTorch checkpoint to ONNX")
    } else if file.starts_with(b"\x89HDF") {
        ("an HDF5 file", "export the Keras model to ONNX")
    } else {
        return Ok(());
    };
    Err(FormatError::NotOnnx { found, advice })
}

fn check_versions(proto: &ModelProto) -> Result<(), FormatError> {
    let found = proto.ir_version();
    if !(1..=NEWEST_IR_VERSION).contains(&found) {
        return Err(FormatError::IrVersion { found });
    }
    for import in &proto.opset_import {
        let (domain, version) = (canonical_domain(import.domain()), import.version());
        // Other domains count as they like.
        let lowest = if domain.is_empty() { 1 } else { 0 };
        if version < lowest {
            return Err(FormatError::OpsetVersion { domain: domain.into(), version });
        }
        let first = opset(proto, domain).unwrap_or(version);
        if first != version {
            let domain = domain.into();
            return Err(FormatError::OpsetTwice { domain, first, second: version });
        }
    }
    opset(proto, "").map(|_| ()).ok_or(FormatError::NoOpset)
}

#[cfg(test)]
mod tests {
    use super::super::proto::OperatorSetIdProto;
    use super::*;

    fn proto(ir_version: i64, imports: &[(&str, i64)]) -> ModelProto {
        let import = |&(domain, version): &(&str, i64)| OperatorSetIdProto {
            domain: Some(domain.into()),
            version: Some(version),
        };
        ModelProto {
            ir_version: Some(ir_version),
            opset_import: imports.iter().map(import).collect(),
            graph: Some(GraphProto::default()),
            ..Default::default()
        }
    }

    fn message(file: &[u8]) -> String {
        let loaded = Model::from_bytes(Bytes::copy_from_slice(file), ".".into());
        loaded.map_or_else(|error| error.to_string(), |_| "accepted".into())
    }

    #[test]
    fn other_formats_are_recognized() {
        assert!(message(b"").contains("empty"));
        assert!(message(b"\n<!DOCTYPE html>").contains("web page"));
        assert!(message(b"version https://git-lfs.github.com/spec/v1").contains("git lfs pull"));
        assert!(message(b"PK\x03\x04").contains("ZIP"));
        assert!(message(&[0x08, 0x08]).contains("no graph"));
    }

    #[test]
    fn versions_are_checked() {
        let check = |ir, imports: &[_]| message(&proto(ir, imports).encode_to_vec());
        assert_eq!(check(8, &[("ai.onnx", 13), ("", 13)]), "accepted");
        assert!(check(0, &[("", 13)]).contains("ir_version is 0"));
        assert!(check(15, &[("", 13)]).contains("expected 1 to 14"));
        assert!(check(8, &[("custom", 1)]).contains("opset_import"));
        assert!(check(8, &[("", 0)]).contains("opset version"));
        assert!(check(8, &[("", 13), ("ai.onnx", 14)]).contains("13 and again at 14"));
    }

    #[test]
    fn both_names_of_the_onnx_domain_find_its_version() {
        let file = proto(8, &[("ai.onnx", 13)]).encode_to_vec();
        let model = Model::from_bytes(file.into(), ".".into()).unwrap();
        assert_eq!((model.opset(""), model.opset("ai.onnx")), (Some(13), Some(13)));
        assert_eq!(model.opset("custom"), None);
    }

    #[test]
    fn a_folder_is_not_a_model() {
        assert!(matches!(load(Path::new(".")), Err(LoadError::NotAFile { .. })));
        let missing = load(Path::new("no/such.onnx"));
        assert!(matches!(missing, Err(LoadError::Unreadable { .. })));
    }
}
