//! `qonnx-fold-constants`: the evaluator at compile time.

use super::functions::{erase_dead, functions};
use crate::eval::{
    Tensor,
    convert::{constant_of, int_type, qonnx_constant},
    evaluate,
    ops::select,
};
use qonnx_dialect::{Builder, Element, Op, OpKind, Reported, Value, options::QonnxFoldConstantsOptions, qonnx};
use std::{collections::HashMap, rc::Rc};

/// Replaces what is known at compile time.
///
/// # Errors
/// At an operation on constants that cannot be evaluated.
pub fn run(module: Op<'_>, _: &QonnxFoldConstantsOptions) -> Result<(), Reported> {
    for function in functions(module) {
        let mut constants = HashMap::new();
        for op in function.body() {
            fold(op, &mut constants)?;
        }
        erase_dead(function);
    }
    Ok(())
}

/// Larger tensors are read from the IR each time, or all of them would be held twice.
const KEPT: usize = 1 << 20;

type Constants<'c> = HashMap<Value<'c>, Option<Rc<Tensor>>>;

fn fold<'c>(op: Op<'c>, constants: &mut Constants<'c>) -> Result<(), Reported> {
    if op.result_count() == 0 || !is_folded(op.kind()) {
        return Ok(());
    }
    let Some(results) = results_of(op, constants)? else { return Ok(()) };
    let builder = Builder::before(op);
    let matching = op.results().into_iter().zip(&results).all(|(result, tensor)| same_element(result, tensor));
    if !matching {
        return Ok(());
    }
    let values: Vec<_> =
        op.results().into_iter().zip(&results).map(|(result, tensor)| constant(&builder, result, tensor)).collect();
    op.replace(&values);
    Ok(())
}

/// bool and one unsigned bit are one type in the evaluator and two in IR.
fn constant<'c>(builder: &Builder<'c>, result: Value<'c>, tensor: &Tensor) -> Value<'c> {
    match (result.tensor_type().map(|ty| ty.element), tensor) {
        (Some(Element::Bool), Tensor::Int(_, values)) => {
            let values: Vec<i64> = values.iter().copied().collect();
            let attribute = builder.dense_integers(Element::Bool, tensor.shape(), &values);
            qonnx::Constant::build(builder, attribute, [builder.tensor(Element::Bool, tensor.shape())]).result()
        }
        _ => qonnx_constant(builder, tensor),
    }
}

/// Quantizers stay: they say on which grid constants lie.
fn is_folded(kind: OpKind) -> bool {
    !matches!(
        kind,
        OpKind::QonnxConstant
            | OpKind::QonnxOnnx
            | OpKind::QonnxQuant
            | OpKind::QonnxBipolarQuant
            | OpKind::QonnxMultiThreshold
            | OpKind::QonnxTrunc
            | OpKind::QonnxTruncToScale
            | OpKind::QonnxFloatQuant
            | OpKind::QonnxQuantizeLinear
            | OpKind::QonnxDequantizeLinear
            | OpKind::QonnxQuantize
            | OpKind::QonnxQuantizeMinifloat
            | OpKind::QonnxBinarize
            | OpKind::QonnxCountThresholds
            | OpKind::QonnxUnscale
            | OpKind::Other
    ) && !kind.is_hls()
}

fn results_of<'c>(op: Op<'c>, constants: &mut Constants<'c>) -> Result<Option<Vec<Tensor>>, Reported> {
    if op.kind() == OpKind::QonnxShape {
        return Ok(shape_of(op).map(|shape| vec![shape]));
    }
    let operands = op.operands();
    if operands.is_empty() || operands.iter().any(|operand| !is_constant(*operand)) {
        return Ok(None);
    }
    let mut tensors = Vec::new();
    for operand in operands {
        match read(operand, constants) {
            Some(tensor) => tensors.push(tensor),
            None => return Ok(None),
        }
    }
    let inputs: Vec<&Tensor> = tensors.iter().map(Rc::as_ref).collect();
    evaluate(op, &inputs).map(Some).map_err(|problem| op.error(problem.to_string()))
}

fn read<'c>(operand: Value<'c>, constants: &mut Constants<'c>) -> Option<Rc<Tensor>> {
    if operand.tensor_type().and_then(|ty| ty.element_count()).is_none_or(|count| count > KEPT) {
        return constant_of(operand).map(Rc::new);
    }
    constants.entry(operand).or_insert_with(|| constant_of(operand).map(Rc::new)).clone()
}

fn is_constant(value: Value<'_>) -> bool {
    value.defining_op().is_some_and(|op| op.kind() == OpKind::QonnxConstant)
}

/// A shape is known before the tensor is.
fn shape_of(op: Op<'_>) -> Option<Tensor> {
    let shape = op.operand(0).tensor_type()?.static_shape()?;
    let dims: Vec<i64> = shape.iter().map(|dim| *dim as i64).collect();
    let all = Tensor::indices(dims);
    let start = op.i64_attribute("start");
    let end = op.optional_i64_attribute("end").unwrap_or(i64::MAX);
    select::slice(&all, &[start], &[end], None, None).ok()
}

/// Half floats are held as float32 and would change their type: they stay.
fn same_element(result: Value<'_>, tensor: &Tensor) -> bool {
    result.tensor_type().is_some_and(|ty| match tensor {
        Tensor::F32(_) => ty.element == Element::F32,
        Tensor::F64(_) => ty.element == Element::F64,
        Tensor::Int(int, _) => int_type(ty.element) == Some(*int),
    })
}
