//! Topological order of nodes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::mem;

use super::super::proto::NodeProto;
use super::super::quoted;
use super::{NormalizeError, subgraphs};

/// Sorts `nodes` so that each comes after those whose outputs it reads. Of the nodes that
/// could come next the first of the file does, so a sorted file stays as it is (Kahn's
/// algorithm with a heap; O((nodes + edges) log nodes)).
pub(super) fn sort(nodes: &mut Vec<NodeProto>) -> Result<(), NormalizeError> {
    let order = Edges::of(nodes).order(nodes)?;
    let mut unsorted: Vec<_> = mem::take(nodes).into_iter().map(Some).collect();
    nodes.extend(order.into_iter().filter_map(|index| unsorted.get_mut(index)?.take()));
    Ok(())
}

/// For each node, by index.
struct Edges {
    producers: Vec<HashSet<usize>>,
    consumers: Vec<Vec<usize>>,
}

impl Edges {
    fn of(nodes: &[NodeProto]) -> Self {
        let mut producer = HashMap::new();
        for (index, node) in nodes.iter().enumerate() {
            producer.extend(node.output.iter().map(|output| (output.as_str(), index)));
        }
        let mut consumers = vec![Vec::new(); nodes.len()];
        let mut producers = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let read: HashSet<usize> = subgraphs::uses(node).filter_map(|name| producer.get(name).copied()).collect();
            for &producer in &read {
                consumers[producer].push(index);
            }
            producers.push(read);
        }
        Self { producers, consumers }
    }

    fn order(&self, nodes: &[NodeProto]) -> Result<Vec<usize>, NormalizeError> {
        let mut pending: Vec<usize> = self.producers.iter().map(HashSet::len).collect();
        let free = pending.iter().enumerate().filter(|(_, pending)| **pending == 0);
        let mut ready: BinaryHeap<_> = free.map(|(index, _)| Reverse(index)).collect();
        let mut order = Vec::with_capacity(nodes.len());
        while let Some(Reverse(index)) = ready.pop() {
            order.push(index);
            for &consumer in &self.consumers[index] {
                pending[consumer] -= 1;
                if pending[consumer] == 0 {
                    ready.push(Reverse(consumer));
                }
            }
        }
        match pending.iter().position(|&pending| pending > 0) {
            Some(start) => Err(self.cycle(start, &pending, nodes)),
            None => Ok(order),
        }
    }

    /// Walks back from `start`, through nodes that wait for others, until one comes again.
    fn cycle(&self, start: usize, pending: &[usize], nodes: &[NodeProto]) -> NormalizeError {
        const LONGEST: usize = 8;
        let mut walked = vec![start];
        let mut places = HashMap::from([(start, 0)]);
        let mut current = start;
        let first = loop {
            let waiting = self.producers[current].iter().filter(|&&index| pending[index] > 0);
            // A node waits only for nodes that wait, so there always is one.
            current = waiting.min().copied().unwrap_or(start);
            if let Some(&place) = places.get(&current) {
                break place;
            }
            places.insert(current, walked.len());
            walked.push(current);
        };
        let cycle = walked.drain(first..).chain([current]).collect::<Vec<_>>();
        let mut names: Vec<_> = cycle.iter().rev().map(|&index| quoted(nodes[index].name())).collect();
        if names.len() > LONGEST {
            names.splice(LONGEST - 2..names.len() - 1, ["...".to_string()]);
        }
        NormalizeError::Cycle { path: names.join(" -> ") }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::proto::{AttributeProto, GraphProto, ValueInfoProto};
    use super::*;

    fn node(inputs: &[&str], output: &str) -> NodeProto {
        NodeProto {
            name: Some(output.into()),
            input: inputs.iter().map(|name| name.to_string()).collect(),
            output: vec![output.into()],
            ..Default::default()
        }
    }

    fn sorted(mut nodes: Vec<NodeProto>) -> String {
        match sort(&mut nodes) {
            Ok(()) => nodes.iter().map(NodeProto::name).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_order_of_the_file_is_kept_where_valid() {
        let valid = vec![node(&[], "d"), node(&["d"], "c"), node(&[], "b"), node(&["c"], "a")];
        assert_eq!(sorted(valid), "d c b a");
        assert_eq!(sorted(vec![node(&["b", "b"], "a"), node(&[], "c"), node(&[], "b")]), "c b a");
    }

    #[test]
    fn subgraphs_wait_for_what_they_read() {
        let output = ValueInfoProto { name: Some("inner".into()), ..Default::default() };
        let branch = GraphProto { node: vec![node(&["late"], "inner")], output: vec![output], ..Default::default() };
        let attribute = AttributeProto { g: Some(branch), ..Default::default() };
        let mut branching = node(&[], "if");
        branching.attribute.push(attribute);
        assert_eq!(sorted(vec![branching, node(&[], "late")]), "late if");
    }

    #[test]
    fn cycles_are_shown_without_what_leads_to_them() {
        let nodes = vec![node(&["a"], "tail"), node(&["b"], "a"), node(&["a"], "b")];
        assert!(sorted(nodes).contains("cycle: 'a' -> 'b' -> 'a'"));
        assert!(sorted(vec![node(&["self"], "self")]).contains("'self' -> 'self'"));
        let name = |index: usize| format!("n{}", index % 1000);
        let ring = (0..1000).map(|index| node(&[&name(index + 1)], &name(index)));
        assert!(sorted(ring.collect()).contains(" -> ... -> 'n"));
    }

    #[test]
    fn a_long_reversed_chain_is_fast() {
        let chain = (0..100_000usize).rev();
        let mut nodes: Vec<_> = chain.map(|index| node(&[&index.to_string()], &(index + 1).to_string())).collect();
        sort(&mut nodes).unwrap();
        assert_eq!(nodes[0].name(), "1");
    }
}
