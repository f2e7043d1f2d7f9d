//! `qonnx-set-batch-size`: another number of samples at a time.
//!
//! A network computes each sample alone if every operation keeps samples apart. So it is followed, from the inputs on,
//! which axis of each value the samples are on: they are its outermost part, so that an axis of 8 rows a sample has
//! 8 * samples elements. An operation that would mix samples, or a constant that has one value a sample, is refused.
//! What the file says in numbers, such as the target of a Reshape, is then known to mean samples, and follows.
//!
//! A file an op family: [`elementwise`], [`linear`] with windows, [`movement`], [`views`].

mod elementwise;
mod linear;
mod movement;
mod views;

use super::{
    functions::{functions, retype},
    insert_quantizers::argument_names,
};
use crate::eval::{
    Tensor,
    convert::{constant_of, qonnx_constant},
    tensor::MAX_ELEMENTS,
};
use qonnx_dialect::{
    Builder, Context, Op, OpKind, Reported, TensorType, Value, options::QonnxSetBatchSizeOptions, qonnx,
};
use std::collections::HashMap;

/// Gives the samples of each function another number.
///
/// # Errors
/// At the first operation that is not known to keep samples apart.
pub fn run(module: Op<'_>, options: &QonnxSetBatchSizeOptions) -> Result<(), Reported> {
    let new = usize::try_from(options.batch_size).ok().filter(|size| *size > 0);
    let Some(new) = new else {
        return Err(module.error(format!("batch-size is {}, expected at least 1", options.batch_size)));
    };
    for function in functions(module) {
        let Some(old) = samples_of(function).map_err(|problem| function.error(problem))? else { continue };
        if old != new {
            Samples { old, new, axes: HashMap::new() }.set(function)?;
        }
    }
    Ok(())
}

/// How many samples the inputs have; None where no input has axes.
fn samples_of(function: Op<'_>) -> Result<Option<usize>, String> {
    let mut found: Option<(usize, String)> = None;
    for (argument, name) in function.arguments().into_iter().zip(argument_names(function)) {
        let Some(extent) = shape_of(argument)?.first().copied() else { continue };
        match &found {
            Some((samples, first)) if *samples != extent => {
                return Err(format!(
                    "input '{name}' has {extent} elements along axis 0, input '{first}' {samples}: expected one number \
                     of samples"
                ));
            }
            _ => found = Some((extent, name)),
        }
    }
    match found {
        Some((0, name)) => Err(format!("input '{name}' has no samples: its axis 0 has no elements")),
        found => Ok(found.map(|(samples, _)| samples)),
    }
}

/// The shape of a value.
fn shape_of(value: Value<'_>) -> Result<Vec<usize>, String> {
    let shape = value.tensor_type().and_then(|ty| ty.static_shape());
    shape.ok_or_else(|| format!("a shape is not known: {}; run qonnx-infer-shapes first", value.ty()))
}

/// The integers of a constant operand.
fn numbers(value: Value<'_>, name: &str) -> Result<Vec<i64>, String> {
    let numbers = constant_of(value).and_then(|tensor| tensor.to_i64_vec().ok());
    numbers.ok_or_else(|| format!("its {name} is not constant; run qonnx-fold-constants first"))
}

/// Which axis holds the samples of each value that depends on an input.
struct Samples<'c> {
    old: usize,
    new: usize,
    axes: HashMap<Value<'c>, usize>,
}

/// How an operation passes samples on.
struct Passed {
    /// The axis of each result.
    axes: Vec<usize>,
    /// Operands that must say other numbers, and these.
    constants: Vec<(usize, Tensor)>,
    /// Whether the operation says its shape in a way that other samples do not have: a view of the new one is meant.
    is_view: bool,
}

impl Passed {
    fn on(axis: usize) -> Self {
        Self { axes: vec![axis], constants: Vec::new(), is_view: false }
    }

    fn with(mut self, operand: usize, constant: Tensor) -> Self {
        self.constants.push((operand, constant));
        self
    }
}

impl<'c> Samples<'c> {
    fn set(mut self, function: Op<'c>) -> Result<(), Reported> {
        let with_axes =
            |argument: &Value<'c>| argument.tensor_type().and_then(|ty| ty.shape).is_some_and(|s| !s.is_empty());
        self.axes.extend(function.arguments().into_iter().filter(with_axes).map(|argument| (argument, 0)));
        self.bounded(function.arguments()).map_err(|problem| function.error(problem))?;
        let (mut constants, mut views) = (Vec::new(), Vec::new());
        for op in function.body() {
            if op.name() == "func.return" || op.operands().iter().all(|operand| self.axis(*operand).is_none()) {
                continue;
            }
            let refused =
                |problem: String| op.error(format!("cannot be told to keep {} samples apart: {problem}", self.new));
            let passed = self.passed(op).map_err(refused)?;
            self.axes.extend(op.results().into_iter().zip(passed.axes));
            self.bounded(op.results()).map_err(refused)?;
            views.extend(passed.is_view.then_some(op));
            constants.extend(passed.constants.into_iter().map(|(operand, constant)| (op, operand, constant)));
        }
        for (op, operand, constant) in constants {
            op.set_operand(operand, qonnx_constant(&Builder::before(op), &constant));
        }
        for (value, axis) in &self.axes {
            self.retype(function.context(), *value, *axis);
        }
        for op in views {
            op.replace(&[qonnx::View::build(&Builder::before(op), op.operand(0), [op.result(0).ty()]).result()]);
        }
        retype(function);
        Ok(())
    }

    /// Refuses what no machine holds, before anything is computed of it.
    fn bounded(&self, values: Vec<Value<'c>>) -> Result<(), String> {
        for value in values {
            let mut shape = shape_of(value)?;
            if let Some(extent) = self.axis(value).and_then(|axis| shape.get_mut(axis)) {
                *extent = self.scaled(*extent);
            }
            if shape.iter().copied().fold(1, usize::saturating_mul) > MAX_ELEMENTS {
                return Err(format!("a tensor would be of {shape:?}, more than {MAX_ELEMENTS} elements"));
            }
        }
        Ok(())
    }

    fn retype(&self, context: Context<'c>, value: Value<'c>, axis: usize) {
        let Some((element, mut shape)) = value.tensor_type().and_then(|ty| Some((ty.element, ty.shape?))) else {
            return;
        };
        if let Some(Some(extent)) = shape.get_mut(axis) {
            *extent = self.scaled(*extent);
        }
        value.set_type(TensorType { element, shape: Some(shape) }.to_type(context));
    }

    /// The extent of an axis of samples with their new number.
    fn scaled(&self, extent: usize) -> usize {
        (extent / self.old.max(1)).saturating_mul(self.new)
    }

    fn axis(&self, value: Value<'c>) -> Option<usize> {
        self.axes.get(&value).copied()
    }

    /// The axis of operand 0, the only one that may have samples.
    fn axis_of_first(&self, op: Op<'c>) -> Result<usize, String> {
        let operands = op.operands();
        if let Some(index) =
            (1..operands.len()).find(|index| operands.get(*index).is_some_and(|o| self.axes.contains_key(o)))
        {
            return Err(format!("its operand {index} depends on an input, expected operand 0 alone"));
        }
        operands.first().and_then(|x| self.axis(*x)).ok_or_else(|| "operand 0 has no samples".to_string())
    }

    fn passed(&self, op: Op<'c>) -> Result<Passed, String> {
        use OpKind::*;
        match op.kind() {
            QonnxMatmul => self.matmul(op),
            QonnxGemm => self.gemm(op),
            QonnxConv | QonnxConvTranspose | QonnxMaxPool | QonnxAveragePool | QonnxDepthToSpace
            | QonnxSpaceToDepth => self.on_axis_0(op),
            QonnxReduce => self.reduce(op),
            QonnxReshape | QonnxView => self.reshape(op),
            QonnxFlatten => self.flatten(op),
            QonnxSqueeze => self.squeeze(op).or_else(|_| self.as_view(op)),
            QonnxUnsqueeze => self.unsqueeze(op),
            QonnxTranspose => self.transpose(op),
            QonnxGather => self.gather(op),
            QonnxConcat => self.concat(op),
            QonnxSlice => self.slice(op),
            QonnxPad => self.pad(op),
            QonnxResize => self.resize(op),
            QonnxExpand => self.expand(op),
            QonnxTile => self.tile(op),
            QonnxSplit | QonnxTopK | QonnxArgMax => self.along_another_axis(op),
            QonnxSoftmax | QonnxLogSoftmax => self.along_another_axis(op),
            QonnxShape | QonnxConstantOfShape | QonnxRange => {
                Err("its value is one for all samples and depends on an input".into())
            }
            QonnxConstant | QonnxOnnx | Other => Err("what it does with samples is not known".into()),
            kind if kind.is_hls() => Err("set the batch size before lowering to hls".into()),
            _ => self.elementwise(op),
        }
    }
}
