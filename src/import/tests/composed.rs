//! Operators that are made of others, evaluated: expected values are those of onnxruntime and onnx.

use super::{Case, case};
use crate::eval::{Interpreter, Tensor};
use std::rc::Rc;

impl Case {
    /// The outputs for one float32 vector a graph input, as float64.
    pub(super) fn outputs_for(self, inputs: &[&[f32]]) -> Vec<Vec<f64>> {
        let program = self.program().unwrap();
        program.with(|module| {
            let mut interpreter = Interpreter::new(module);
            let main = interpreter.function("main").unwrap();
            let shapes = main.arguments().into_iter().map(|value| value.tensor_type().unwrap().static_shape().unwrap());
            let arguments = shapes.zip(inputs).map(|(shape, x)| Rc::new(Tensor::f32(&shape, x.to_vec()).unwrap()));
            let results = interpreter.run(main, arguments.collect()).unwrap();
            results.iter().map(|result| result.to_f64_vec()).collect()
        })
    }

    /// Checks the only output for the only input, to the last bit.
    #[track_caller]
    pub(super) fn maps(self, x: &[f32], expected: &[f32]) {
        let outputs = self.outputs_for(&[x]);
        let expected: Vec<f64> = expected.iter().map(|value| f64::from(*value)).collect();
        assert_eq!(outputs, [expected]);
    }

    /// As [`Self::maps`], where NaN equals NaN.
    #[track_caller]
    pub(super) fn maps_with_nan(self, x: &[f32], expected: &[f32]) {
        let found = self.outputs_for(&[x]).concat();
        let same = |(found, wanted): (&f64, &f32)| *found == f64::from(*wanted) || found.is_nan() && wanted.is_nan();
        let all = found.len() == expected.len() && found.iter().zip(expected).all(same);
        assert!(all, "{found:?} for {expected:?}");
    }

    pub(super) fn ints32(self, name: &str, values: &[i32]) -> Self {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, 6, &[values.len() as i64], raw)
    }
}

/// Checks values up to the order of float32 sums: some units in the last place of the largest.
#[track_caller]
pub(super) fn near(found: &[f64], wanted: &[f32]) {
    let largest = wanted.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let near = |(found, wanted): (&f64, &f32)| (found - f64::from(*wanted)).abs() <= 4.8e-7 * f64::from(largest);
    assert!(found.len() == wanted.len() && found.iter().zip(wanted).all(near), "{found:?} for {wanted:?}");
}

const NAN: f32 = f32::NAN;

#[test]
fn comparisons_know_nan() {
    let compare = |op| case(op, 16).input("x", &[4]).floats("y", &[4], &[1.0, 1.0, 1.0, NAN]);
    compare("LessOrEqual").maps(&[0.5, 1.0, NAN, NAN], &[1.0, 1.0, 0.0, 0.0]);
    compare("GreaterOrEqual").maps(&[0.5, 1.0, NAN, 2.0], &[0.0, 1.0, 0.0, 0.0]);
    case("IsNaN", 13).input("x", &[3]).maps(&[0.0, NAN, f32::INFINITY], &[0.0, 1.0, 0.0]);
    let infinite = || case("IsInf", 10).input("x", &[3]);
    infinite().maps(&[NAN, f32::NEG_INFINITY, f32::INFINITY], &[0.0, 1.0, 1.0]);
    infinite().int("detect_negative", 0).maps(&[0.0, f32::NEG_INFINITY, f32::INFINITY], &[0.0, 0.0, 1.0]);
}

#[test]
fn remainders_and_bits() {
    let of = |op, version, a: &[i32], b: &[i32]| case(op, version).ints32("a", a).ints32("b", b);
    let value = |case: Case| case.outputs_for(&[]).concat();
    assert_eq!(value(of("Mod", 13, &[-7, 7, -7], &[3, -3, -3])), [2.0, -2.0, -1.0]);
    assert_eq!(value(of("Mod", 13, &[-7, 7, -7], &[3, -3, -3]).int("fmod", 1)), [-1.0, 1.0, -1.0]);
    case("Mod", 13).input("x", &[2]).scalar("b", 2.0).int("fmod", 1).maps(&[-5.5, 5.5], &[-1.5, 1.5]);
    case("Mod", 26).input("x", &[4]).scalar("b", -2.0).maps(&[-5.5, 5.5, -4.0, 1.0], &[-1.5, -0.5, -0.0, -1.0]);
    assert_eq!(value(of("BitwiseXor", 18, &[-1, 6], &[5, 3])), [-6.0, 5.0]);
    let shift = |direction, x: &[i32], count: &[i32]| value(of("BitShift", 11, x, count).word("direction", direction));
    assert_eq!(shift("LEFT", &[3, 1, 1], &[4, 31, 32]), [48.0, -2_147_483_648.0, 0.0]);
    assert_eq!(shift("RIGHT", &[-8, -1, 9, -4], &[1, 1, 40, -1]), [-4.0, -1.0, 0.0, -1.0]);
    of("BitShift", 11, &[1], &[1]).fails_with("direction is '', expected LEFT or RIGHT");
    let not =
        |ty, raw: Vec<u8>| value(case(if ty == 9 { "Not" } else { "BitwiseNot" }, 18).constant("x", ty, &[2], raw));
    assert_eq!(not(9, vec![0, 1]), [1.0, 0.0]);
    assert_eq!(not(2, vec![0, 250]), [255.0, 5.0]);
    assert_eq!(not(3, vec![0, 250]), [-1.0, 5.0]);
}

#[test]
fn powers_of_two_types() {
    let cube = case("Pow", 13).input("x", &[2]).list("e", &[3]);
    cube.maps(&[2.0, -1.5], &[8.0, -3.375]);
    let root = case("Pow", 13).ints32("x", &[9, 10]).scalar("e", 0.5);
    assert_eq!(root.outputs_for(&[]), [[3.0, 3.0]]);
}

#[test]
fn activations() {
    let x = [-3.0, -0.5, 0.25, 2.0];
    let of = |op, version| case(op, version).input("x", &[4]);
    of("ThresholdedRelu", 10).maps(&x, &[0.0, 0.0, 0.0, 2.0]);
    of("Shrink", 9).float("lambd", 0.4).float("bias", 0.1).maps(&x, &[-2.9, -0.4, 0.0, 1.9]);
    of("Celu", 12).float("alpha", 0.5).maps(&x, &[-0.498_760_6, -0.316_060_27, 0.25, 2.0]);
    of("Celu", 12).float("alpha", -0.5).stays_generic();
    of("Swish", 24).float("alpha", 2.0).maps(&x, &[-0.007_417_917_3, -0.134_470_72, 0.155_614_82, 1.964_027_5]);
    of("Mish", 18).maps(&x, &[-0.145_647_45, -0.220_743_78, 0.169_572_43, 1.943_959]);
    of("Mean", 13).scalar("y", 1.0).scalar("z", 0.5).maps(&x, &[-0.5, 0.333_333_34, 0.583_333_4, 1.166_666_7]);
}

#[test]
fn short_floats_are_rounded_by_each_node() {
    let half = |value: f32| half::f16::from_f32(value).to_le_bytes();
    let third = |node: Case| node.constant("third", 10, &[], half(1.0 / 3.0).to_vec());
    let product = third(case("Mul", 13)).constant("three", 10, &[], half(3.0).to_vec());
    assert_eq!(product.outputs_for(&[]), [[1.0]]);
    let raw = [-0.7, 0.3].into_iter().flat_map(half).collect();
    let celu = case("Celu", 12).constant("x", 10, &[2], raw).outputs_for(&[]).concat();
    assert_eq!(celu, [-0.503_417_968_75, 0.300_048_828_125]);
}

#[test]
fn depth_before_places() {
    let x: Vec<f32> = (0..8u8).map(f32::from).collect();
    let blocks = case("SpaceToDepth", 27).input("x", &[1, 2, 2, 2]).int("blocksize", 2);
    blocks.word("mode", "CRD").maps(&x, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
}
