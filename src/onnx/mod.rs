//! Stage 1: bytes to a checked and simplified ONNX model.
//!
//! ```text
//! model.onnx --load--> Model --normalize--> Model --(import)--> qonnx dialect
//! ```
//!
//! 1. [`wire`] walks the protobuf encoding once without allocating: truncated files,
//!    garbage, deep nesting and floods of tiny fields end here with a byte position.
//! 2. [`mod@load`] reads the file and decodes it into the structs of [`proto`] (generated),
//!    sharing tensor data with the file's buffer, and checks versions.
//! 3. [`mod@normalize`] makes the graph simple: model-local functions inlined, sparse
//!    initializers dense, nodes named and sorted, each tensor defined exactly once
//!    before it is used.
//! 4. The importer then reads nodes with the typed getters of [`attributes`] and turns
//!    initializers into bytes and shapes with [`tensor`], which knows every
//!    [`element`] type and reads [`external`] data from the model's folder only.
//!
//! Files come from anywhere. Nothing here panics on any of them, sizes are checked before
//! memory is taken, and each error names the node or tensor and says what to do.

pub mod attributes;
pub mod element;
pub mod external;
pub mod load;
mod minifloat;
mod names;
pub mod normalize;
pub mod proto;
pub mod sparse;
pub mod tensor;
#[cfg(test)]
mod tests;
mod typed_data;
mod values;
pub mod wire;

pub use attributes::AttributeError;
pub use element::ElementType;
pub use load::{FormatError, LoadError, Model, load};
pub(crate) use names::Names;
pub use normalize::{NormalizeError, normalize};
pub use tensor::{TensorData, TensorError, decode};

/// The name of ONNX's own operator domain: `ai.onnx` and the empty string are the same.
pub(crate) fn canonical_domain(domain: &str) -> &str {
    if domain == "ai.onnx" { "" } else { domain }
}

/// `name` in quotes for a message: control characters escaped, long names cut.
pub(crate) fn quoted(name: &str) -> String {
    const LONGEST: usize = 120;
    let mut shown: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    format!("'{shown}'")
}
