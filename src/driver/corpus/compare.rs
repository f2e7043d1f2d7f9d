//! Outputs against golden ones.
//!
//! Integers and quantizer outputs are equal as numbers (-0.0 equals 0.0, NaN equals NaN), but
//! for listed elements whose value depends on the order of the reference's float32 operations.
//! Outputs behind float operators agree within a tolerance.

use std::collections::HashMap;

use super::manifest::{Model, OutputKind};
use crate::driver::npz::{Array, NamedArrays};

/// How many float32 steps at an output's largest value are never held against an implementation.
const TOLERATED_STEPS: f64 = 32.0;

/// Operators that libraries compute by different approximations.
const TRANSCENDENTAL: &[&str] = &[
    "Acos",
    "Acosh",
    "Asin",
    "Asinh",
    "Atan",
    "Atanh",
    "Celu",
    "Cos",
    "Cosh",
    "Elu",
    "Erf",
    "Exp",
    "GRU",
    "Gelu",
    "LSTM",
    "Log",
    "LogSoftmax",
    "Mish",
    "Pow",
    "RNN",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "Selu",
    "Sigmoid",
    "Sin",
    "Sinh",
    "Softmax",
    "Softplus",
    "Swish",
    "Tan",
    "Tanh",
];

/// Counts over all outputs.
#[derive(Debug, Default, PartialEq)]
pub struct Comparison {
    /// Elements compared.
    pub compared: usize,
    /// Elements that differ and may not.
    pub differing: usize,
    /// Elements that differ and may: ambiguous, or within the tolerance.
    pub tolerated: usize,
    /// The largest difference of all, tolerated or not.
    pub max_difference: f64,
}

/// The elements of one output for which more than one value is right.
#[derive(Default)]
struct Ambiguity {
    ranges: HashMap<usize, (f64, f64)>,
    /// So many others may differ, by at most `spread`.
    extra: usize,
    spread: f64,
}

/// Compares all outputs of `golden` (`out0`, `out1`, …) with those of `ours`.
///
/// # Errors
/// If an output is missing or has another shape.
pub fn outputs(
    model: &Model,
    golden: &NamedArrays,
    ours: &NamedArrays,
    ambiguous: Option<&NamedArrays>,
) -> Result<Comparison, String> {
    let mut total = Comparison::default();
    for (k, expected) in golden.numbered("out").enumerate() {
        let name = format!("out{k}");
        let found = ours.get(&name).ok_or_else(|| format!("{name} is missing"))?;
        if found.shape() != expected.shape() {
            let (found, expected) = (found.shape(), expected.shape());
            return Err(format!("{name} has shape {found:?}, expected {expected:?}"));
        }
        match model.output_kinds.get(k) {
            Some(OutputKind::Float) => floats(model, expected, found, &mut total),
            _ => exact(expected, found, Ambiguity::of(ambiguous, k), &mut total),
        }
    }
    Ok(total)
}

fn floats(model: &Model, expected: &Array, found: &Array, total: &mut Comparison) {
    let expected = expected.to_f64();
    let tolerance = tolerance(model, &expected);
    for (want, got) in expected.into_iter().zip(found.to_f64()) {
        total.add(want, got, |difference| difference <= tolerance);
    }
}

fn exact(expected: &Array, found: &Array, mut may: Ambiguity, total: &mut Comparison) {
    let pairs = expected.to_f64().into_iter().zip(found.to_f64());
    for (index, (want, got)) in pairs.enumerate() {
        total.add(want, got, |difference| may.allows(index, got, difference));
    }
}

/// Twice the reference's own float32 error, and no less than a few float32 steps; nothing
/// where that error is known to be 0 and every operator has one right result.
fn tolerance(model: &Model, expected: &[f64]) -> f64 {
    let error = model.float32_error();
    let approximated = model.ops.keys().any(|op| {
        let op = op.rsplit("::").next().unwrap_or(op);
        TRANSCENDENTAL.contains(&op)
    });
    if error == Some(0.0) && !approximated {
        return 0.0;
    }
    let finite = expected.iter().filter(|x| x.is_finite());
    let largest = finite.fold(0.0f64, |max, x| max.max(x.abs())) as f32;
    let step = f64::from(largest.next_up()) - f64::from(largest);
    (2.0 * error.unwrap_or(0.0)).max(TOLERATED_STEPS * step)
}

impl Comparison {
    fn add(&mut self, want: f64, got: f64, allowed: impl FnOnce(f64) -> bool) {
        self.compared += 1;
        if want == got || (want.is_nan() && got.is_nan()) {
            return;
        }
        let difference = (want - got).abs();
        let difference = if difference.is_nan() { f64::INFINITY } else { difference };
        self.max_difference = self.max_difference.max(difference);
        if allowed(difference) {
            self.tolerated += 1;
        } else {
            self.differing += 1;
        }
    }
}

impl Ambiguity {
    /// `idxK`, `loK`, `hiK`, `extraK`, `spreadK` of a `.amb.npz`.
    fn of(arrays: Option<&NamedArrays>, k: usize) -> Self {
        let list = |name: &str| {
            let array = arrays.and_then(|a| a.get(&format!("{name}{k}")));
            array.map(Array::to_f64).unwrap_or_default()
        };
        let number = |name| list(name).first().copied().unwrap_or(0.0);
        let ranges = list("lo").into_iter().zip(list("hi"));
        let indices = list("idx").into_iter().map(|index| index as usize);
        Ambiguity { ranges: indices.zip(ranges).collect(), extra: number("extra") as usize, spread: number("spread") }
    }

    fn allows(&mut self, index: usize, got: f64, difference: f64) -> bool {
        if let Some(&(low, high)) = self.ranges.get(&index) {
            return (low..=high).contains(&got);
        }
        let allowed = self.extra > 0 && difference <= self.spread;
        self.extra -= usize::from(allowed);
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr1;
    use serde_json::json;

    fn model(kind: &str, error: f64, op: &str) -> Model {
        serde_json::from_value(json!({
            "name": "m", "file": "m.onnx", "output_kinds": [kind], "ops": {op: 1},
            "numeric_check": {"max_abs_output_diff_f32_vs_f64": error},
        }))
        .unwrap()
    }

    fn out0(values: &[f32]) -> NamedArrays {
        let mut arrays = NamedArrays::default();
        arrays.insert("out0", arr1(values).into_dyn());
        arrays
    }

    fn differing(model: &Model, want: &[f32], got: &[f32], amb: Option<&NamedArrays>) -> usize {
        outputs(model, &out0(want), &out0(got), amb).unwrap().differing
    }

    #[test]
    fn quantizer_outputs_are_equal_as_numbers() {
        let m = model("quantizer", 1.0, "Relu");
        let same = differing(&m, &[0.0, f32::NAN, 2.0], &[-0.0, f32::NAN, 2.0], None);
        assert_eq!(same, 0);
        assert_eq!(differing(&m, &[1.0, f32::NAN], &[1.0000001, 1.0], None), 2);
    }

    #[test]
    fn listed_elements_may_take_a_range_and_a_few_others_a_step() {
        let m = model("quantizer", 0.0, "Relu");
        let mut amb = NamedArrays::default();
        amb.insert("idx0", arr1(&[1i64]).into_dyn());
        amb.insert("lo0", arr1(&[1.0f64]).into_dyn());
        amb.insert("hi0", arr1(&[1.5f64]).into_dyn());
        let want = [0.0, 1.0, 2.0, 3.0];
        assert_eq!(differing(&m, &want, &[0.0, 1.5, 2.0, 3.0], Some(&amb)), 0);
        assert_eq!(differing(&m, &want, &[0.0, 1.6, 2.0, 3.0], Some(&amb)), 1);
        amb.insert("extra0", ndarray::arr0(1i64).into_dyn());
        amb.insert("spread0", ndarray::arr0(0.5f64).into_dyn());
        assert_eq!(differing(&m, &want, &[0.5, 1.5, 2.5, 3.0], Some(&amb)), 1);
        assert_eq!(differing(&m, &want, &[0.0, 1.5, 2.6, 3.0], Some(&amb)), 1);
    }

    #[test]
    fn float_outputs_have_a_tolerance_unless_they_are_known_to_be_exact() {
        let nearly = [1.0 + 16.0 * f32::EPSILON];
        assert_eq!(differing(&model("float", 0.0, "Add"), &[1.0], &nearly, None), 1);
        assert_eq!(differing(&model("float", 0.0, "Exp"), &[1.0], &nearly, None), 0);
        assert_eq!(differing(&model("float", 1e-3, "Add"), &[1.0], &[1.0019], None), 0);
        assert_eq!(differing(&model("float", 1e-3, "Add"), &[1.0], &[1.0021], None), 1);
    }

    #[test]
    fn another_shape_is_named() {
        let m = model("float", 0.0, "Add");
        let error = outputs(&m, &out0(&[1.0]), &out0(&[1.0, 2.0]), None).unwrap_err();
        assert_eq!(error, "out0 has shape [2], expected [1]");
    }
}
