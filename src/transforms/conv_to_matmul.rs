//! `qonnx-conv-to-matmul`: convolutions that are matrix products.
//!
//! A kernel of one element mixes channels at each position; a kernel as large as its operand sees all of it once. Both
//! add the same products; in which order float32 adds them, the reference does not define for either.

use super::functions::of_kind;
use crate::eval::ops::layout::{channels_first, channels_last};
use qonnx_dialect::{AutoPad, Builder, Element, Op, OpKind, Reported, Value, options::QonnxConvToMatmulOptions, qonnx};

/// Replaces each convolution of these forms that has one group and neither padding nor a bias.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &QonnxConvToMatmulOptions) -> Result<(), Reported> {
    for conv in of_kind(module, OpKind::QonnxConv).filter_map(qonnx::Conv::of) {
        let Some(shapes) = Shapes::of(conv) else { continue };
        let result = if shapes.covers_operand(conv) {
            shapes.dense(conv)
        } else if shapes.is_pointwise(conv) {
            shapes.pointwise(conv)
        } else {
            continue;
        };
        conv.op().replace(&[result]);
    }
    Ok(())
}

/// What a convolution works on.
struct Shapes {
    element: Element,
    /// Samples, channels, spatial extents.
    x: Vec<usize>,
    /// Output channels, channels, kernel extents.
    w: Vec<usize>,
    y: Vec<usize>,
    /// Whether channels stand behind the spatial extents, in all three.
    channels_last: bool,
}

impl Shapes {
    /// None where a shape is not known, channels are in groups, or padding or a bias is added.
    fn of(conv: qonnx::Conv<'_>) -> Option<Self> {
        let padded = match conv.auto_pad() {
            AutoPad::Notset => conv.pads().iter().any(|pad| *pad != 0),
            AutoPad::Valid => false,
            AutoPad::SameUpper | AutoPad::SameLower => true,
        };
        if padded || conv.group() != 1 || conv.bias().is_some() {
            return None;
        }
        let shape = |value: Value<'_>| value.tensor_type()?.static_shape();
        let element = conv.x().tensor_type()?.element;
        let channels_last = conv.channels_last();
        Some(Self { element, x: shape(conv.x())?, w: shape(conv.w())?, y: shape(conv.result())?, channels_last })
    }

    fn covers_operand(&self, conv: qonnx::Conv<'_>) -> bool {
        self.spatial(&self.x) == self.spatial(&self.w) && conv.dilations().iter().all(|dilation| *dilation == 1)
    }

    fn is_pointwise(&self, conv: qonnx::Conv<'_>) -> bool {
        self.spatial(&self.w).iter().all(|extent| *extent == 1) && conv.strides().iter().all(|stride| *stride == 1)
    }

    fn spatial<'s>(&self, shape: &'s [usize]) -> &'s [usize] {
        let axes = if self.channels_last { 1..shape.len().saturating_sub(1) } else { 2..shape.len() };
        shape.get(axes).unwrap_or_default()
    }

    /// Everything of a sample is one row.
    fn dense<'c>(&self, conv: qonnx::Conv<'c>) -> Value<'c> {
        let builder = Builder::before(conv.op());
        let row = self.w.iter().skip(1).product();
        let (samples, outputs) = (self.extent(&self.x, 0), self.extent(&self.w, 0));
        let rows = self.view(&builder, conv.x(), &[samples, row]);
        let product = self.product(&builder, rows, conv.w(), &[samples, outputs]);
        self.view(&builder, product, &self.y)
    }

    /// The channels of a position are one row.
    fn pointwise<'c>(&self, conv: qonnx::Conv<'c>) -> Value<'c> {
        let builder = Builder::before(conv.op());
        if self.channels_last {
            return self.product(&builder, conv.x(), conv.w(), &self.y);
        }
        let (last, back) = (channels_last(self.x.len()), channels_first(self.x.len()));
        let rows = self.transpose(&builder, conv.x(), &self.x, &last);
        let product_shape = permuted(&self.y, &last);
        let product = self.product(&builder, rows, conv.w(), &product_shape);
        self.transpose(&builder, product, &product_shape, &back)
    }

    /// Rows times the weights, an output channel a column.
    fn product<'c>(&self, builder: &Builder<'c>, rows: Value<'c>, weights: Value<'c>, shape: &[usize]) -> Value<'c> {
        let matrix = [self.extent(&self.w, 0), self.w.iter().skip(1).product()];
        let columns = self.transpose(builder, self.view(builder, weights, &matrix), &matrix, &[1, 0]);
        qonnx::Matmul::build(builder, rows, columns, [builder.tensor(self.element, shape)]).result()
    }

    fn view<'c>(&self, builder: &Builder<'c>, x: Value<'c>, shape: &[usize]) -> Value<'c> {
        qonnx::View::build(builder, x, [builder.tensor(self.element, shape)]).result()
    }

    fn transpose<'c>(&self, builder: &Builder<'c>, x: Value<'c>, shape: &[usize], order: &[i64]) -> Value<'c> {
        let ty = builder.tensor(self.element, &permuted(shape, order));
        qonnx::Transpose::build(builder, x, order, [ty]).result()
    }

    fn extent(&self, shape: &[usize], axis: usize) -> usize {
        shape.get(axis).copied().unwrap_or(1)
    }
}

fn permuted(shape: &[usize], order: &[i64]) -> Vec<usize> {
    order.iter().filter_map(|axis| shape.get(usize::try_from(*axis).ok()?).copied()).collect()
}
