//! Constants, movement, selection.

use super::{
    ImportError,
    node::{Context, INT64, Node, element_of},
    tensors,
};
use crate::{
    eval::{
        Tensor,
        convert::{attribute_of, qonnx_constant},
    },
    onnx::quoted,
};
use qonnx_dialect::{Element, PadMode, Reduction, TensorType, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "Constant" => match constant(cx, node)? {
            Some(value) => value,
            None => return Ok(None),
        },
        "Reshape" => {
            let x = node.operand(0)?;
            let shape = cx.list(node, "shape", 1, 5)?.ok_or_else(|| node.error("has no shape"))?;
            let allow_zero = node.flag("allowzero", 0)?;
            qonnx::Reshape::build(&cx.builder, x, shape, allow_zero, [cx.like(x)]).result()
        }
        "Flatten" => {
            let x = node.operand(0)?;
            let axis = node.proto.int("axis")?.unwrap_or(1);
            qonnx::Flatten::build(&cx.builder, x, axis, [cx.like(x)]).result()
        }
        "Squeeze" => {
            let x = node.operand(0)?;
            let axes = cx.list(node, "axes", 1, 13)?;
            qonnx::Squeeze::build(&cx.builder, x, axes, [cx.like(x)]).result()
        }
        "Unsqueeze" => {
            let x = node.operand(0)?;
            let axes = cx.list(node, "axes", 1, 13)?.ok_or_else(|| node.error("has no axes"))?;
            qonnx::Unsqueeze::build(&cx.builder, x, Some(axes), [cx.like(x)]).result()
        }
        "Transpose" => transpose(cx, node)?,
        "Shape" => {
            let start = node.proto.int("start")?.unwrap_or(0);
            let end = node.proto.int("end")?;
            qonnx::Shape::build(&cx.builder, node.operand(0)?, start, end, [cx.unranked(INT64)]).result()
        }
        "Size" => {
            let shape = qonnx::Shape::build(&cx.builder, node.operand(0)?, 0, None, [cx.unranked(INT64)]).result();
            let ty = cx.unranked(INT64);
            qonnx::Reduce::build(&cx.builder, Reduction::Prod, shape, None, false, false, [ty]).result()
        }
        "Gather" => {
            let x = node.operand(0)?;
            let axis = node.proto.int("axis")?.unwrap_or(0);
            qonnx::Gather::build(&cx.builder, x, node.operand(1)?, axis, [cx.like(x)]).result()
        }
        "Concat" => {
            let inputs = node.all_operands()?;
            let axis = node.proto.int("axis")?.unwrap_or(1);
            qonnx::Concat::build(&cx.builder, &inputs, axis, [cx.like(node.operand(0)?)]).result()
        }
        "Slice" => slice(cx, node)?,
        "ArgMax" => arg_max(cx, node, node.operand(0)?)?,
        "Split" => return split(cx, node).map(Some),
        "Pad" => pad(cx, node)?,
        "DepthToSpace" => {
            let x = node.operand(0)?;
            let column_row_depth = is_column_row_depth(node)?;
            qonnx::DepthToSpace::build(&cx.builder, x, block_size(node)?, column_row_depth, false, [cx.like(x)])
                .result()
        }
        "SpaceToDepth" => space_to_depth(cx, node)?,
        "Expand" => {
            let x = node.operand(0)?;
            qonnx::Expand::build(&cx.builder, x, node.operand(1)?, [cx.like(x)]).result()
        }
        // Version 1 has a count and an axis.
        "Tile" if node.version >= 6 => {
            let x = node.operand(0)?;
            qonnx::Tile::build(&cx.builder, x, node.operand(1)?, [cx.like(x)]).result()
        }
        "ConstantOfShape" => constant_of_shape(cx, node)?,
        "Range" if element_of(node.operand(0)?).is_float() => match float_range(cx, node)? {
            Some(value) => value,
            None => return Ok(None),
        },
        "Range" => {
            let (start, limit, step) = (node.operand(0)?, node.operand(1)?, node.operand(2)?);
            qonnx::Range::build(&cx.builder, start, limit, step, [cx.like(start)]).result()
        }
        "Where" => {
            let (condition, a, b) = (node.operand(0)?, node.operand(1)?, node.operand(2)?);
            qonnx::Where::build(&cx.builder, condition, a, b, [cx.like(a)]).result()
        }
        "TopK" => return top_k(cx, node).map(Some),
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

/// A node's search, in x.
pub fn arg_max<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, x: Value<'c>) -> Result<Value<'c>, ImportError> {
    let axis = node.proto.int("axis")?.unwrap_or(0);
    let keep = node.flag("keepdims", 1)?;
    let last = node.flag("select_last_index", 0)?;
    Ok(qonnx::ArgMax::build(&cx.builder, x, axis, keep, last, [cx.unranked(INT64)]).result())
}

fn constant<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    if let Some(tensor) = node.proto.tensor("value")? {
        // The node's name says more than that of the tensor in it.
        let mut named = tensor.clone();
        named.name = Some(node.proto.output.first().cloned().unwrap_or_default());
        return tensors::constant(&cx.builder, &named, cx.directory).map(Some);
    }
    let vector = |values: &[f32]| Tensor::f32(&[values.len()], values.to_vec());
    let tensor = if let Some(value) = node.proto.float("value_float")? {
        Tensor::scalar(value)
    } else if let Some(value) = node.proto.int("value_int")? {
        Tensor::scalar_int(value)
    } else if let Some(values) = node.proto.floats("value_floats")? {
        vector(values).map_err(|problem| node.error(problem))?
    } else if let Some(values) = node.proto.ints("value_ints")? {
        Tensor::indices(values.to_vec())
    } else {
        return Ok(None);
    };
    Ok(Some(qonnx_constant(&cx.builder, &tensor)))
}

/// Without `perm` the axes are reversed, for which the rank must be known.
fn transpose<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let permutation = match node.proto.ints("perm")? {
        Some(permutation) => permutation.to_vec(),
        None => {
            let rank = x.tensor_type().and_then(|ty| ty.shape).map(|shape| shape.len());
            let rank = rank.ok_or_else(|| node.error("reverses axes, but the operand's rank is not known"))?;
            (0..rank as i64).rev().collect()
        }
    };
    Ok(qonnx::Transpose::build(&cx.builder, x, &permutation, [cx.like(x)]).result())
}

/// Bounds are attributes before version 10 and operands since.
fn slice<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let part = |name, operand| cx.list(node, name, operand, 10);
    let required = |name, operand| part(name, operand)?.ok_or_else(|| node.error(format!("has no {name}")));
    let (starts, ends) = (required("starts", 1)?, required("ends", 2)?);
    let (axes, steps) = (part("axes", 3)?, part("steps", 4)?);
    Ok(qonnx::Slice::build(&cx.builder, x, starts, ends, axes, steps, [cx.like(x)]).result())
}

/// Lengths are an attribute before version 13 (in version 1 perhaps an operand) and an operand since.
fn split<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Vec<Value<'c>>, ImportError> {
    let x = node.operand(0)?;
    let lengths = cx.list(node, "split", 1, 13)?.or_else(|| node.optional(1));
    let count = node.proto.output.len();
    if let Some(parts) = node.proto.int("num_outputs")?.filter(|parts| usize::try_from(*parts) != Ok(count)) {
        return Err(node.error(format!("num_outputs is {parts}, but it has {count} outputs")));
    }
    let axis = node.proto.int("axis")?.unwrap_or(0);
    Ok(qonnx::Split::build(&cx.builder, x, lengths, axis, &vec![cx.like(x); count]).op().results())
}

/// Pads and value are attributes before version 11 and operands since.
fn pad<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let name = if node.version < 2 { "paddings" } else { "pads" };
    let pads = cx.list(node, name, 1, 11)?.ok_or_else(|| node.error(format!("has no {name}")))?;
    let mode = match node.proto.string("mode")?.unwrap_or("constant") {
        "constant" => PadMode::Constant,
        "reflect" => PadMode::Reflect,
        "edge" => PadMode::Edge,
        "wrap" => PadMode::Wrap,
        other => {
            let words = "constant, reflect, edge or wrap";
            return Err(node.error(format!("mode is {}, expected {words}", quoted(other))));
        }
    };
    let value = match node.version {
        11.. => node.optional(2),
        _ => node.proto.float("value")?.filter(|value| *value != 0.0).map(|value| like_scalar(cx, x, value)),
    };
    let value = value.filter(|_| mode == PadMode::Constant);
    Ok(qonnx::Pad::build(&cx.builder, mode, x, pads, value, node.optional(3), [cx.like(x)]).result())
}

/// A float constant in the element type of `x`.
fn like_scalar<'c>(cx: &Context<'_, 'c>, x: Value<'c>, value: f32) -> Value<'c> {
    if element_of(x) == Element::F64 {
        return qonnx_constant(&cx.builder, &Tensor::F64(ndarray::arr0(f64::from(value)).into_dyn()));
    }
    cx.scalar(value)
}

fn block_size(node: &Node<'_, '_>) -> Result<i64, ImportError> {
    node.proto.int("blocksize")?.ok_or_else(|| node.error("has no blocksize"))
}

/// Which of the two orders the channels have: places in a block before depth, or depth first.
fn is_column_row_depth(node: &Node<'_, '_>) -> Result<bool, ImportError> {
    match node.proto.string("mode")?.unwrap_or("DCR") {
        "DCR" => Ok(false),
        "CRD" => Ok(true),
        other => Err(node.error(format!("mode is {}, expected DCR or CRD", quoted(other)))),
    }
}

/// With depth first the channels of the other order are permuted.
fn space_to_depth<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (x, block) = (node.operand(0)?, block_size(node)?);
    let result = qonnx::SpaceToDepth::build(&cx.builder, x, block, false, [cx.like(x)]).result();
    if !is_column_row_depth(node)? {
        return Ok(result);
    }
    let depth = node.channels(x)?;
    let side = usize::try_from(block).map_err(|_| node.error(format!("blocksize is {block}")))?;
    node.positions(&[depth, side, side])?;
    let (depth, places) = (depth as i64, block * block);
    let channels = (0..depth).flat_map(|channel| (0..places).map(move |place| place * depth + channel));
    Ok(cx.take(result, 1, &Tensor::indices(channels.collect())))
}

fn constant_of_shape<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (ty, value) = match node.proto.tensor("value")? {
        Some(tensor) => tensors::attribute(&cx.builder, tensor, cx.directory)?,
        None => (TensorType::new(Element::F32, &[]), attribute_of(&cx.builder, &Tensor::scalar(0.0))),
    };
    if ty.static_shape().is_none_or(|shape| shape.iter().product::<usize>() != 1) {
        return Err(node.error(format!("its value is a {ty}, expected one element")));
    }
    Ok(qonnx::ConstantOfShape::build(&cx.builder, node.operand(0)?, value, [cx.unranked(ty.element)]).result())
}

/// Each element is the one before it plus the step, rounded. None if an operand is not constant.
fn float_range<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let x = node.operand(0)?;
    let only = |index| Ok::<_, ImportError>(cx.known(node.operand(index)?).and_then(|value| value.only_value().ok()));
    let (Some(start), Some(limit), Some(step)) = (only(0)?, only(1)?, only(2)?) else { return Ok(None) };
    let is_double = element_of(x) == Element::F64;
    let rounded = |value: f64| if is_double { value } else { f64::from(value as f32) };
    let count = (rounded(limit - start) / step).ceil();
    if count.is_nan() {
        return Err(node.error("its step is 0"));
    }
    let count = node.positions(&[count.max(0.0) as usize])?;
    let values = std::iter::successors(Some(start), |value| Some(rounded(value + step))).take(count).collect();
    let tensor = Tensor::f64(&[count], values).map_err(|problem| node.error(problem))?;
    let tensor = if is_double { tensor } else { Tensor::F32(tensor.to_f32()) };
    Ok(Some(cx.constant(element_of(x), &tensor)))
}

fn top_k<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Vec<Value<'c>>, ImportError> {
    let x = node.operand(0)?;
    let k = if node.version < 10 {
        cx.indices(&[node.proto.int("k")?.ok_or_else(|| node.error("has no k"))?])
    } else {
        node.operand(1)?
    };
    let axis = node.proto.int("axis")?.unwrap_or(-1);
    let largest = node.flag("largest", 1)?;
    let op = qonnx::TopK::build(&cx.builder, x, k, axis, largest, [cx.like(x), cx.unranked(INT64)]);
    Ok(vec![op.values(), op.indices()])
}
