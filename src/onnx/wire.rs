//! A walk over the protobuf encoding before anything is decoded.
//!
//! A decoder allocates as it goes: two bytes of file can become an `AttributeProto` of more
//! than a kilobyte. This walk takes no memory, follows the messages that ONNX files nest
//! (graph, node, attribute, tensor, function, type), and refuses what is cut off, is no
//! protobuf, nests too deeply or holds too many fields.
//!
//! Source: the [encoding](https://protobuf.dev/programming-guides/encoding/) and the field
//! numbers of `onnx.proto`.

use thiserror::Error;

/// Nested messages a file may have; prost itself stops at 100.
pub const MAX_DEPTH: usize = 90;
/// Length-delimited fields (strings, messages) a file may have: a network of 20,000 nodes
/// has about half a million. Decoded, the largest message takes less than 2 KiB.
pub const MAX_FIELDS: usize = 1 << 20;

/// Why a file is not a protobuf message that can be decoded safely.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum WireError {
    #[error(
        "the field at byte {at} needs {needed} bytes but {left} are left: \
         the file is cut off or damaged, fetch it again"
    )]
    Truncated { at: usize, needed: u64, left: usize },
    #[error("byte {at} is no protobuf field ({what}): the file is damaged or no ONNX model")]
    Malformed { at: usize, what: &'static str },
    #[error("messages are nested more than {MAX_DEPTH} deep at byte {at}: flatten the subgraphs")]
    TooDeep { at: usize },
    #[error("more than {MAX_FIELDS} strings and messages (at byte {at}): split the model")]
    TooManyFields { at: usize },
}

/// The messages whose content is walked.
#[derive(Debug, Clone, Copy)]
enum Message {
    Model,
    Training,
    Function,
    Graph,
    Node,
    Attribute,
    Tensor,
    SparseTensor,
    ValueInfo,
    Annotation,
    Type,
    TypeOfElements,
    TypeOfTensor,
    Shape,
}

/// What a length-delimited field holds.
enum Content {
    Message(Message),
    /// Strings, bytes, packed numbers, and small messages without repeated fields.
    Opaque,
    /// Messages that may hold many small ones and are not walked.
    Unwalked,
}

impl Message {
    /// What field `number` of this message holds.
    fn content(self, number: u64) -> Content {
        use Message::*;
        Content::Message(match (self, number) {
            (Model, 7) | (Training, 1 | 2) | (Attribute, 6 | 11) => Graph,
            (Model, 20) => Training,
            (Model, 25) => Function,
            (Function, 7) | (Graph, 1) => Node,
            (Function, 11) | (Node, 5) => Attribute,
            (Function, 12) | (Graph, 11..=13) => ValueInfo,
            (Graph, 5) | (Attribute, 5 | 10) | (SparseTensor, 1 | 2) => Tensor,
            (Graph, 14) => Annotation,
            (Graph, 15) | (Attribute, 22 | 23) => SparseTensor,
            (ValueInfo, 2) | (Attribute, 14 | 15) => Type,
            (Type, 1 | 8) => TypeOfTensor,
            (Type, 4 | 5 | 9) => TypeOfElements,
            (TypeOfElements, 1 | 2) => Type,
            (TypeOfTensor, 2) => Shape,
            (Node, 10) | (Model, 26) => return Content::Unwalked,
            _ => return Content::Opaque,
        })
    }
}

/// Checks that `file` is a well-formed protobuf message of bounded depth and field count.
pub fn check(file: &[u8]) -> Result<(), WireError> {
    let mut walk = Walk { file, fields: 0 };
    walk.message(Message::Model, 0, file.len(), 0)
}

struct Walk<'a> {
    file: &'a [u8],
    fields: usize,
}

impl Walk<'_> {
    fn message(&mut self, message: Message, mut at: usize, end: usize, depth: usize) -> Result<(), WireError> {
        if depth > MAX_DEPTH {
            return Err(WireError::TooDeep { at });
        }
        while at < end {
            at = self.field(message, at, end, depth)?;
        }
        Ok(())
    }

    /// Walks the field at `start`; returns where the next one begins.
    fn field(&mut self, message: Message, start: usize, end: usize, depth: usize) -> Result<usize, WireError> {
        let malformed = |what| WireError::Malformed { at: start, what };
        let (key, at) = self.varint(start, end)?;
        let number = key >> 3;
        if number == 0 || key > u64::from(u32::MAX) {
            return Err(malformed("its field number is out of range"));
        }
        match key & 7 {
            0 => Ok(self.varint(at, end)?.1),
            1 => fixed(start, at, 8, end),
            5 => fixed(start, at, 4, end),
            2 => {
                let (length, at) = self.varint(at, end)?;
                let next = fixed(start, at, length, end)?;
                self.delimited(message.content(number), at, next, depth)?;
                Ok(next)
            }
            3 | 4 => Err(malformed("ONNX has no groups")),
            _ => Err(malformed("its wire type is unknown")),
        }
    }

    fn delimited(&mut self, content: Content, at: usize, end: usize, depth: usize) -> Result<(), WireError> {
        self.fields += match content {
            // Two bytes are the shortest message within.
            Content::Unwalked => 1 + (end - at) / 2,
            _ => 1,
        };
        if self.fields > MAX_FIELDS {
            return Err(WireError::TooManyFields { at });
        }
        match content {
            Content::Message(message) => self.message(message, at, end, depth + 1),
            Content::Opaque | Content::Unwalked => Ok(()),
        }
    }

    /// The varint at `start` and where it ends.
    fn varint(&self, start: usize, end: usize) -> Result<(u64, usize), WireError> {
        let mut value = 0u64;
        for (index, byte) in self.file.iter().take(end).skip(start).take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return Ok((value, start + index + 1));
            }
        }
        if end - start < 10 {
            let (needed, left) = (end - start + 1, end - start);
            let needed = needed as u64;
            return Err(WireError::Truncated { at: start, needed, left });
        }
        let what = "a number is longer than 10 bytes";
        Err(WireError::Malformed { at: start, what })
    }
}

/// The end of `length` bytes from `at` on, if that is not past `end`.
fn fixed(start: usize, at: usize, length: u64, end: usize) -> Result<usize, WireError> {
    let left = end - at;
    match usize::try_from(length) {
        Ok(length) if length <= left => Ok(at + length),
        _ => Err(WireError::Truncated { at: start, needed: length, left }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_named() {
        let cut = check(&[0x08, 0x08, 0x3a, 0x05, 0x00]);
        assert_eq!(cut, Err(WireError::Truncated { at: 2, needed: 5, left: 1 }));
        let group = check(&[0x08, 0x08, 0x0b]);
        assert!(matches!(group, Err(WireError::Malformed { at: 2, .. })));
        let long = check(&[0xff; 12]);
        assert!(matches!(long, Err(WireError::Malformed { at: 0, .. })));
        assert!(matches!(check(&[0x80]), Err(WireError::Truncated { .. })));
    }

    #[test]
    fn floods_of_empty_nodes_are_refused() {
        let nodes = [0x0a, 0x00].repeat(MAX_FIELDS);
        let mut file = vec![0x3a, 0x80, 0x80, 0x80, 0x01]; // graph of 2^21 bytes
        file.extend(nodes);
        assert!(matches!(check(&file), Err(WireError::TooManyFields { .. })));
    }

    #[test]
    fn nesting_is_bounded() {
        let mut message = Vec::new();
        for _ in 0..40 {
            for key in [0x32, 0x2a, 0x0a] {
                message = wrap(key, &message); // a graph in an attribute in a node
            }
        }
        assert!(matches!(check(&wrap(0x3a, &message)), Err(WireError::TooDeep { .. })));
    }

    fn wrap(key: u8, content: &[u8]) -> Vec<u8> {
        let mut field = vec![key];
        prost::encoding::encode_varint(content.len() as u64, &mut field);
        field.extend(content);
        field
    }
}
