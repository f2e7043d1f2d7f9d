//! `hls.requantize` on tensors: the evaluator's meaning of it.

use super::form::{Form, FormExt};
use crate::eval::{EvalError, IntType, Tensor, convert::int_type};
use ndarray::{ArrayD, IxDyn, Zip};
use qonnx_dialect::{Op, form, hls};

/// The codes of every element.
///
/// # Errors
/// If the channels do not broadcast to the operand, or a code does not fit the result's type.
pub fn apply(op: Op<'_>, x: &Tensor) -> Result<Tensor, EvalError> {
    let requantize = hls::Requantize::of(op).ok_or_else(|| EvalError::Value("is no requantize".into()))?;
    let forms = form::read_all(requantize.forms()).ok_or_else(|| EvalError::Value("a form cannot be read".into()))?;
    let channels: Vec<usize> = requantize.channels().iter().map(|dim| *dim as usize).collect();
    let forms = ArrayD::from_shape_vec(IxDyn(&channels), forms).map_err(|p| EvalError::Shape(p.to_string()))?;
    let x = x.as_int()?;
    let forms = forms
        .broadcast(x.raw_dim())
        .ok_or_else(|| EvalError::Shape(format!("channels {channels:?} do not broadcast to {:?}", x.shape())))?;
    let codes = Zip::from(x).and(&forms).map_collect(|n, form| form.apply(*n));
    let element = op.result(0).tensor_type().map(|ty| ty.element);
    let ty = element.and_then(int_type).unwrap_or(IntType::I64);
    Tensor::int(ty, codes.shape(), codes.iter().copied().collect())
}

/// The least and greatest code that a form can give.
pub fn code_range(form: &Form) -> (i64, i64) {
    let span =
        |codes: &mut dyn Iterator<Item = i64>| codes.fold((i64::MAX, i64::MIN), |(l, h), c| (l.min(c), h.max(c)));
    match form {
        Form::Constant { code } => (*code, *code),
        Form::Compare { below, above, .. } => (*below.min(above), *below.max(above)),
        Form::MulShift { low, high, exceptions, .. } => {
            span(&mut [*low, *high].into_iter().chain(exceptions.iter().map(|(_, code)| *code)))
        }
        Form::Pieces { below, above, .. } => {
            let (a, b) = (code_range(below), code_range(above));
            (a.0.min(b.0), a.1.max(b.1))
        }
        Form::Thresholds { codes, .. } | Form::Table { codes, .. } => span(&mut codes.iter().copied()),
    }
}
