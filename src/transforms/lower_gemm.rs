//! `qonnx-lower-gemm`: Gemm in the reference's own rounding.

use super::functions::of_kind;
use crate::eval::{Tensor, convert::qonnx_constant};
use qonnx_dialect::{Builder, Op, OpKind, Reported, TensorType, Value, options::QonnxLowerGemmOptions, qonnx};

/// Replaces each Gemm.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &QonnxLowerGemmOptions) -> Result<(), Reported> {
    for gemm in of_kind(module, OpKind::QonnxGemm).filter_map(qonnx::Gemm::of) {
        let builder = Builder::before(gemm.op());
        let a = if gemm.trans_a() { transposed(&builder, gemm.a()) } else { gemm.a() };
        let b = if gemm.trans_b() { transposed(&builder, gemm.b()) } else { gemm.b() };
        let ty = gemm.result().ty();
        let product = qonnx::Matmul::build(&builder, a, b, [ty]).result();
        let result = affine(&builder, gemm, product);
        gemm.op().replace(&[result]);
    }
    Ok(())
}

/// `fma(product, alpha, beta * c)`; with alpha 1 that is a plain sum.
fn affine<'c>(builder: &Builder<'c>, gemm: qonnx::Gemm<'c>, product: Value<'c>) -> Value<'c> {
    let ty = gemm.result().ty();
    let scalar = |value: f32| qonnx_constant(builder, &Tensor::scalar(value));
    let addend = gemm.c().filter(|_| gemm.beta() != 0.0);
    let addend = addend.map(|c| {
        if gemm.beta() == 1.0 { c } else { qonnx::Mul::build(builder, c, scalar(gemm.beta()), [c.ty()]).result() }
    });
    match (gemm.alpha() == 1.0, addend) {
        (true, None) => product,
        (true, Some(c)) => qonnx::Add::build(builder, product, c, [ty]).result(),
        (false, None) => qonnx::Mul::build(builder, product, scalar(gemm.alpha()), [ty]).result(),
        (false, Some(c)) => qonnx::Fma::build(builder, product, scalar(gemm.alpha()), c, [ty]).result(),
    }
}

fn transposed<'c>(builder: &Builder<'c>, matrix: Value<'c>) -> Value<'c> {
    let ty = matrix.tensor_type().and_then(|ty| {
        let shape = ty.shape?.into_iter().rev().collect();
        Some(TensorType { element: ty.element, shape: Some(shape) }.to_type(builder.context()))
    });
    qonnx::Transpose::build(builder, matrix, &[1, 0], [ty.unwrap_or_else(|| matrix.ty())]).result()
}
