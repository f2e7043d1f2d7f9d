//! `qonnx-lower-shapes`: what depends on shapes alone is written out once they are known.

use super::{functions::operations, kinds};
use crate::eval::{EvalError, interpreter::Sliding, ops::conv::ConvParams};
use qonnx_dialect::{AutoPad, Builder, Op, OpKind, Reported, Value, options::QonnxLowerShapesOptions, qonnx};

/// Replaces every change of shape by a view, blocks by views and transposes, and computed padding by numbers.
///
/// # Errors
/// If a shape is dynamic: run `qonnx-infer-shapes` first.
pub fn run(module: Op<'_>, _: &QonnxLowerShapesOptions) -> Result<(), Reported> {
    for op in operations(module) {
        kinds::refuse_channels_last(op)?;
        let lowered = match op.kind() {
            OpKind::QonnxReshape | OpKind::QonnxFlatten | OpKind::QonnxSqueeze | OpKind::QonnxUnsqueeze => view(op)?,
            OpKind::QonnxDepthToSpace | OpKind::QonnxSpaceToDepth => blocks(op)?,
            OpKind::QonnxReduce => match without_empty_axes(op) {
                Some(result) => result,
                None => continue,
            },
            OpKind::QonnxConv | OpKind::QonnxConvTranspose | OpKind::QonnxMaxPool | OpKind::QonnxAveragePool => {
                match padded(op)? {
                    Some(result) => result,
                    None => continue,
                }
            }
            _ => continue,
        };
        op.replace(&[lowered]);
    }
    Ok(())
}

fn shape_of(op: Op<'_>, value: Value<'_>) -> Result<Vec<usize>, Reported> {
    let shape = value.tensor_type().and_then(|ty| ty.static_shape());
    shape.ok_or_else(|| op.error(format!("a shape is not known: {}; run qonnx-infer-shapes first", value.ty())))
}

fn view<'c>(op: Op<'c>) -> Result<Value<'c>, Reported> {
    let result = op.result(0);
    if result.tensor_type().and_then(|ty| ty.static_shape()).is_none() {
        return Err(op.error(format!("its shape is not known: {}; run qonnx-infer-shapes first", result.ty())));
    }
    Ok(qonnx::View::build(&Builder::before(op), op.operand(0), [result.ty()]).result())
}

/// A reduction whose list of axes is empty: of nothing, or of all axes. None for another.
fn without_empty_axes<'c>(op: Op<'c>) -> Option<Value<'c>> {
    let reduce = qonnx::Reduce::of(op)?;
    let is_empty = |axes: Value<'c>| axes.tensor_type().and_then(|ty| ty.element_count()) == Some(0);
    let (axes, noop) = (reduce.axes(), reduce.noop_with_empty_axes());
    match axes {
        Some(axes) if !is_empty(axes) => None,
        None if !noop => None,
        _ if noop => Some(reduce.x()),
        _ => {
            let (kind, x, keep, ty) = (reduce.reduction(), reduce.x(), reduce.keep_dims(), reduce.result().ty());
            Some(qonnx::Reduce::build(&Builder::before(op), kind, x, None, keep, false, [ty]).result())
        }
    }
}

/// View, transpose, view: blocks as axes of their own, moved to their place, joined with what is there.
fn blocks<'c>(op: Op<'c>) -> Result<Value<'c>, Reported> {
    let (x, result) = (op.operand(0), op.result(0));
    let shape = shape_of(op, x)?;
    let &[n, c, h, w] = shape.as_slice() else {
        return Err(op.error(format!("moves blocks of a tensor of rank 4, found rank {}", shape.len())));
    };
    let block = usize::try_from(op.i64_attribute("block")).unwrap_or(0).max(1);
    let depth = c / block / block;
    let (split, order): (_, [usize; 6]) = match qonnx::DepthToSpace::of(op) {
        Some(op) if op.column_row_depth() => ([n, depth, block, block, h, w], [0, 1, 4, 2, 5, 3]),
        Some(_) => ([n, block, block, depth, h, w], [0, 3, 4, 1, 5, 2]),
        None => ([n, c, h / block, block, w / block, block], [0, 3, 5, 1, 2, 4]),
    };
    let element = x.tensor_type().map(|ty| ty.element).ok_or_else(|| op.error("its element type is not known"))?;
    let builder = Builder::before(op);
    let apart = qonnx::View::build(&builder, x, [builder.tensor(element, &split)]).result();
    let moved: Vec<usize> = order.iter().filter_map(|axis| split.get(*axis).copied()).collect();
    let order = order.map(|axis| axis as i64);
    let moved = qonnx::Transpose::build(&builder, apart, &order, [builder.tensor(element, &moved)]).result();
    Ok(qonnx::View::build(&builder, moved, [result.ty()]).result())
}

/// The same window with its pads as numbers; None where they are numbers already.
///
/// # Errors
/// If a shape is dynamic, or the window does not fit.
pub fn padded<'c>(op: Op<'c>) -> Result<Option<Value<'c>>, Reported> {
    let computed = op.optional_i64_attribute("auto_pad") != Some(AutoPad::Notset.number());
    if !computed && op.i64s_attribute("output_shape").is_empty() {
        return Ok(None);
    }
    let x = shape_of(op, op.operand(0))?;
    let input = x.get(2..).unwrap_or_default();
    let wrong = |problem: EvalError| op.error(problem.to_string());
    let sliding = Sliding::of(op).map_err(wrong)?;
    let builder = Builder::before(op);
    if let Some(conv) = qonnx::Conv::of(op) {
        let w = shape_of(op, conv.w())?;
        return Ok(Some(with_pads(&builder, conv, &sliding.params(input, w.get(2..).unwrap_or_default()))));
    }
    if let Some(conv) = qonnx::ConvTranspose::of(op) {
        let w = shape_of(op, conv.w())?;
        let params = sliding.transposed_params(input, w.get(2..).unwrap_or_default()).map_err(wrong)?;
        return Ok(Some(transposed_with_pads(&builder, conv, &params)));
    }
    let kernel: Vec<usize> = op.i64s_attribute("kernel").into_iter().map(|k| k.max(0) as usize).collect();
    Ok(Some(pool_with_pads(&builder, op, &kernel, &sliding.params(input, &kernel))))
}

fn i64s(sizes: &[usize]) -> Vec<i64> {
    sizes.iter().map(|size| *size as i64).collect()
}

fn with_pads<'c>(builder: &Builder<'c>, conv: qonnx::Conv<'c>, params: &ConvParams) -> Value<'c> {
    let (x, w, bias, ty) = (conv.x(), conv.w(), conv.bias(), conv.result().ty());
    let (strides, pads, dilations) = (conv.strides(), i64s(&params.pads), conv.dilations());
    let notset = AutoPad::Notset;
    qonnx::Conv::build(
        builder,
        x,
        w,
        bias,
        &strides,
        &pads,
        &dilations,
        conv.group(),
        notset,
        conv.channels_last(),
        [ty],
    )
    .result()
}

fn transposed_with_pads<'c>(builder: &Builder<'c>, conv: qonnx::ConvTranspose<'c>, params: &ConvParams) -> Value<'c> {
    let op = qonnx::ConvTranspose::build(
        builder,
        conv.x(),
        conv.w(),
        conv.bias(),
        &conv.strides(),
        &i64s(&params.pads),
        &conv.dilations(),
        &conv.output_padding(),
        &[],
        conv.group(),
        AutoPad::Notset,
        conv.channels_last(),
        [conv.result().ty()],
    );
    op.result()
}

fn pool_with_pads<'c>(builder: &Builder<'c>, op: Op<'c>, kernel: &[usize], params: &ConvParams) -> Value<'c> {
    let (x, ty, kernel, pads) = (op.operand(0), op.result(0).ty(), i64s(kernel), i64s(&params.pads));
    let (strides, dilations) = (op.i64s_attribute("strides"), op.i64s_attribute("dilations"));
    let (ceil, notset) = (op.unit_attribute("ceil_mode"), AutoPad::Notset);
    if op.kind() == OpKind::QonnxMaxPool {
        return qonnx::MaxPool::build(builder, x, &kernel, &strides, &pads, &dilations, ceil, notset, false, [ty])
            .result();
    }
    let padded = op.unit_attribute("count_include_pad");
    qonnx::AveragePool::build(builder, x, &kernel, &strides, &pads, &dilations, ceil, padded, notset, false, [ty])
        .result()
}
