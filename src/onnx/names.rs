//! Unique names.

use std::collections::{HashMap, HashSet};

use super::proto::NodeProto;

/// Names that are in use, and new ones beside them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
    /// The suffix to try next for a base name: keeps many equal names from being quadratic.
    next: HashMap<String, usize>,
}

impl Names {
    /// Marks `name` as used; false if it was used before or is empty.
    pub(crate) fn take(&mut self, name: &str) -> bool {
        !name.is_empty() && self.taken.insert(name.into())
    }

    /// `base` if it is free, else `base_1`, `base_2`, ...; marks it as used.
    pub(crate) fn fresh(&mut self, base: &str) -> String {
        if self.take(base) {
            return base.into();
        }
        let mut suffix = self.next.get(base).copied().unwrap_or(1);
        let name = loop {
            let name = format!("{base}_{suffix}");
            suffix += 1;
            if self.take(&name) {
                break name;
            }
        };
        self.next.insert(base.into(), suffix);
        name
    }
}

/// Gives each node a name of its own: unnamed ones become `<OpType>_<index>`, and of equal
/// names the first node keeps it.
pub(crate) fn name_nodes(nodes: &mut [NodeProto]) {
    let mut names = Names::default();
    let mut rest = Vec::new();
    for (index, node) in nodes.iter_mut().enumerate() {
        if !names.take(node.name()) {
            rest.push((index, node));
        }
    }
    for (index, node) in rest {
        node.name = Some(match node.name() {
            "" => names.fresh(&format!("{}_{index}", node.op_type())),
            name => names.fresh(name),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> NodeProto {
        let op_type = Some("Relu".to_string());
        NodeProto { name: Some(name.into()), op_type, ..Default::default() }
    }

    #[test]
    fn given_names_stay_and_new_ones_avoid_them() {
        let mut nodes = ["a", "", "a", "a_1", "Relu_1", "a"].map(named);
        name_nodes(&mut nodes);
        let names = nodes.each_ref().map(NodeProto::name);
        assert_eq!(names, ["a", "Relu_1_1", "a_2", "a_1", "Relu_1", "a_3"]);
    }

    #[test]
    fn many_equal_names_are_fast() {
        let mut nodes = vec![named("same"); 100_000];
        name_nodes(&mut nodes);
        assert_eq!(nodes.last().map(NodeProto::name), Some("same_99999"));
    }
}
