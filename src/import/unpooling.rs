//! Where the greatest elements of a MaxPool lie, and what turns windows back: MaxUnpool and Col2Im.

use super::{
    ImportError,
    indexing::array,
    node::{Context, INT64, Node, element_of},
    windows::{Window, kernel_of, max_pool},
};
use crate::eval::{IntType, Tensor, convert::int_type, interpreter::Sliding, ops::window::Window as Geometry};
use qonnx_dialect::{AutoPad, Element, PadMode, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    Ok(Some(match node.op_type() {
        "MaxPool" => max_pool_with_places(cx, node)?,
        "MaxUnpool" => vec![max_unpool(cx, node)?],
        "Col2Im" => vec![col2im(cx, node)?],
        _ => return Ok(None),
    }))
}

/// The greatest of each window is searched among elements gathered by constant indices; its place in the tensor
/// is a constant of the window and of what the search finds.
fn max_pool_with_places<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Vec<Value<'c>>, ImportError> {
    let x = node.operand(0)?;
    let shape = node.extents(x)?;
    if shape.len() < 3 {
        return Err(node.error(format!("pools over spatial axes, but the operand has rank {}", shape.len())));
    }
    let values = max_pool(cx, node)?;
    let kernel = kernel_of(node)?.iter().map(|extent| usize::try_from(*extent).unwrap_or(0)).collect::<Vec<_>>();
    let spatial = shape.get(2..).unwrap_or_default();
    let problem = |problem: crate::eval::EvalError| node.error(problem);
    let params = match values.defining_op() {
        Some(op) => Sliding::of(op).map_err(problem)?.params(spatial, &kernel),
        None => return Err(node.error("is no pool")),
    };
    let windows = Geometry::new(spatial, &kernel, &params, node.flag("ceil_mode", 0)?).map_err(problem)?;
    let (size, count) = (windows.size(), windows.count());
    let outside: usize = spatial.iter().product();
    node.positions(&[count, size])?;
    let sources = windows.sources();
    let mut rows = Vec::new();
    for window in 0..count {
        let row = (0..size).filter_map(|element| sources.get(element * count + window).copied());
        // Padding stands last, so that it is found only where there is nothing else.
        let (inside, padding): (Vec<_>, Vec<_>) = row.partition(Option::is_some);
        rows.extend(inside.into_iter().chain(padding).map(|source| source.unwrap_or(outside) as i64));
    }
    let column_major = node.flag("storage_order", 0)?;
    let places = rows.iter().map(|row| if column_major { transposed(*row, spatial) } else { *row }).collect();
    let table = Tensor::Int(IntType::I64, array(node, &[count * size], places)?);
    let found = search(cx, node, x, &Tensor::Int(IntType::I64, array(node, &[count, size], rows)?))?;
    let first = Tensor::indices((0..count).map(|window| (window * size) as i64).collect());
    let row = cx.add(found, cx.constant(INT64, &first));
    let within = qonnx::Gather::build(&cx.builder, cx.constant(INT64, &table), row, 0, [cx.unranked(INT64)]).result();
    let planes = shape.iter().take(2).product::<usize>();
    let starts = (0..planes).map(|plane| (plane * outside) as i64).collect();
    let starts = cx.int64s(node, &[shape[0], shape[1], 1], starts)?;
    let places = cx.add(within, starts);
    Ok(vec![values, cx.reshape_to(places, cx.shape(values))])
}

/// A place in row-major order in column-major order.
fn transposed(place: i64, shape: &[usize]) -> i64 {
    let mut rest = place;
    let mut indices: Vec<(i64, i64)> = Vec::new();
    for extent in shape.iter().rev() {
        let extent = (*extent).max(1) as i64;
        indices.push((rest % extent, extent));
        rest /= extent;
    }
    // The last axis is the slowest now.
    indices.into_iter().fold(0, |place, (index, extent)| place * extent + index)
}

/// Where the greatest of each row of elements stands in its row; a place behind all elements is padding.
fn search<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    x: Value<'c>,
    rows: &Tensor,
) -> Result<Value<'c>, ImportError> {
    let least = match int_type(element_of(x)) {
        Some(ty) => cx.constant(element_of(x), &Tensor::scalar_int(ty.min())),
        None => cx.scalar_like(x, f64::NEG_INFINITY),
    };
    let flat = cx.reshape(x, &[0, 0, -1]);
    let (pads, ty) = (cx.indices(&[0, 0, 0, 0, 0, 1]), cx.like(x));
    let padded = qonnx::Pad::build(&cx.builder, PadMode::Constant, flat, pads, Some(least), None, [ty]).result();
    let windows = cx.take(padded, 2, rows);
    node.positions(rows.shape())?;
    let ty = cx.unranked(INT64);
    Ok(qonnx::ArgMax::build(&cx.builder, windows, -1, false, false, [ty]).result())
}

/// Elements at the places that a MaxPool found, zeros elsewhere. Places count in the result as it is.
fn max_unpool<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (x, places) = (node.operand(0)?, node.operand(1)?);
    let shape = node.extents(x)?;
    let target: Vec<usize> = match node.optional(2) {
        Some(_) => {
            let extents = cx.fixed(node, 2, "extents")?.to_i64_vec().map_err(|problem| node.error(problem))?;
            extents.iter().map(|extent| usize::try_from(*extent).unwrap_or(usize::MAX)).collect()
        }
        None => {
            let kernel = kernel_of(node)?;
            let Window { strides, pads, .. } = Window::of(node, kernel.len())?;
            let extent = |(axis, extent): (usize, &usize)| {
                let at = |list: &[i64], index: usize| list.get(index).copied().unwrap_or(0);
                let pads = at(&pads, axis).saturating_add(at(&pads, axis + kernel.len()));
                let start = (*extent as i64 - 1).saturating_mul(at(&strides, axis));
                usize::try_from(start.saturating_add(at(&kernel, axis)).saturating_sub(pads)).unwrap_or(usize::MAX)
            };
            let spatial = shape.iter().skip(2).enumerate().map(extent);
            shape.iter().take(2).copied().chain(spatial).collect()
        }
    };
    let count = node.positions(&target)?;
    let empty = match element_of(x) {
        Element::Int { .. } => Tensor::indices(vec![0; count]),
        _ => Tensor::f32(&[count], vec![0.0; count]).map_err(|problem| node.error(problem))?,
    };
    let empty = cx.constant(element_of(x), &empty);
    let target: Vec<i64> = target.iter().map(|extent| *extent as i64).collect();
    Ok(cx.reshape(cx.scatter(empty, places, x), &target))
}

impl<'c> Context<'_, 'c> {
    /// A vector with `updates` in the places of `indices`, each of any shape.
    pub fn scatter(&self, x: Value<'c>, indices: Value<'c>, updates: Value<'c>) -> Value<'c> {
        let (indices, updates) = (self.reshape(indices, &[-1]), self.reshape(updates, &[-1]));
        qonnx::Scatter::build(&self.builder, x, indices, updates, [self.like(x)]).result()
    }
}

/// The sum of overlapping blocks is a transposed convolution, each kernel of which has a single one: linear,
/// whatever the blocks.
fn col2im<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let list = |index, what| {
        let list = cx.fixed(node, index, what)?.to_i64_vec().map_err(|problem| node.error(problem))?;
        let sizes = list.iter().map(|extent| usize::try_from(*extent).ok().filter(|extent| *extent > 0));
        let sizes = sizes.collect::<Option<Vec<usize>>>();
        sizes.ok_or_else(|| node.error(format!("its {what} are {list:?}, expected positive numbers")))
    };
    let (image, block) = (list(1, "extents")?, list(2, "block's extents")?);
    let Window { strides, pads, dilations, .. } = Window::of(node, image.len())?;
    let size = node.positions(&block)?;
    let channels = node.channels(x)? / size.max(1);
    let mut counts = vec![0, (channels * size) as i64];
    let mut rest = Vec::new();
    for (axis, (extent, kernel)) in image.iter().zip(&block).enumerate() {
        let at = |list: &[i64], index: usize| list.get(index).copied().unwrap_or(1).clamp(0, 1 << 24);
        let reach = at(&dilations, axis) * (*kernel as i64 - 1) + 1;
        let room = *extent as i64 + at(&pads, axis) + at(&pads, axis + image.len()) - reach;
        if room < 0 || at(&strides, axis) == 0 || block.len() != image.len() {
            return Err(node.error(format!("a block of {block:?} does not fit an image of {image:?}")));
        }
        counts.push(room / at(&strides, axis) + 1);
        rest.push(room % at(&strides, axis));
    }
    node.positions(&[channels, size, size])?;
    let one = |index: usize| if index / size % size == index % size { 1.0 } else { 0.0 };
    let kernels =
        Tensor::f32(&[&[channels * size, 1], &block[..]].concat(), (0..channels * size * size).map(one).collect());
    let kernels = kernels.map_err(|problem| node.error(problem))?;
    let kernels = match element_of(x) {
        Element::F32 => cx.exact_weights(&kernels),
        element => cx.constant(element, &kernels),
    };
    let (blocks, group) = (cx.reshape(x, &counts), channels as i64);
    let op = qonnx::ConvTranspose::build(
        &cx.builder,
        blocks,
        kernels,
        None,
        &strides,
        &pads,
        &dilations,
        &rest,
        &[],
        group,
        AutoPad::Notset,
        false,
        [cx.like(x)],
    );
    Ok(op.result())
}
