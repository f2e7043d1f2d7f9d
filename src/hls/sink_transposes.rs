//! `hls-sink-transposes`: transposes move below requantizers, where codes are narrow and most of them meet
//! their inverse.

use super::placement::Placement;
use crate::{
    lowering::{
        range::shape_of,
        requantize::{ranked_forms_of, set_forms},
    },
    transforms::{functions::functions, permutation::Permutation},
};
use qonnx_dialect::{Builder, Op, OpKind, Reported, hls, options::HlsSinkTransposesOptions};

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
    let forms = ranked_forms_of(requantize).filter(|forms| forms.ndim() == back.rank())?.permuted_axes(back.axes());
    let builder = Builder::before(user);
    let element = user.result(0).tensor_type()?.element;
    let above = builder.copy(user, &[transpose.x()], &[builder.tensor(element, &shape_of(transpose.x()).ok()?)]);
    set_forms(above, &forms);
    Placement::transpose(above, &back);
    let below = builder.at(transpose.op().location());
    let below = hls::Transpose::build(&below, above.result(0), &transpose.permutation(), [user.result(0).ty()]);
    user.replace(&[below.result()]);
    transpose.op().erase();
    Some(below)
}
