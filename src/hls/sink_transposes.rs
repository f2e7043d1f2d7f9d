//! `hls-sink-transposes`: transposes move below requantizers, where codes are narrow and most of them meet
//! their inverse.

use super::placement::Placement;
use crate::{
    lowering::range::shape_of,
    transforms::{functions::functions, permutation::Permutation},
};
use ndarray::{ArrayD, IxDyn};
use qonnx_dialect::{
    Builder, Op, OpKind, Reported,
    form::{self, Form},
    hls,
    options::HlsSinkTransposesOptions,
};

/// Moves each transpose down as far as it goes.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &HlsSinkTransposesOptions) -> Result<(), Reported> {
    for function in functions(module) {
        for op in function.body().into_iter().filter(|op| op.kind() == OpKind::HlsTranspose) {
            let mut transpose = hls::Transpose::of(op);
            while let Some(op) = transpose {
                transpose = sink(op);
            }
        }
    }
    Ok(())
}

/// `requantize(transpose(x))` to `transpose(requantize(x))`; gives the new transpose.
fn sink<'c>(transpose: hls::Transpose<'c>) -> Option<hls::Transpose<'c>> {
    let [(user, 0)] = transpose.result().uses()[..] else { return None };
    let requantize = hls::Requantize::of(user).filter(|_| !Placement::of(user).has_removed())?;
    let back = Permutation::of(&transpose.permutation())?.inverse();
    let forms = forms_of(requantize, back.rank())?.permuted_axes(back.axes());
    let builder = Builder::before(user);
    let element = user.result(0).tensor_type()?.element;
    let channels: Vec<i64> = forms.shape().iter().map(|extent| *extent as i64).collect();
    let forms: Vec<_> = forms.iter().map(|form| form::write(&builder, form)).collect();
    let channels = if forms.len() == 1 { Vec::new() } else { channels };
    let above = builder.copy(user, &[transpose.x()], &[builder.tensor(element, &shape_of(transpose.x()).ok()?)]);
    above.set_attribute("channels", builder.i64s(&channels));
    above.set_attribute("forms", builder.array(&forms));
    Placement::transpose(above, &back);
    let below = builder.at(transpose.op().location());
    let below = hls::Transpose::build(&below, above.result(0), &transpose.permutation(), [user.result(0).ty()]);
    user.replace(&[below.result()]);
    transpose.op().erase();
    Some(below)
}

/// The forms with an axis for each of the operand's.
fn forms_of(requantize: hls::Requantize<'_>, rank: usize) -> Option<ArrayD<Form>> {
    let channels = requantize.channels();
    let extents = channels.iter().map(|extent| usize::try_from(*extent).ok());
    let missing = rank.checked_sub(channels.len())?;
    let shape: Vec<usize> = std::iter::repeat_n(Some(1), missing).chain(extents).collect::<Option<_>>()?;
    ArrayD::from_shape_vec(IxDyn(&shape), form::read_all(requantize.forms())?).ok()
}
