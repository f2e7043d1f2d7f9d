//! Runs IR: functions of either dialect, at any stage of the pipeline.

use super::{
    convert::{int_type, tensor_of},
    ops::{
        batch_norm, elementwise,
        elementwise::{Binary, Unary},
        layout, matmul, multi_threshold,
        quant::{self, QuantParams, Quantizer},
        quantize_linear,
        quantize_linear::Granularity,
        reduce, rounding, select, softmax, unscale,
    },
    tensor::{ElementType, EvalError, IntType, Tensor},
};
use crate::lowering::requantize;
use qonnx_dialect::{Element, Op, OpKind, RoundingMode, TensorType, Value, hls, qonnx};
use std::{collections::HashMap, rc::Rc};
use thiserror::Error;

/// Why a function could not be run, and at which node.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{node} ({operation}): {problem}")]
pub struct EvaluationError {
    /// The ONNX node's name.
    pub node: String,
    /// The operation's name in the IR.
    pub operation: String,
    /// What is wrong.
    pub problem: EvalError,
}

/// What an [`Interpreter`] tells about each operation that it has run; the returned
/// tensors take the place of the results.
pub type Observer<'o, 'c> = dyn FnMut(Op<'c>, &[Rc<Tensor>], Vec<Rc<Tensor>>) -> Vec<Rc<Tensor>> + 'o;

/// Runs the functions of a module.
pub struct Interpreter<'o, 'c> {
    functions: HashMap<&'c str, Op<'c>>,
    constants: HashMap<Op<'c>, Rc<Tensor>>,
    observer: Option<Box<Observer<'o, 'c>>>,
}

impl<'o, 'c> Interpreter<'o, 'c> {
    /// For the functions of a module.
    pub fn new(module: Op<'c>) -> Self {
        let named = |op: Op<'c>| Some((op.optional_str_attribute("sym_name")?, op));
        let functions = module.body().into_iter().filter_map(named).collect();
        Self { functions, constants: HashMap::new(), observer: None }
    }

    /// The same, telling an observer of each operation.
    pub fn observed(module: Op<'c>, observer: Box<Observer<'o, 'c>>) -> Self {
        Self { observer: Some(observer), ..Self::new(module) }
    }

    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<Op<'c>> {
        self.functions.get(name).copied()
    }

    /// Runs a function on its arguments.
    ///
    /// # Errors
    /// The first operation that cannot be evaluated.
    pub fn run(&mut self, function: Op<'c>, arguments: Vec<Rc<Tensor>>) -> Result<Vec<Rc<Tensor>>, EvaluationError> {
        let mut values: HashMap<Value<'c>, Rc<Tensor>> = function.arguments().into_iter().zip(arguments).collect();
        for op in function.body() {
            let fail = |problem| EvaluationError { node: op.node_name(), operation: op.name().to_string(), problem };
            let inputs = op.operands().into_iter().map(|operand| values.get(&operand).cloned().ok_or(operand));
            let inputs = inputs.collect::<Result<Vec<_>, _>>();
            let inputs = inputs.map_err(|operand| fail(EvalError::Value(format!("no value for {operand:?}"))))?;
            if op.name() == "func.return" {
                return Ok(inputs);
            }
            let outputs = self.step(op, &inputs)?;
            let outputs = match &mut self.observer {
                Some(observer) => observer(op, &inputs, outputs),
                None => outputs,
            };
            values.extend(op.results().into_iter().zip(outputs));
        }
        Ok(Vec::new())
    }

    fn step(&mut self, op: Op<'c>, inputs: &[Rc<Tensor>]) -> Result<Vec<Rc<Tensor>>, EvaluationError> {
        let fail = |problem| EvaluationError { node: op.node_name(), operation: op.name().to_string(), problem };
        if op.name() == "func.call" {
            let callee = op.attribute("callee").map(|a| a.to_string()).unwrap_or_default();
            let callee = callee.trim_start_matches('@').trim_matches('"');
            let function = self.function(callee);
            let function =
                function.ok_or_else(|| fail(EvalError::Value(format!("calls unknown function @{callee}"))))?;
            return self.run(function, inputs.to_vec());
        }
        if matches!(op.kind(), OpKind::QonnxConstant | OpKind::HlsConstant) {
            if let Some(known) = self.constants.get(&op) {
                return Ok(vec![known.clone()]);
            }
            let tensor = Rc::new(constant(op).map_err(fail)?);
            self.constants.insert(op, tensor.clone());
            return Ok(vec![tensor]);
        }
        let inputs: Vec<&Tensor> = inputs.iter().map(Rc::as_ref).collect();
        Ok(evaluate(op, &inputs).map_err(fail)?.into_iter().map(Rc::new).collect())
    }
}

fn constant(op: Op<'_>) -> Result<Tensor, EvalError> {
    match op.attribute("value") {
        Some(value) => tensor_of(value),
        None => Err(EvalError::Value("the constant has no value".into())),
    }
}

/// The elementwise meaning of a qonnx operation with one operand.
pub fn unary_of(op: Op<'_>) -> Option<Unary> {
    Some(match op.kind() {
        OpKind::QonnxNeg => Unary::Neg,
        OpKind::QonnxAbs => Unary::Abs,
        OpKind::QonnxSqrt => Unary::Sqrt,
        OpKind::QonnxExp => Unary::Exp,
        OpKind::QonnxLog => Unary::Log,
        OpKind::QonnxErf => Unary::Erf,
        OpKind::QonnxReciprocal => Unary::Reciprocal,
        OpKind::QonnxSign => Unary::Sign,
        OpKind::QonnxRound => Unary::Round,
        OpKind::QonnxFloor => Unary::Floor,
        OpKind::QonnxCeil => Unary::Ceil,
        OpKind::QonnxRelu => Unary::Relu,
        OpKind::QonnxSigmoid => Unary::Sigmoid,
        OpKind::QonnxTanh => Unary::Tanh,
        OpKind::QonnxSoftplus => Unary::Softplus,
        OpKind::QonnxSoftsign => Unary::Softsign,
        OpKind::QonnxHardSwish => Unary::HardSwish,
        OpKind::QonnxLeakyRelu => Unary::LeakyRelu { alpha: op.f32_attribute("alpha") },
        OpKind::QonnxElu => Unary::Elu { alpha: op.f32_attribute("alpha") },
        OpKind::QonnxSelu => Unary::Selu { alpha: op.f32_attribute("alpha"), gamma: op.f32_attribute("gamma") },
        OpKind::QonnxHardSigmoid => {
            Unary::HardSigmoid { alpha: op.f32_attribute("alpha"), beta: op.f32_attribute("beta") }
        }
        _ => return None,
    })
}

/// The elementwise meaning of a qonnx operation with two operands.
pub fn binary_of(op: Op<'_>) -> Option<Binary> {
    Some(match op.kind() {
        OpKind::QonnxAdd => Binary::Add,
        OpKind::QonnxSub => Binary::Sub,
        OpKind::QonnxMul => Binary::Mul,
        OpKind::QonnxDiv => Binary::Div,
        OpKind::QonnxPow => Binary::Pow,
        OpKind::QonnxMin => Binary::Min,
        OpKind::QonnxMax => Binary::Max,
        OpKind::QonnxPrelu => Binary::Prelu,
        OpKind::QonnxEqual => Binary::Equal,
        OpKind::QonnxLess => Binary::Less,
        OpKind::QonnxGreater => Binary::Greater,
        _ => return None,
    })
}

/// The results of one operation. Constants and calls are the interpreter's.
///
/// # Errors
/// If operands do not fit the operation, or its meaning is not known (`qonnx.onnx`).
pub fn evaluate(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    if let Some(unary) = unary_of(op) {
        return Ok(vec![elementwise::unary(unary, operand(x, 0)?)?]);
    }
    if let Some(binary) = binary_of(op) {
        return Ok(vec![elementwise::binary(binary, operand(x, 0)?, operand(x, 1)?)?]);
    }
    match op.kind() {
        OpKind::Other => Err(EvalError::Value(format!("{} has no meaning here", op.name()))),
        kind if kind.is_hls() => evaluate_hls(op, x),
        _ => evaluate_qonnx(op, x),
    }
}

fn operand<'t>(x: &[&'t Tensor], index: usize) -> Result<&'t Tensor, EvalError> {
    x.get(index).copied().ok_or_else(|| EvalError::Value(format!("operand {index} is missing")))
}

fn evaluate_qonnx(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let first = || operand(x, 0);
    let second = || operand(x, 1);
    let optional = |present: bool, index: usize| if present { operand(x, index).map(Some) } else { Ok(None) };
    let one = match op.kind() {
        OpKind::QonnxIdentity => first()?.clone(),
        OpKind::QonnxFma => elementwise::fma(first()?, second()?, operand(x, 2)?)?,
        OpKind::QonnxClip => {
            let clip = qonnx::Clip::of(op);
            let has_low = clip.is_some_and(|clip| clip.low().is_some());
            let has_high = clip.is_some_and(|clip| clip.high().is_some());
            elementwise::clip(first()?, optional(has_low, 1)?, optional(has_high, 1 + usize::from(has_low))?)?
        }
        OpKind::QonnxCast => elementwise::cast(first()?, result_element(op, 0)?),
        OpKind::QonnxMatmul => matmul::matmul(first()?, second()?)?,
        OpKind::QonnxGemm => {
            let params = matmul::GemmParams {
                alpha: op.f32_attribute("alpha"),
                beta: op.f32_attribute("beta"),
                transpose_a: op.unit_attribute("trans_a"),
                transpose_b: op.unit_attribute("trans_b"),
            };
            matmul::gemm(first()?, second()?, optional(x.len() > 2, 2)?, params)?
        }
        OpKind::QonnxBatchNormalization => {
            let epsilon = op.f32_attribute("epsilon");
            batch_norm::batch_norm(first()?, second()?, operand(x, 2)?, operand(x, 3)?, operand(x, 4)?, epsilon)?
        }
        OpKind::QonnxSoftmax => softmax::softmax(first()?, op.i64_attribute("axis"))?,
        OpKind::QonnxLogSoftmax => softmax::log_softmax(first()?, op.i64_attribute("axis"))?,
        OpKind::QonnxReshape => layout::reshape(first()?, &second()?.to_i64_vec()?, op.unit_attribute("allow_zero"))?,
        OpKind::QonnxView => layout::with_shape(first()?, &result_shape(op)?)?,
        OpKind::QonnxFlatten => layout::flatten(first()?, op.i64_attribute("axis"))?,
        OpKind::QonnxSqueeze => match x.get(1) {
            Some(axes) => layout::squeeze(first()?, Some(&axes.to_i64_vec()?))?,
            None => layout::squeeze(first()?, None)?,
        },
        OpKind::QonnxUnsqueeze => layout::unsqueeze(first()?, &second()?.to_i64_vec()?)?,
        OpKind::QonnxTranspose => layout::transpose(first()?, &op.i64s_attribute("permutation"))?,
        OpKind::QonnxShape => select::shape(first()?, op.i64_attribute("start"), op.optional_i64_attribute("end")),
        OpKind::QonnxGather => select::gather(first()?, second()?, op.i64_attribute("axis"))?,
        OpKind::QonnxConcat => select::concat(x, op.i64_attribute("axis"))?,
        OpKind::QonnxSlice => slice(op, x)?,
        OpKind::QonnxArgMax => reduce::argmax(
            first()?,
            reduce::ArgParams {
                axis: op.i64_attribute("axis"),
                keep_dims: op.unit_attribute("keep_dims"),
                select_last_index: op.unit_attribute("select_last_index"),
            },
        )?,
        OpKind::QonnxTopK => {
            let k = usize::try_from(second()?.only_value()? as i64).unwrap_or(0);
            let (values, indices) = reduce::topk(first()?, k, op.i64_attribute("axis"), op.unit_attribute("largest"))?;
            return Ok(vec![values, indices]);
        }
        _ => evaluate_quantizer(op, x)?,
    };
    Ok(vec![one])
}

fn evaluate_quantizer(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let first = || operand(x, 0);
    let second = || operand(x, 1);
    match op.kind() {
        OpKind::QonnxQuant => {
            let quant = qonnx::Quant::of(op).ok_or_else(|| EvalError::Value("is no Quant".into()))?;
            let params = QuantParams {
                signed: quant.is_signed(),
                narrow: quant.narrow(),
                rounding: rounding_of(quant.rounding()),
            };
            quant::quant(first()?, second()?, operand(x, 2)?, operand(x, 3)?, params)
        }
        OpKind::QonnxBipolarQuant => quant::bipolar_quant(first()?, second()?),
        OpKind::QonnxMultiThreshold => {
            let axis = layout::axis_index(op.i64_attribute("channel_axis"), first()?.rank())?;
            let (scale, bias) = (op.f32_attribute("out_scale"), op.f32_attribute("out_bias"));
            multi_threshold::multi_threshold(first()?, second()?, scale, bias, axis)
        }
        OpKind::QonnxCountThresholds => {
            let axis = layout::axis_index(op.i64_attribute("channel_axis"), first()?.rank())?;
            let counts = multi_threshold::multi_threshold(first()?, second()?, 1.0, 0.0, axis)?;
            Ok(elementwise::cast(&counts, result_element(op, 0)?))
        }
        OpKind::QonnxQuantizeLinear => {
            let ty = result_int(op)?;
            quantize_linear::quantize_linear(first()?, second()?, x.get(2).copied(), ty, granularity(op))
        }
        OpKind::QonnxDequantizeLinear => {
            quantize_linear::dequantize_linear(first()?, second()?, x.get(2).copied(), granularity(op))
        }
        OpKind::QonnxQuantize => quantize(op, first()?),
        OpKind::QonnxBinarize => {
            let codes = first()?.to_f32().mapv(|v| if v >= 0.0 { 1 } else { -1 });
            Ok(Tensor::Int(result_int(op)?, codes))
        }
        OpKind::QonnxUnscale => {
            let scales: Vec<Tensor> = x.iter().skip(1).map(|t| (*t).clone()).collect();
            unscale::unscale(first()?, &scales, None)
        }
        _ => Err(EvalError::Value(format!("{} cannot be evaluated", op.name()))),
    }
}

fn quantize(op: Op<'_>, x: &Tensor) -> Result<Tensor, EvalError> {
    let quantize = qonnx::Quantize::of(op).ok_or_else(|| EvalError::Value("is no quantize".into()))?;
    let quantizer = Quantizer::with_limits(quantize.low(), quantize.high(), rounding_of(quantize.rounding()));
    let codes = x.to_f32().mapv(|value| quantizer.code(value));
    if codes.iter().any(|code| code.is_nan()) {
        return Err(EvalError::Value("NaN has no integer code".into()));
    }
    Ok(Tensor::Int(result_int(op)?, codes.mapv(|code| code as i64)))
}

fn slice(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let slice = qonnx::Slice::of(op).ok_or_else(|| EvalError::Value("is no slice".into()))?;
    let list = |index: usize| operand(x, index)?.to_i64_vec();
    let axes = if slice.axes().is_some() { Some(list(3)?) } else { None };
    let steps = if slice.steps().is_some() { Some(list(3 + usize::from(axes.is_some()))?) } else { None };
    select::slice(operand(x, 0)?, &list(1)?, &list(2)?, axes.as_deref(), steps.as_deref())
}

fn evaluate_hls(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let first = || operand(x, 0);
    let second = || operand(x, 1);
    let exact = |binary| elementwise::binary_int(binary, first()?, second()?, result_int(op)?);
    let one = match op.kind() {
        OpKind::HlsMatmul => {
            let product = matmul::matmul(first()?, second()?)?;
            match x.get(2) {
                Some(bias) => elementwise::binary_int(Binary::Add, &product, bias, result_int(op)?)?,
                None => retyped(op, product)?,
            }
        }
        OpKind::HlsAdd => exact(Binary::Add)?,
        OpKind::HlsSub => exact(Binary::Sub)?,
        OpKind::HlsMul => exact(Binary::Mul)?,
        OpKind::HlsMax => exact(Binary::Max)?,
        OpKind::HlsRequantize => requantize::apply(op, first()?)?,
        OpKind::HlsView => layout::with_shape(first()?, &result_shape(op)?)?,
        OpKind::HlsTranspose => layout::transpose(first()?, &op.i64s_attribute("permutation"))?,
        OpKind::HlsArgMax => {
            let last = op.unit_attribute("select_last_index");
            let params = reduce::ArgParams { axis: op.i64_attribute("axis"), keep_dims: true, select_last_index: last };
            retyped(op, reduce::argmax(first()?, params)?)?
        }
        OpKind::HlsTopK => return top_k(op, first()?),
        _ => return Err(EvalError::Value(format!("{} cannot be evaluated", op.name()))),
    };
    Ok(vec![one])
}

fn top_k(op: Op<'_>, x: &Tensor) -> Result<Vec<Tensor>, EvalError> {
    let top_k = hls::TopK::of(op).ok_or_else(|| EvalError::Value("is no top_k".into()))?;
    let axis = layout::axis_index(top_k.axis(), x.rank())?;
    let k = result_shape(op)?.get(axis).copied().unwrap_or(0);
    let (values, indices) = reduce::topk(x, k, top_k.axis(), !top_k.smallest())?;
    let index_type = int_type(tensor_type(top_k.indices())?.element).unwrap_or(IntType::I64);
    let indices = Tensor::int(index_type, indices.shape(), indices.to_i64_vec()?)?;
    Ok(vec![values, indices])
}

/// The same values in the operation's result type: an error if one does not fit.
fn retyped(op: Op<'_>, tensor: Tensor) -> Result<Tensor, EvalError> {
    Tensor::int(result_int(op)?, tensor.shape(), tensor.to_i64_vec()?)
}

fn tensor_type(value: Value<'_>) -> Result<TensorType, EvalError> {
    value
        .tensor_type()
        .ok_or_else(|| EvalError::Value(format!("{} is no tensor type that can be evaluated", value.ty())))
}

fn result_int(op: Op<'_>) -> Result<IntType, EvalError> {
    let ty = tensor_type(op.result(0))?;
    int_type(ty.element).ok_or_else(|| EvalError::Value(format!("the result is {ty}, expected integers")))
}

fn result_shape(op: Op<'_>) -> Result<Vec<usize>, EvalError> {
    let ty = tensor_type(op.result(0))?;
    ty.static_shape().ok_or_else(|| EvalError::Shape(format!("the result's shape is not known: {ty}")))
}

fn result_element(op: Op<'_>, index: usize) -> Result<ElementType, EvalError> {
    let element = tensor_type(op.result(index))?.element;
    Ok(match element {
        Element::F16 => ElementType::F16,
        Element::BF16 => ElementType::BF16,
        Element::F32 => ElementType::F32,
        Element::F64 => ElementType::F64,
        Element::Bool => ElementType::Int(IntType::BOOL),
        Element::Int { width, signed } => ElementType::Int(IntType { width, signed }),
    })
}

fn granularity(op: Op<'_>) -> Granularity {
    Granularity { axis: op.i64_attribute("axis"), block_size: 0 }
}

/// A rounding mode of the dialect in the evaluator.
pub fn rounding_of(mode: RoundingMode) -> rounding::RoundingMode {
    match mode {
        RoundingMode::HalfEven => rounding::RoundingMode::HalfEven,
        RoundingMode::Ceil => rounding::RoundingMode::Ceil,
        RoundingMode::Floor => rounding::RoundingMode::Floor,
        RoundingMode::Up => rounding::RoundingMode::Up,
        RoundingMode::Down => rounding::RoundingMode::Down,
        RoundingMode::HalfUp => rounding::RoundingMode::HalfUp,
        RoundingMode::HalfDown => rounding::RoundingMode::HalfDown,
    }
}
