//! The operations of a layer as loops, a family a file.
//!
//! An operation is done on fixed-point numbers where the binary points of operands and
//! result fit together, and on codes elsewhere; both give the same codes.

mod binary;
mod conv;
mod matmul;
mod movement;
mod pad;
mod reduce_window;
mod selection;

use qonnx_dialect::{Op, OpKind, Value, hls};

fn extents(value: Value<'_>) -> Vec<usize> {
    value.tensor_type().and_then(|ty| ty.static_shape()).unwrap_or_default()
}

fn product(extents: &[usize]) -> usize {
    extents.iter().fold(1, |product, extent| product.saturating_mul(*extent))
}

/// How many multipliers, and adders or comparators of windows, a layer needs if all of it happens at once.
pub(super) fn operators(function: Op<'_>) -> usize {
    let elements = |value: Value<'_>| product(&extents(value));
    let cost = |op: Op<'_>| match op.kind() {
        OpKind::HlsMatmul => elements(op.result(0)).saturating_mul(extents(op.operand(0)).last().copied().unwrap_or(1)),
        OpKind::HlsConv => {
            elements(op.result(0)).saturating_mul(product(extents(op.operand(1)).get(1..).unwrap_or_default()))
        }
        OpKind::HlsReduceWindow => {
            let window = hls::ReduceWindow::of(op).map(hls::ReduceWindow::window).unwrap_or_default();
            let window: Vec<usize> = window.iter().filter_map(|extent| usize::try_from(*extent).ok()).collect();
            elements(op.result(0)).saturating_mul(product(&window))
        }
        OpKind::HlsMul | OpKind::HlsRequantize => elements(op.result(0)),
        _ => 0,
    };
    function.body().into_iter().fold(0, |sum, op| sum.saturating_add(cost(op)))
}

/// The largest tensor that a layer reads or gives, constants left out.
pub(super) fn largest_tensor(function: Op<'_>) -> usize {
    let body = function.body().into_iter().filter(|op| op.kind() != OpKind::HlsConstant);
    let results = body.flat_map(|op| op.results());
    let values = function.arguments().into_iter().chain(results);
    values.map(|value| product(&extents(value))).max().unwrap_or(0)
}

/// Binary points of two factors that give the result's; a constant takes the one that fits.
fn product_exponents(a: (Option<i64>, bool), b: (Option<i64>, bool), result: Option<i64>) -> Option<(i64, i64)> {
    let result = result?;
    match (a, b) {
        ((Some(a), _), (Some(b), _)) => (a + b == result).then_some((a, b)),
        ((Some(a), _), (None, true)) => Some((a, result - a)),
        ((None, true), (Some(b), _)) => Some((result - b, b)),
        _ => None,
    }
}

/// Binary points of two terms: the result's.
fn sum_exponents(a: (Option<i64>, bool), b: (Option<i64>, bool), result: Option<i64>) -> Option<(i64, i64)> {
    let result = result?;
    let fits = |(exponent, constant): (Option<i64>, bool)| exponent.map_or(constant, |exponent| exponent == result);
    (fits(a) && fits(b)).then_some((result, result))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_take_the_binary_point_that_fits() {
        assert_eq!(product_exponents((Some(-8), false), (None, true), Some(-10)), Some((-8, -2)));
        assert_eq!(product_exponents((Some(-8), false), (None, false), Some(-10)), None);
        assert_eq!(product_exponents((Some(-8), false), (Some(-1), false), Some(-10)), None);
        assert_eq!(sum_exponents((Some(-3), false), (None, true), Some(-3)), Some((-3, -3)));
        assert_eq!(sum_exponents((Some(-3), false), (Some(-4), false), Some(-4)), None);
    }
}
