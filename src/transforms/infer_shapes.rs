//! `qonnx-infer-shapes`: static types for all values.

use super::functions::{functions, retype};
use crate::eval::{
    Tensor,
    convert::tensor_of,
    evaluate,
    ops::{broadcast::broadcast_shape, layout},
};
use qonnx_dialect::{Element, Op, OpKind, Reported, TensorType, Value, options::QonnxInferShapesOptions, qonnx};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

type Dims = Vec<Option<usize>>;

/// Values up to this size are followed at compile time: shapes, axes, bounds.
const SMALL: usize = 1024;

/// Infers each function; see the pass's description.
///
/// # Errors
/// At the first operation whose operands contradict it or whose shape stays unknown.
pub fn run(module: Op<'_>, options: &QonnxInferShapesOptions) -> Result<(), Reported> {
    let batch = usize::try_from(options.batch_size).ok().filter(|size| *size > 0);
    let Some(batch) = batch else {
        return Err(module.error(format!("batch-size is {}, expected at least 1", options.batch_size)));
    };
    for function in functions(module) {
        for argument in function.arguments() {
            set_batch(argument, batch, function);
        }
        let mut inference = Inference::default();
        for op in function.body() {
            inference.infer(op).map_err(|problem| op.error(problem))?;
            for result in op.results() {
                if result.tensor_type().is_some_and(|ty| ty.static_shape().is_none()) {
                    return Err(op.error(format!("the shape of its result is not known: {}", result.ty())));
                }
            }
        }
        retype(function);
    }
    Ok(())
}

fn set_batch(argument: Value<'_>, batch: usize, function: Op<'_>) {
    let Some(ty) = argument.tensor_type() else { return };
    let Some(shape) = &ty.shape else { return };
    let fixed: Vec<usize> = shape.iter().map(|dim| dim.unwrap_or(batch)).collect();
    argument.set_type(TensorType::new(ty.element, &fixed).to_type(function.context()));
}

/// Infers operations in order, following small values as it goes.
#[derive(Default)]
pub struct Inference<'c> {
    known: HashMap<Value<'c>, Rc<Tensor>>,
    seen: HashSet<Op<'c>>,
}

impl<'c> Inference<'c> {
    /// Whether an operation was inferred already.
    pub fn has_seen(&self, op: Op<'c>) -> bool {
        self.seen.contains(&op)
    }

    /// Refines the result types of an operation whose operands were inferred.
    ///
    /// # Errors
    /// If the operands do not fit, or a type contradicts the inferred one.
    pub fn infer(&mut self, op: Op<'c>) -> Result<(), String> {
        self.seen.insert(op);
        if op.kind() == OpKind::Other {
            return Ok(());
        }
        for (result, inferred) in op.results().into_iter().zip(self.types(op)?) {
            refine(op, result, inferred)?;
        }
        self.follow(op);
        Ok(())
    }

    /// Remembers the value of a small result whose operands are known.
    fn follow(&mut self, op: Op<'c>) {
        let Some(result) = op.results().first().copied() else { return };
        let small = |ty: TensorType| ty.static_shape().is_some_and(|shape| shape.iter().product::<usize>() <= SMALL);
        if !result.tensor_type().is_some_and(small) {
            return;
        }
        let value = match op.kind() {
            OpKind::QonnxConstant => op.attribute("value").and_then(|value| tensor_of(value).ok()),
            OpKind::QonnxShape => self.shape_value(op),
            OpKind::QonnxOnnx => None,
            _ => {
                let operands: Option<Vec<_>> = op.operands().iter().map(|operand| self.known.get(operand)).collect();
                operands.and_then(|known| {
                    let tensors: Vec<&Tensor> = known.into_iter().map(Rc::as_ref).collect();
                    evaluate(op, &tensors).ok()?.into_iter().next()
                })
            }
        };
        if let Some(value) = value {
            self.known.insert(result, Rc::new(value));
        }
    }

    fn shape_value(&self, op: Op<'c>) -> Option<Tensor> {
        let shape = op.operand(0).tensor_type()?.static_shape()?;
        let dims: Vec<i64> = shape.iter().map(|dim| *dim as i64).collect();
        let range = shape_range(op, dims.len());
        Some(Tensor::indices(dims.get(range)?.to_vec()))
    }

    fn known_i64s(&self, value: Value<'c>) -> Option<Vec<i64>> {
        self.known.get(&value)?.to_i64_vec().ok()
    }

    /// The inferred types of the results.
    fn types(&self, op: Op<'c>) -> Result<Vec<TensorType>, String> {
        let element = |index: usize| op.operand(index).tensor_type().map_or(Element::F32, |ty| ty.element);
        let dims = |index: usize| op.operand(index).tensor_type().and_then(|ty| ty.shape);
        let declared = |index: usize| op.result(index).tensor_type().map_or(Element::F32, |ty| ty.element);
        let one = |element: Element, shape: Option<Dims>| Ok(vec![TensorType { element, shape }]);
        match op.kind() {
            OpKind::QonnxConstant | OpKind::QonnxOnnx | OpKind::QonnxView => self.declared(op),
            kind if kind.is_hls() => self.declared(op),
            OpKind::QonnxMatmul => one(element(0), matmul(dims(0), dims(1))?),
            OpKind::QonnxGemm => one(element(0), gemm(op, dims(0), dims(1))?),
            OpKind::QonnxReshape => one(element(0), self.reshape(op, dims(0))?),
            OpKind::QonnxFlatten => one(element(0), flatten(dims(0), op.i64_attribute("axis"))?),
            OpKind::QonnxSqueeze => one(element(0), self.squeeze(op, dims(0))?),
            OpKind::QonnxUnsqueeze => one(element(0), self.unsqueeze(op, dims(0))?),
            OpKind::QonnxTranspose => one(element(0), transpose(dims(0), &op.i64s_attribute("permutation"))?),
            OpKind::QonnxShape => {
                let length = dims(0).map(|dims| vec![Some(shape_range(op, dims.len()).len())]);
                one(declared(0), length.or(Some(vec![None])))
            }
            OpKind::QonnxGather => one(element(0), self.gather(op, dims(0), dims(1))?),
            OpKind::QonnxConcat => one(element(0), concat(op)?),
            OpKind::QonnxSlice => one(element(0), self.slice(op, dims(0))?),
            OpKind::QonnxArgMax => one(declared(0), arg_max(op, dims(0))?),
            OpKind::QonnxTopK => self.top_k(op, dims(0)),
            OpKind::QonnxMultiThreshold | OpKind::QonnxCountThresholds => {
                one(declared(0), multi_threshold(op, dims(0), dims(1))?)
            }
            OpKind::QonnxUnscale | OpKind::QonnxQuant | OpKind::QonnxBipolarQuant => {
                one(declared(0), self.broadcast(op)?)
            }
            OpKind::QonnxQuantizeLinear
            | OpKind::QonnxDequantizeLinear
            | OpKind::QonnxBatchNormalization
            | OpKind::QonnxCast
            | OpKind::QonnxClip
            | OpKind::QonnxQuantize
            | OpKind::QonnxBinarize => one(declared(0), dims(0)),
            // What is left is elementwise.
            _ => one(declared(0), self.broadcast(op)?),
        }
    }

    fn declared(&self, op: Op<'c>) -> Result<Vec<TensorType>, String> {
        let known =
            |value: Value<'c>| value.tensor_type().ok_or_else(|| format!("{} is no known tensor type", value.ty()));
        op.results().into_iter().map(known).collect()
    }

    fn broadcast(&self, op: Op<'c>) -> Result<Option<Dims>, String> {
        let mut result: Option<Dims> = Some(Vec::new());
        for operand in broadcast_operands(op) {
            let dims = operand.tensor_type().and_then(|ty| ty.shape);
            result = match (result, dims) {
                (Some(a), Some(b)) => Some(broadcast_dims(&a, &b)?),
                _ => None,
            };
        }
        Ok(result)
    }

    fn reshape(&self, op: Op<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let Some(target) = self.known_i64s(op.operand(1)) else { return Ok(None) };
        let allow_zero = op.unit_attribute("allow_zero");
        if let Some(shape) = fixed(&dims) {
            let shape = layout::reshaped(&shape, &target, allow_zero).map_err(|problem| problem.to_string())?;
            return Ok(Some(shape.into_iter().map(Some).collect()));
        }
        if target.iter().filter(|dim| **dim == -1).count() > 1 {
            return Err(format!("shape {target:?} leaves more than one dimension open"));
        }
        let dim = |(index, size): (usize, &i64)| match size {
            0 if !allow_zero => dims.as_ref().and_then(|dims| dims.get(index).copied().flatten()),
            size => usize::try_from(*size).ok(),
        };
        Ok(Some(target.iter().enumerate().map(dim).collect()))
    }

    fn squeeze(&self, op: Op<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let Some(dims) = dims else { return Ok(None) };
        if op.operand_count() < 2 {
            let known = dims.iter().all(Option::is_some);
            return Ok(known.then(|| dims.into_iter().filter(|dim| *dim != Some(1)).collect()));
        }
        let Some(axes) = self.known_i64s(op.operand(1)) else { return Ok(None) };
        let axes = layout::axis_indices(&axes, dims.len()).map_err(|problem| problem.to_string())?;
        if let Some(axis) = axes.iter().find(|axis| dims[**axis].is_some_and(|dim| dim != 1)) {
            return Err(format!(
                "axis {axis} has {:?} elements, only an axis of 1 can be squeezed",
                dims[*axis].unwrap_or(0)
            ));
        }
        Ok(Some(dims.into_iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, dim)| dim).collect()))
    }

    fn unsqueeze(&self, op: Op<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let axes = if op.operand_count() > 1 { self.known_i64s(op.operand(1)) } else { None };
        let (Some(dims), Some(axes)) = (dims, axes) else { return Ok(None) };
        let rank = dims.len() + axes.len();
        let mut axes = layout::axis_indices(&axes, rank).map_err(|problem| problem.to_string())?;
        axes.sort_unstable();
        let mut result = dims;
        for axis in axes {
            result.insert(axis.min(result.len()), Some(1));
        }
        Ok(Some(result))
    }

    fn gather(&self, op: Op<'c>, x: Option<Dims>, indices: Option<Dims>) -> Result<Option<Dims>, String> {
        let (Some(x), Some(indices)) = (x, indices) else { return Ok(None) };
        let axis = layout::axis_index(op.i64_attribute("axis"), x.len()).map_err(|problem| problem.to_string())?;
        if let (Some(extent), Some(values)) = (x[axis], self.known_i64s(op.operand(1))) {
            let extent = extent as i64;
            if let Some(index) = values.iter().find(|index| **index < -extent || **index >= extent) {
                return Err(format!("index {index} is outside axis {axis} of {extent} elements"));
            }
        }
        let mut result = x;
        result.splice(axis..=axis, indices);
        Ok(Some(result))
    }

    fn slice(&self, op: Op<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let slice = qonnx::Slice::of(op).ok_or("is no slice")?;
        let (Some(shape), Some(starts), Some(ends)) =
            (fixed(&dims), self.known_i64s(slice.starts()), self.known_i64s(slice.ends()))
        else {
            return Ok(dims.map(|dims| vec![None; dims.len()]));
        };
        let list = |value: Option<Value<'c>>| match value {
            Some(value) => self.known_i64s(value).map(Some).ok_or("axes and steps must be constant"),
            None => Ok(None),
        };
        let (axes, steps) = (list(slice.axes())?, list(slice.steps())?);
        let shape = slice_shape(&shape, &starts, &ends, axes.as_deref(), steps.as_deref())?;
        Ok(Some(shape.into_iter().map(Some).collect()))
    }

    fn top_k(&self, op: Op<'c>, dims: Option<Dims>) -> Result<Vec<TensorType>, String> {
        let mut types = self.declared(op)?;
        let (Some(mut dims), Some(k)) = (dims, self.known_i64s(op.operand(1))) else { return Ok(types) };
        let axis = layout::axis_index(op.i64_attribute("axis"), dims.len()).map_err(|problem| problem.to_string())?;
        let k = k.first().and_then(|k| usize::try_from(*k).ok()).ok_or("k is no positive number")?;
        if dims[axis].is_some_and(|extent| k > extent) {
            return Err(format!("wants the {k} largest of {} elements", dims[axis].unwrap_or(0)));
        }
        dims[axis] = Some(k);
        for ty in &mut types {
            ty.shape = Some(dims.clone());
        }
        Ok(types)
    }
}

/// The operands that broadcast against each other: a quantizer's width does not.
fn broadcast_operands(op: Op<'_>) -> Vec<Value<'_>> {
    let count = if op.kind() == OpKind::QonnxQuant { 3 } else { op.operand_count() };
    op.operands().into_iter().take(count).collect()
}

/// Gives a result the inferred type where that says more, and refuses a contradiction.
fn refine(op: Op<'_>, result: Value<'_>, inferred: TensorType) -> Result<(), String> {
    let Some(declared) = result.tensor_type() else { return Ok(()) };
    let Some(shape) = &inferred.shape else { return Ok(()) };
    if let Some(old) = &declared.shape {
        let agree =
            old.len() == shape.len() && old.iter().zip(shape).all(|(a, b)| a.is_none() || b.is_none() || a == b);
        if !agree {
            return Err(format!("its result is declared as {declared}, but has type {inferred}"));
        }
        let merged = old.iter().zip(shape).map(|(a, b)| a.or(*b)).collect();
        let ty = TensorType { element: declared.element, shape: Some(merged) };
        result.set_type(ty.to_type(op.context()));
    } else {
        result.set_type(TensorType { element: declared.element, ..inferred }.to_type(op.context()));
    }
    Ok(())
}

fn fixed(dims: &Option<Dims>) -> Option<Vec<usize>> {
    dims.as_ref()?.iter().copied().collect()
}

fn broadcast_dims(a: &Dims, b: &Dims) -> Result<Dims, String> {
    if let (Some(a), Some(b)) = (fixed(&Some(a.clone())), fixed(&Some(b.clone()))) {
        let shape = broadcast_shape(&a, &b).map_err(|problem| problem.to_string())?;
        return Ok(shape.into_iter().map(Some).collect());
    }
    let rank = a.len().max(b.len());
    let at = |dims: &Dims, axis: usize| (axis + dims.len()).checked_sub(rank).map_or(Some(1), |i| dims[i]);
    let dim = |axis| match (at(a, axis), at(b, axis)) {
        (Some(1), other) | (other, Some(1)) => other,
        (Some(size), _) | (_, Some(size)) => Some(size),
        _ => None,
    };
    Ok((0..rank).map(dim).collect())
}

/// numpy's matmul; inner dimensions were checked by the verifier.
fn matmul(a: Option<Dims>, b: Option<Dims>) -> Result<Option<Dims>, String> {
    let (Some(mut a), Some(mut b)) = (a, b) else { return Ok(None) };
    let (row, column) = (a.len() == 1, b.len() == 1);
    if row {
        a.insert(0, Some(1));
    }
    if column {
        b.push(Some(1));
    }
    let ([batch_a @ .., m, k], [batch_b @ .., l, n]) = (a.as_slice(), b.as_slice()) else {
        return Err("multiplies matrices, but an operand is a scalar".into());
    };
    if let (Some(k), Some(l)) = (k, l)
        && k != l
    {
        return Err(format!("contracts {k} columns of the left with {l} rows of the right operand"));
    }
    let mut result = broadcast_dims(&batch_a.to_vec(), &batch_b.to_vec())?;
    result.extend((!row).then_some(*m));
    result.extend((!column).then_some(*n));
    Ok(Some(result))
}

fn gemm(op: Op<'_>, a: Option<Dims>, b: Option<Dims>) -> Result<Option<Dims>, String> {
    let (Some(mut a), Some(mut b)) = (a, b) else { return Ok(None) };
    if a.len() != 2 || b.len() != 2 {
        return Err(format!("multiplies matrices, but the operands have ranks {} and {}", a.len(), b.len()));
    }
    if op.unit_attribute("trans_a") {
        a.reverse();
    }
    if op.unit_attribute("trans_b") {
        b.reverse();
    }
    let product = matmul(Some(a), Some(b))?;
    if let (Some(addend), Some(product)) = (op.operands().get(2), &product) {
        let addend = addend.tensor_type().and_then(|ty| ty.shape).unwrap_or_default();
        if broadcast_dims(product, &addend)?.len() != 2 {
            return Err("the addend does not broadcast to the product".into());
        }
    }
    Ok(product)
}

fn flatten(dims: Option<Dims>, axis: i64) -> Result<Option<Dims>, String> {
    let Some(dims) = dims else { return Ok(Some(vec![None, None])) };
    let rank = dims.len() as i64;
    let split = if axis < 0 { axis + rank } else { axis };
    let split = usize::try_from(split).ok().filter(|split| *split <= dims.len());
    let split = split.ok_or_else(|| format!("axis {axis} is outside a tensor of rank {rank}"))?;
    let size = |part: &[Option<usize>]| part.iter().copied().product::<Option<usize>>();
    let (outer, inner) = dims.split_at(split);
    Ok(Some(vec![size(outer), size(inner)]))
}

fn transpose(dims: Option<Dims>, permutation: &[i64]) -> Result<Option<Dims>, String> {
    let Some(dims) = dims else { return Ok(Some(vec![None; permutation.len()])) };
    let axis = |axis: &i64| usize::try_from(*axis).ok().and_then(|axis| dims.get(axis).copied());
    let result: Option<Dims> = permutation.iter().map(axis).collect();
    let result = result.filter(|result| result.len() == dims.len());
    result.map(Some).ok_or_else(|| format!("permutation {permutation:?} does not fit a tensor of rank {}", dims.len()))
}

fn concat(op: Op<'_>) -> Result<Option<Dims>, String> {
    let shapes: Option<Vec<Dims>> =
        op.operands().iter().map(|operand| operand.tensor_type().and_then(|ty| ty.shape)).collect();
    let Some(shapes) = shapes else { return Ok(None) };
    let mut result = shapes.first().cloned().unwrap_or_default();
    let axis = layout::axis_index(op.i64_attribute("axis"), result.len()).map_err(|problem| problem.to_string())?;
    for shape in &shapes[1..] {
        if shape.len() != result.len() {
            return Err(format!("joins tensors of ranks {} and {}", result.len(), shape.len()));
        }
        for (index, (a, b)) in result.iter_mut().zip(shape).enumerate() {
            match (index == axis, *a, *b) {
                (true, Some(x), Some(y)) => *a = Some(x + y),
                (true, ..) => *a = None,
                (false, Some(x), Some(y)) if x != y => {
                    return Err(format!("joins {x} and {y} elements on axis {index}"));
                }
                (false, x, y) => *a = x.or(y),
            }
        }
    }
    Ok(Some(result))
}

fn slice_shape(
    shape: &[usize],
    starts: &[i64],
    ends: &[i64],
    axes: Option<&[i64]>,
    steps: Option<&[i64]>,
) -> Result<Vec<usize>, String> {
    // A tensor of one byte an element costs little; the evaluator knows the rules.
    let probe = Tensor::Int(crate::eval::IntType::BOOL, ndarray::ArrayD::zeros(shape.to_vec()));
    let result = crate::eval::ops::select::slice(&probe, starts, ends, axes, steps);
    result.map(|tensor| tensor.shape().to_vec()).map_err(|problem| problem.to_string())
}

fn arg_max(op: Op<'_>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
    let Some(mut dims) = dims else { return Ok(None) };
    let axis = layout::axis_index(op.i64_attribute("axis"), dims.len()).map_err(|problem| problem.to_string())?;
    if op.unit_attribute("keep_dims") {
        dims[axis] = Some(1);
    } else {
        dims.remove(axis);
    }
    Ok(Some(dims))
}

fn multi_threshold(op: Op<'_>, x: Option<Dims>, thresholds: Option<Dims>) -> Result<Option<Dims>, String> {
    let (Some(x), Some(thresholds)) = (x, thresholds) else { return Ok(None) };
    let axis = layout::axis_index(op.i64_attribute("channel_axis"), x.len()).map_err(|problem| problem.to_string())?;
    match (thresholds.first().copied().flatten(), x[axis]) {
        (Some(rows), Some(channels)) if rows != 1 && rows != channels => {
            Err(format!("has thresholds for {rows} channels, the operand has {channels}"))
        }
        _ => Ok(Some(x)),
    }
}

fn shape_range(op: Op<'_>, rank: usize) -> std::ops::Range<usize> {
    let place = |position: i64| {
        let position = if position < 0 { position.saturating_add(rank as i64) } else { position };
        position.clamp(0, rank as i64) as usize
    };
    let start = place(op.i64_attribute("start"));
    let end = op.optional_i64_attribute("end").map_or(rank, place);
    start..end.max(start)
}
