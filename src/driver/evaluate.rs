//! Runs a model's `main` on samples, at whatever stage it is.

use super::npz::{Array, NamedArrays};
use crate::{
    eval::{
        Interpreter, Tensor,
        convert::{constant_of, int_type},
        interpreter::Observer,
        ops::select,
    },
    transforms::{
        functions::returned,
        insert_quantizers::{argument_names, result_names},
    },
};
use anyhow::{Context, Result, anyhow, bail};
use ndarray::{ArrayD, Axis, IxDyn};
use qonnx_dialect::{Element, Op, OpKind, Program, TensorType, Value, qonnx};
use std::rc::Rc;

/// A tensor each graph input, for one sample.
pub type Sample = Vec<Rc<Tensor>>;

/// The function that stands for the graph.
///
/// # Errors
/// If the module has no `main`.
pub fn main_function(module: Op<'_>) -> Result<Op<'_>> {
    let named = |op: &Op<'_>| op.optional_str_attribute("sym_name") == Some("main");
    module.body().into_iter().find(named).ok_or_else(|| anyhow!("the module has no function @main"))
}

/// The samples of a file of vectors: `in0, in1, ...`, first axis = samples.
///
/// # Errors
/// If an array is missing or of another shape or type than the graph's input.
pub fn samples(program: &Program, vectors: &NamedArrays) -> Result<Vec<Sample>> {
    let (types, names) = inputs(program)?;
    let mut samples: Vec<Sample> = Vec::new();
    for (index, (ty, name)) in types.iter().zip(&names).enumerate() {
        let array = vectors.get(&format!("in{index}"));
        let array = array.with_context(|| format!("the vectors have no in{index} for input '{name}'"))?;
        let tensors = split(array, ty).with_context(|| format!("in{index} for input '{name}'"))?;
        if index == 0 {
            samples = vec![Vec::new(); tensors.len()];
        }
        if tensors.len() != samples.len() {
            bail!("in{index} has {} samples, in0 has {}", tensors.len(), samples.len());
        }
        for (sample, tensor) in samples.iter_mut().zip(tensors) {
            sample.push(Rc::new(tensor));
        }
    }
    Ok(samples)
}

/// Types and names of the graph's inputs; dynamic dimensions read as 1.
///
/// # Errors
/// If there is no `main` or an input is no tensor.
pub fn inputs(program: &Program) -> Result<(Vec<TensorType>, Vec<String>)> {
    program.with(|module| {
        let main = main_function(module)?;
        let types = main.arguments().into_iter().map(|argument| fixed(argument.tensor_type()));
        Ok((types.collect::<Result<_>>()?, argument_names(main)))
    })
}

fn fixed(ty: Option<TensorType>) -> Result<TensorType> {
    let ty = ty.ok_or_else(|| anyhow!("an input is no tensor"))?;
    let shape = ty.shape.as_ref().ok_or_else(|| anyhow!("an input has no shape"))?;
    let shape: Vec<usize> = shape.iter().map(|dim| dim.unwrap_or(1)).collect();
    Ok(TensorType::new(ty.element, &shape))
}

fn split(array: &Array, ty: &TensorType) -> Result<Vec<Tensor>> {
    let shape = ty.static_shape().unwrap_or_default();
    let values = array.to_f64();
    let [count, rest @ ..] = array.shape() else { bail!("has no axis of samples") };
    if rest != shape {
        bail!("has shape {:?} a sample, expected {shape:?}", rest);
    }
    let size: usize = shape.iter().product();
    let tensor = |sample: usize| {
        let values = values.get(sample * size..(sample + 1) * size).unwrap_or_default();
        tensor_of(ty.element, &shape, values)
    };
    (0..*count).map(tensor).collect()
}

fn tensor_of(element: Element, shape: &[usize], values: &[f64]) -> Result<Tensor> {
    let tensor = match int_type(element) {
        Some(int) => Tensor::int(int, shape, values.iter().map(|value| *value as i64).collect()),
        None if element == Element::F64 => Tensor::f64(shape, values.to_vec()),
        None => Tensor::f32(shape, values.iter().map(|value| *value as f32).collect()),
    };
    Ok(tensor?)
}

/// The outputs of every sample: `[output][sample]`.
///
/// # Errors
/// The first operation that cannot be evaluated.
pub fn run(program: &Program, samples: &[Sample]) -> Result<Vec<Vec<Rc<Tensor>>>> {
    program.with(|module| {
        let main = main_function(module)?;
        let mut outputs: Vec<Vec<Rc<Tensor>>> = vec![Vec::new(); returned(main).len()];
        let mut interpreter = Interpreter::new(module);
        for sample in samples {
            let results = interpreter.run(main, sample.clone())?;
            for (output, result) in outputs.iter_mut().zip(results) {
                output.push(result);
            }
        }
        Ok(outputs)
    })
}

/// The same where a sample is several batches of the program: one after another, joined along the axis of each output
/// that is longer in `joined`, a program of that batch size.
///
/// # Errors
/// As [`run`], and if a sample is no number of batches.
pub fn run_by_batch(program: &Program, samples: &[Sample], joined: &Program) -> Result<Vec<Vec<Rc<Tensor>>>> {
    let (types, _) = inputs(program)?;
    let own: Vec<Vec<usize>> = types.iter().map(|ty| ty.static_shape().unwrap_or_default()).collect();
    let extent = |shape: &[usize]| shape.first().copied().unwrap_or(1).max(1);
    let batches = match (samples.first().and_then(|sample| sample.first()), own.first()) {
        (Some(sample), Some(own)) => extent(sample.shape()) / extent(own),
        _ => 1,
    };
    if batches == 1 {
        return run(program, samples);
    }
    let batch = |sample: &Sample, index: usize| -> Result<Sample> {
        let part = |(tensor, own): (&Rc<Tensor>, &Vec<usize>)| match own.first() {
            Some(extent) => Ok(Rc::new(part_of(tensor, index * extent, *extent)?)),
            None => Ok(tensor.clone()),
        };
        sample.iter().zip(&own).map(part).collect()
    };
    let each = samples.iter().flat_map(|sample| (0..batches).map(move |index| batch(sample, index)));
    let outputs = run(program, &each.collect::<Result<Vec<_>>>()?)?;
    let shapes = output_shapes(joined)?;
    let join = |(output, shape): (Vec<Rc<Tensor>>, Vec<usize>)| {
        output.chunks(batches).map(|parts| joined_parts(parts, &shape)).collect::<Result<Vec<_>>>()
    };
    outputs.into_iter().zip(shapes).map(join).collect()
}

fn part_of(tensor: &Tensor, start: usize, extent: usize) -> Result<Tensor> {
    let (start, end) = (start as i64, (start + extent) as i64);
    Ok(select::slice(tensor, &[start], &[end], Some(&[0]), None)?)
}

fn joined_parts(parts: &[Rc<Tensor>], shape: &[usize]) -> Result<Rc<Tensor>> {
    let first = parts.first().context("there is nothing to join")?;
    let longer = first.shape().iter().zip(shape).position(|(part, whole)| part != whole);
    // An output that depends on no input is the same each time.
    let Some(axis) = longer else { return Ok(first.clone()) };
    let parts: Vec<&Tensor> = parts.iter().map(Rc::as_ref).collect();
    Ok(Rc::new(select::concat(&parts, axis as i64)?))
}

fn output_shapes(program: &Program) -> Result<Vec<Vec<usize>>> {
    program.with(|module| {
        let outputs = returned(main_function(module)?).into_iter();
        Ok(outputs.map(|value| value.tensor_type().and_then(|ty| ty.static_shape()).unwrap_or_default()).collect())
    })
}

/// The codes behind an output that leaves as an integer and a scale.
#[derive(Clone, Debug)]
pub struct OutputCodes {
    /// Which output.
    pub output: usize,
    /// Codes of every sample.
    pub codes: Vec<Rc<Tensor>>,
    /// The scales' product, rounded to float64; one value, or one a channel.
    pub scale: ArrayD<f64>,
}

/// The codes of each output that is `unscale` of an integer, through views.
///
/// # Errors
/// The first operation that cannot be evaluated.
pub fn run_codes(program: &Program, samples: &[Sample]) -> Result<Vec<OutputCodes>> {
    program.with(|module| {
        let main = main_function(module)?;
        let mut found: Vec<(Value<'_>, OutputCodes)> = Vec::new();
        for (output, value) in returned(main).into_iter().enumerate() {
            if let Some((q, scale)) = integer_behind(value) {
                found.push((q, OutputCodes { output, codes: Vec::new(), scale }));
            }
        }
        for sample in samples {
            record(module, main, sample, &mut found)?;
        }
        Ok(found.into_iter().map(|(_, codes)| codes).collect())
    })
}

fn record<'c>(module: Op<'c>, main: Op<'c>, sample: &Sample, found: &mut [(Value<'c>, OutputCodes)]) -> Result<()> {
    let observer: Box<Observer<'_, 'c>> = Box::new(|op, _, results| {
        for (value, result) in op.results().into_iter().zip(&results) {
            let wanted = found.iter_mut().filter(|(q, _)| *q == value);
            wanted.for_each(|(_, codes)| codes.codes.push(result.clone()));
        }
        results
    });
    Interpreter::observed(module, observer).run(main, sample.clone())?;
    Ok(())
}

/// An output that leaves as an integer and a scale.
#[derive(Clone, Debug)]
pub struct IntegerOutput {
    /// Which output.
    pub output: usize,
    /// Which result of the kernel it is, if it comes straight from there.
    pub kernel_result: Option<usize>,
    /// The scales' product.
    pub scale: ArrayD<f64>,
}

/// The outputs that are integers with a scale, without running anything.
///
/// # Errors
/// If there is no `main`.
pub fn integer_outputs(program: &Program) -> Result<Vec<IntegerOutput>> {
    program.with(|module| {
        let outputs = returned(main_function(module)?).into_iter().enumerate();
        let integer = |(output, value): (usize, Value<'_>)| {
            let (q, scale) = integer_behind(value)?;
            let kernel_result = q.defining_op().filter(|op| op.name() == "func.call").map(|_| q.index());
            Some(IntegerOutput { output, kernel_result, scale })
        };
        Ok(outputs.filter_map(integer).collect())
    })
}

/// The integers that an output is a multiple of.
fn integer_behind(value: Value<'_>) -> Option<(Value<'_>, ArrayD<f64>)> {
    let op = value.defining_op()?;
    match op.kind() {
        OpKind::QonnxUnscale => {
            let unscale = qonnx::Unscale::of(op)?;
            let mut scale = ArrayD::from_elem(IxDyn(&[]), 1.0f64);
            for factor in unscale.scales() {
                let factor = constant_of(factor)?.to_f64();
                scale = crate::eval::ops::broadcast::zip(&scale, &factor, |a, b| a * b).ok()?;
            }
            Some((unscale.q(), scale))
        }
        _ => {
            let integer = int_type(value.tensor_type()?.element)?;
            let unit = ArrayD::from_elem(IxDyn(&[]), 1.0f64);
            (integer.width < 64).then_some((value, unit))
        }
    }
}

/// Names of the graph's outputs.
///
/// # Errors
/// If there is no `main`.
pub fn output_names(program: &Program) -> Result<Vec<String>> {
    program.with(|module| Ok(result_names(main_function(module)?)))
}

/// Tensors of one shape as one array, first axis = samples: float32, float64 or int64.
pub fn stacked(tensors: &[Rc<Tensor>]) -> Array {
    fn join<T: Clone>(parts: Vec<ArrayD<T>>) -> ArrayD<T> {
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        ndarray::stack(Axis(0), &views).unwrap_or_else(|_| ndarray::Array1::from(Vec::new()).into_dyn())
    }
    match tensors.first().map(Rc::as_ref) {
        Some(Tensor::F64(_)) => Array::from(join(tensors.iter().map(|tensor| tensor.to_f64()).collect())),
        Some(Tensor::Int(..)) => {
            let codes = tensors.iter().filter_map(|tensor| tensor.as_int().ok().cloned());
            Array::from(join(codes.collect()))
        }
        _ => Array::from(join(tensors.iter().map(|tensor| tensor.to_f32()).collect())),
    }
}
