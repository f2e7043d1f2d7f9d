//! `hls.requantize` on tensors: the evaluator's meaning of it.

use super::form::{Form, FormExt};
use crate::{
    eval::{EvalError, IntType, Tensor, convert::int_type},
    transforms::layout::padded,
};
use ndarray::{ArrayD, IxDyn, Zip};
use qonnx_dialect::{Builder, Op, form, hls};

/// The codes of every element.
///
/// # Errors
/// If the channels do not broadcast to the operand, or a code does not fit the result's type.
pub fn apply(op: Op<'_>, x: &Tensor) -> Result<Tensor, EvalError> {
    let requantize = hls::Requantize::of(op).ok_or_else(|| EvalError::Value("is no requantize".into()))?;
    let forms = forms_of(requantize).ok_or_else(|| EvalError::Value("its forms cannot be read".into()))?;
    let x = x.as_int()?;
    let forms = forms
        .broadcast(x.raw_dim())
        .ok_or_else(|| EvalError::Shape(format!("channels {:?} do not broadcast to {:?}", forms.shape(), x.shape())))?;
    let codes = Zip::from(x).and(&forms).map_collect(|n, form| form.apply(*n));
    let element = op.result(0).tensor_type().map(|ty| ty.element);
    let ty = element.and_then(int_type).unwrap_or(IntType::I64);
    Tensor::int(ty, codes.shape(), codes.iter().copied().collect())
}

/// The forms of a requantizer as they broadcast against its operand; None if they are not as many as it says.
pub fn forms_of(requantize: hls::Requantize<'_>) -> Option<ArrayD<Form>> {
    let channels = requantize.channels();
    let channels: Vec<usize> = channels.iter().map(|extent| usize::try_from(*extent).ok()).collect::<Option<_>>()?;
    ArrayD::from_shape_vec(IxDyn(&channels), form::read_all(requantize.forms())?).ok()
}

/// The same with an axis for each of the operand's.
pub fn ranked_forms_of(requantize: hls::Requantize<'_>) -> Option<ArrayD<Form>> {
    let rank = requantize.x().tensor_type()?.shape?.len();
    let forms = forms_of(requantize)?;
    let shape = padded(forms.shape(), rank)?;
    forms.into_shape_with_order(shape).ok()
}

/// Gives a requantizer other forms.
pub fn set_forms(op: Op<'_>, forms: &ArrayD<Form>) {
    let builder = Builder::before(op);
    let attributes: Vec<_> = forms.iter().map(|form| form::write(&builder, form)).collect();
    let channels: Vec<i64> = forms.shape().iter().map(|extent| *extent as i64).collect();
    op.set_attribute("forms", builder.array(&attributes));
    op.set_attribute("channels", builder.i64s(if forms.len() == 1 { &[] } else { &channels }));
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
