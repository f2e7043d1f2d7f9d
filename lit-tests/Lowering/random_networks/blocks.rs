//! What networks are built of: each block takes a quantized value and gives one.

mod joins;
mod layers;
mod movement;
mod pools;

use super::{
    generator::{Generator, Value},
    tape::Tape,
};

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Dense,
    Conv,
    Depthwise,
    ConvTranspose,
    Residual,
    ResidualOneScale,
    ResidualUnquantized,
    FloatStream,
    LinearOfSum,
    Gate,
    Product,
    Concat,
    LinearOfConcat,
    MaxPool,
    AveragePool,
    TruncatedPool,
    Pad,
    Resize,
    Split,
    Slice,
    Gather,
    Transpose,
    Reshape,
    DepthToSpace,
    Shuffle,
    Attention,
    Reduce,
    QuantizerChain,
}

/// Every block.
pub const ALL: [Kind; 28] = [
    Kind::Dense,
    Kind::Conv,
    Kind::Depthwise,
    Kind::ConvTranspose,
    Kind::Residual,
    Kind::ResidualOneScale,
    Kind::ResidualUnquantized,
    Kind::FloatStream,
    Kind::LinearOfSum,
    Kind::Gate,
    Kind::Product,
    Kind::Concat,
    Kind::LinearOfConcat,
    Kind::MaxPool,
    Kind::AveragePool,
    Kind::TruncatedPool,
    Kind::Pad,
    Kind::Resize,
    Kind::Split,
    Kind::Slice,
    Kind::Gather,
    Kind::Transpose,
    Kind::Reshape,
    Kind::DepthToSpace,
    Kind::Shuffle,
    Kind::Attention,
    Kind::Reduce,
    Kind::QuantizerChain,
];

impl Generator {
    /// Adds a block of a kind, after what makes it fit.
    pub fn block(&mut self, kind: Kind, tape: &mut Tape, x: &Value) -> Value {
        match kind {
            Kind::Dense => self.dense_block(tape, x),
            Kind::Conv => self.conv_block(tape, x),
            Kind::Depthwise => self.depthwise(tape, x),
            Kind::ConvTranspose => self.conv_transpose_block(tape, x),
            Kind::Residual => self.residual(tape, x),
            Kind::ResidualOneScale => self.residual_one_scale(tape, x),
            Kind::ResidualUnquantized => self.residual_unquantized(tape, x),
            Kind::FloatStream => self.float_stream(tape, x),
            Kind::LinearOfSum => self.linear_of_sum(tape, x),
            Kind::Gate => self.gate(tape, x),
            Kind::Product => self.product(tape, x),
            Kind::Concat => self.concat_block(tape, x),
            Kind::LinearOfConcat => self.linear_of_concat(tape, x),
            Kind::MaxPool => self.max_pool(tape, x),
            Kind::AveragePool => self.average_pool(tape, x),
            Kind::TruncatedPool => self.truncated_pool(tape, x),
            Kind::Pad => self.pad(tape, x),
            Kind::Resize => self.resize(tape, x),
            Kind::Split => self.split(tape, x),
            Kind::Slice => self.slice(tape, x),
            Kind::Gather => self.gather(tape, x),
            Kind::Transpose => self.transpose_block(tape, x),
            Kind::Reshape => self.reshape_block(tape, x),
            Kind::DepthToSpace => self.depth_to_space(tape, x),
            Kind::Shuffle => self.shuffle(tape, x),
            Kind::Attention => self.attention(tape, x),
            Kind::Reduce => self.reduce(tape, x),
            Kind::QuantizerChain => self.quantizer_chain(tape, x),
        }
    }
}
