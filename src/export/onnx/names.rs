//! Names of nodes and tensors: readable, and each only once.

use qonnx_dialect::Op;
use std::collections::HashSet;

/// Hands out names.
#[derive(Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// The name itself, or with the first number behind it that makes it new.
    pub fn unique(&mut self, wanted: &str) -> String {
        let numbered = (1..).map(|number| format!("{wanted}_{number}"));
        let free = std::iter::once(wanted.to_string()).chain(numbered).find(|name| !self.0.contains(name));
        let name = free.unwrap_or_default();
        self.0.insert(name.clone());
        name
    }
}

/// The name that an operation has from its file; None where its location is a place in a text, or unknown.
pub fn own_name(op: Op<'_>) -> Option<String> {
    let name = op.node_name();
    let is_place =
        name.starts_with('"') || name == "unknown" || name.starts_with("fused[") || name.starts_with("callsite(");
    (!is_place && !name.is_empty()).then_some(name)
}
