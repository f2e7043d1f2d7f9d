//! Convolutions, pools, reductions.

use super::{
    ImportError, channels_last,
    node::{Context, Node},
};
use qonnx_dialect::{AutoPad, Reduction, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "Conv" => conv(cx, node)?,
        "ConvTranspose" => conv_transpose(cx, node)?,
        "MaxPool" if !node.uses_output(1) => max_pool(cx, node)?,
        "AveragePool" => average_pool(cx, node, node.operand(0)?)?,
        "GlobalAveragePool" => global_pool(cx, node, Reduction::Mean)?,
        "GlobalMaxPool" => global_pool(cx, node, Reduction::Max)?,
        "ReduceSum" => reduce(cx, node, node.operand(0)?, Reduction::Sum, 13)?,
        "ReduceMean" => reduce(cx, node, node.operand(0)?, Reduction::Mean, 18)?,
        "ReduceMax" => reduce(cx, node, node.operand(0)?, Reduction::Max, 18)?,
        "ReduceMin" => reduce(cx, node, node.operand(0)?, Reduction::Min, 18)?,
        "ReduceProd" => reduce(cx, node, node.operand(0)?, Reduction::Prod, 18)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

/// What convolutions and pools have in common, an entry (of `pads`, two) a spatial axis.
pub struct Window {
    pub strides: Vec<i64>,
    pub pads: Vec<i64>,
    pub dilations: Vec<i64>,
    pub auto_pad: AutoPad,
}

impl Window {
    /// With ones and zeros for lists that are absent. Padding that is computed makes a list
    /// of pads meaningless.
    pub fn of(node: &Node<'_, '_>, spatial: usize) -> Result<Self, ImportError> {
        let auto_pad = auto_pad(node)?;
        let pads = if auto_pad == AutoPad::Notset { list(node, "pads", 2 * spatial, 0)? } else { vec![0; 2 * spatial] };
        Ok(Self {
            strides: list(node, "strides", spatial, 1)?,
            pads,
            dilations: list(node, "dilations", spatial, 1)?,
            auto_pad,
        })
    }
}

fn list(node: &Node<'_, '_>, name: &str, length: usize, default: i64) -> Result<Vec<i64>, ImportError> {
    Ok(node.proto.ints(name)?.map_or_else(|| vec![default; length], <[i64]>::to_vec))
}

/// How the node's padding is found.
pub fn auto_pad(node: &Node<'_, '_>) -> Result<AutoPad, ImportError> {
    Ok(match node.proto.string("auto_pad")?.unwrap_or_default() {
        "" | "NOTSET" => AutoPad::Notset,
        "SAME_UPPER" => AutoPad::SameUpper,
        "SAME_LOWER" => AutoPad::SameLower,
        "VALID" => AutoPad::Valid,
        other => {
            let words = "NOTSET, SAME_UPPER, SAME_LOWER or VALID";
            return Err(node.error(format!("auto_pad is {}, expected {words}", crate::onnx::quoted(other))));
        }
    })
}

/// The spatial axes of a convolution: those of its weights, which `kernel_shape` repeats.
pub fn spatial_rank(node: &Node<'_, '_>, weights: Value<'_>) -> Result<usize, ImportError> {
    let shape = weights.tensor_type().and_then(|ty| ty.shape);
    let kernel_shape = node.proto.ints("kernel_shape")?;
    let Some(shape) = shape else {
        let kernel_shape = kernel_shape.ok_or_else(|| node.error("the rank of its weights is not known"))?;
        return Ok(kernel_shape.len());
    };
    let spatial = if node.domain() == channels_last::DOMAIN { 1..shape.len().max(2) - 1 } else { 2..shape.len() };
    let kernel = shape.get(spatial).unwrap_or_default();
    if kernel.is_empty() {
        return Err(node.error(format!("its weights have rank {}, expected 3 or more", shape.len())));
    }
    let fits = |(extent, declared): (&Option<usize>, &i64)| extent.is_none_or(|extent| extent as i64 == *declared);
    match kernel_shape {
        Some(declared) if declared.len() != kernel.len() || !kernel.iter().zip(declared).all(fits) => {
            Err(node.error(format!("kernel_shape is {declared:?}, but its weights have the shape {shape:?}")))
        }
        _ => Ok(kernel.len()),
    }
}

fn conv<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (x, w) = (node.operand(0)?, node.operand(1)?);
    convolution(cx, node, [x, w], node.optional(2), spatial_rank(node, w)?)
}

/// A convolution of these operands, over this many spatial axes, with the node's attributes.
pub fn convolution<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    [x, w]: [Value<'c>; 2],
    bias: Option<Value<'c>>,
    spatial: usize,
) -> Result<Value<'c>, ImportError> {
    let Window { strides, pads, dilations, auto_pad } = Window::of(node, spatial)?;
    let group = node.proto.int("group")?.unwrap_or(1);
    let ty = cx.like(x);
    Ok(qonnx::Conv::build(&cx.builder, x, w, bias, &strides, &pads, &dilations, group, auto_pad, false, [ty]).result())
}

fn conv_transpose<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (x, w) = (node.operand(0)?, node.operand(1)?);
    let spatial = spatial_rank(node, w)?;
    let Window { strides, pads, dilations, auto_pad } = Window::of(node, spatial)?;
    let padding = list(node, "output_padding", spatial, 0)?;
    // Some exporters list samples and channels, too.
    let shape = node.proto.ints("output_shape")?.unwrap_or_default();
    let shape = if shape.len() == spatial + 2 { shape.get(2..).unwrap_or_default() } else { shape };
    let (bias, group) = (node.optional(2), node.proto.int("group")?.unwrap_or(1));
    let op = qonnx::ConvTranspose::build(
        &cx.builder,
        x,
        w,
        bias,
        &strides,
        &pads,
        &dilations,
        &padding,
        shape,
        group,
        auto_pad,
        false,
        [cx.like(x)],
    );
    Ok(op.result())
}

/// The extents of the node's window.
pub fn kernel_of(node: &Node<'_, '_>) -> Result<Vec<i64>, ImportError> {
    node.proto.ints("kernel_shape")?.map(<[i64]>::to_vec).ok_or_else(|| node.error("has no kernel_shape"))
}

/// A pool of greatest elements with the node's attributes.
pub fn max_pool<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (x, kernel) = (node.operand(0)?, kernel_of(node)?);
    let Window { strides, pads, dilations, auto_pad } = Window::of(node, kernel.len())?;
    let ceil = node.flag("ceil_mode", 0)?;
    let ty = cx.like(x);
    Ok(qonnx::MaxPool::build(&cx.builder, x, &kernel, &strides, &pads, &dilations, ceil, auto_pad, false, [ty])
        .result())
}

/// An average pool of `x` with the node's attributes.
pub fn average_pool<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, x: Value<'c>) -> Result<Value<'c>, ImportError> {
    let kernel = kernel_of(node)?;
    let Window { strides, pads, dilations, auto_pad } = Window::of(node, kernel.len())?;
    let (ceil, padded) = (node.flag("ceil_mode", 0)?, node.flag("count_include_pad", 0)?);
    let ty = cx.like(x);
    let op = qonnx::AveragePool::build(
        &cx.builder,
        x,
        &kernel,
        &strides,
        &pads,
        &dilations,
        ceil,
        padded,
        auto_pad,
        false,
        [ty],
    );
    Ok(op.result())
}

/// Over all axes but samples and channels.
fn global_pool<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, kind: Reduction) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let rank = node.rank(x)?;
    if rank < 3 {
        return Err(node.error(format!("pools over spatial axes, but the operand has rank {rank}")));
    }
    let axes: Vec<i64> = (2..rank as i64).collect();
    Ok(cx.reduce(kind, x, &axes, true))
}

/// A node's reduction, applied to x. Axes are an attribute before version `since` and an operand since.
pub fn reduce<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    x: Value<'c>,
    kind: Reduction,
    since: i64,
) -> Result<Value<'c>, ImportError> {
    let axes = cx.list(node, "axes", 1, since)?;
    let keep = node.flag("keepdims", 1)?;
    let noop = node.version >= since && node.flag("noop_with_empty_axes", 0)?;
    Ok(qonnx::Reduce::build(&cx.builder, kind, x, axes, keep, noop, [cx.like(x)]).result())
}
