//! `qonnx-infer-shapes`: static types for all values. A file an op family.

mod budget;
mod data;
mod linear;
mod windows;

use self::budget::Budget;
use super::functions::{functions, retype};
use crate::eval::{
    EvalError, Tensor, convert::tensor_of, evaluate, ops::broadcast::broadcast_shape, tensor::MAX_ELEMENTS,
};
use qonnx_dialect::{Op, OpKind, Reported, TensorType, Value, options::QonnxInferShapesOptions};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// The extents of a tensor; None where one is not known.
type Dims = Vec<Option<usize>>;

/// What is known of the shapes of an operation's results, one entry a result.
type Shapes = Result<Vec<Option<Dims>>, String>;

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
        let mut budget = Budget::of(function).map_err(|problem| function.error(problem))?;
        for op in function.body() {
            inference.infer(op).map_err(|problem| op.error(problem))?;
            for result in op.results() {
                if result.tensor_type().is_some_and(|ty| ty.static_shape().is_none()) {
                    return Err(op.error(format!("the shape of its result is not known: {}", result.ty())));
                }
            }
            budget.pay(op).map_err(|problem| op.error(problem))?;
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
        for (result, shape) in op.results().into_iter().zip(self.shapes(op)?) {
            refine(op, result, shape)?;
        }
        self.follow(op);
        Ok(())
    }

    /// Remembers the values of small results whose operands are known.
    fn follow(&mut self, op: Op<'c>) {
        let size = |result: &Value<'c>| result.tensor_type()?.element_count();
        let sizes: Option<Vec<usize>> = op.results().iter().map(size).collect();
        if sizes.is_none_or(|sizes| sizes.iter().any(|size| *size > SMALL)) {
            return;
        }
        let values = match op.kind() {
            OpKind::QonnxConstant => op.attribute("value").and_then(|value| Some(vec![tensor_of(value).ok()?])),
            OpKind::QonnxShape => data::shape_value(op).map(|value| vec![value]),
            OpKind::QonnxOnnx => None,
            _ => self.evaluated(op),
        };
        let named = op.results().into_iter().zip(values.unwrap_or_default());
        self.known.extend(named.map(|(result, value)| (result, Rc::new(value))));
    }

    /// The results of an operation on known values.
    fn evaluated(&self, op: Op<'c>) -> Option<Vec<Tensor>> {
        let operands: Option<Vec<_>> = op.operands().iter().map(|operand| self.known.get(operand)).collect();
        let tensors: Vec<&Tensor> = operands?.into_iter().map(Rc::as_ref).collect();
        evaluate(op, &tensors).ok()
    }

    /// The value of a small tensor that does not depend on the function's arguments.
    pub fn known(&self, value: Value<'c>) -> Option<Rc<Tensor>> {
        self.known.get(&value).cloned()
    }

    fn known_i64s(&self, value: Value<'c>) -> Option<Vec<i64>> {
        self.known.get(&value)?.to_i64_vec().ok()
    }

    /// The values of an optional list: None where they are not known, Some(None) where there is no list.
    fn optional_i64s(&self, value: Option<Value<'c>>) -> Option<Option<Vec<i64>>> {
        match value {
            Some(value) => self.known_i64s(value).map(Some),
            None => Some(None),
        }
    }

    fn shapes(&self, op: Op<'c>) -> Shapes {
        let one = |dims: Option<Dims>| Ok(vec![dims]);
        match op.kind() {
            OpKind::QonnxConstant | OpKind::QonnxOnnx | OpKind::QonnxView => Ok(declared(op)),
            kind if kind.is_hls() => Ok(declared(op)),
            OpKind::QonnxMatmul => one(linear::matmul(dims(op, 0), dims(op, 1))?),
            OpKind::QonnxGemm => one(linear::gemm(op, dims(op, 0), dims(op, 1))?),
            OpKind::QonnxMultiThreshold | OpKind::QonnxCountThresholds => {
                one(linear::multi_threshold(op, dims(op, 0), dims(op, 1))?)
            }
            OpKind::QonnxConv
            | OpKind::QonnxConvTranspose
            | OpKind::QonnxMaxPool
            | OpKind::QonnxAveragePool
            | OpKind::QonnxReduce => one(self.window(op)?),
            OpKind::QonnxQuantizeLinear
            | OpKind::QonnxDequantizeLinear
            | OpKind::QonnxBatchNormalization
            | OpKind::QonnxLayerNormalization
            | OpKind::QonnxCast
            | OpKind::QonnxClip
            | OpKind::QonnxQuantize
            | OpKind::QonnxBinarize => one(dims(op, 0)),
            OpKind::QonnxTopK => self.top_k(op),
            OpKind::QonnxSplit => self.split(op),
            _ => one(self.moved(op)?),
        }
    }
}

/// What is known of the shape of operand `index`.
fn dims(op: Op<'_>, index: usize) -> Option<Dims> {
    op.operands().get(index)?.tensor_type()?.shape
}

fn declared(op: Op<'_>) -> Vec<Option<Dims>> {
    op.results().into_iter().map(|result| result.tensor_type().and_then(|ty| ty.shape)).collect()
}

fn broadcast(op: Op<'_>) -> Result<Option<Dims>, String> {
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

/// The operands that broadcast against each other: the width of a quantizer does not.
fn broadcast_operands(op: Op<'_>) -> Vec<Value<'_>> {
    let operands = op.operands();
    let leading = match op.kind() {
        OpKind::QonnxQuant => 3,
        OpKind::QonnxFloatQuant => 2,
        OpKind::QonnxTruncToScale => return [0, 1, 2, 4].iter().filter_map(|i| operands.get(*i).copied()).collect(),
        _ => operands.len(),
    };
    operands.into_iter().take(leading).collect()
}

/// Gives a result the inferred shape where that says more, and refuses a contradiction.
fn refine(op: Op<'_>, result: Value<'_>, inferred: Option<Dims>) -> Result<(), String> {
    let (Some(declared), Some(shape)) = (result.tensor_type(), inferred) else { return Ok(()) };
    let merged = match &declared.shape {
        Some(old) => {
            let agree = |(a, b): (&Option<usize>, &Option<usize>)| a.is_none() || b.is_none() || a == b;
            if old.len() != shape.len() || !old.iter().zip(&shape).all(agree) {
                let inferred = TensorType { element: declared.element, shape: Some(shape) };
                return Err(format!("its result is declared as {declared}, but has type {inferred}"));
            }
            old.iter().zip(&shape).map(|(a, b)| a.or(*b)).collect()
        }
        None => shape,
    };
    // Without axes that are empty: each extent by itself has to be one that MLIR knows, too.
    let size = merged.iter().flatten().copied().filter(|extent| *extent > 0).fold(1, usize::saturating_mul);
    if size > MAX_ELEMENTS {
        let merged = TensorType { element: declared.element, shape: Some(merged) };
        return Err(format!("its result would be {merged}; no tensor here has more than {MAX_ELEMENTS} elements"));
    }
    result.set_type(TensorType { element: declared.element, shape: Some(merged) }.to_type(op.context()));
    Ok(())
}

fn fixed(dims: &Option<Dims>) -> Option<Vec<usize>> {
    dims.as_ref()?.iter().copied().collect()
}

/// Dimensions that are all known.
fn all_known(shape: impl IntoIterator<Item = usize>) -> Option<Dims> {
    Some(shape.into_iter().map(Some).collect())
}

fn message(problem: EvalError) -> String {
    problem.to_string()
}

fn broadcast_dims(a: &Dims, b: &Dims) -> Result<Dims, String> {
    if let (Some(a), Some(b)) = (fixed(&Some(a.clone())), fixed(&Some(b.clone()))) {
        return Ok(broadcast_shape(&a, &b).map_err(message)?.into_iter().map(Some).collect());
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
