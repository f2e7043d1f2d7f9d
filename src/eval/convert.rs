//! Tensors from and to constant attributes.

use super::tensor::{EvalError, IntType, Tensor};
use qonnx_dialect::{Attribute, Builder, Element, TensorType, Value, constants, constants::Elements, hls, qonnx};

/// The tensor of a constant attribute.
///
/// # Errors
/// If the attribute is no constant of an element type that we know.
pub fn tensor_of(attribute: Attribute<'_>) -> Result<Tensor, EvalError> {
    let (ty, elements) = constants::read(attribute)
        .ok_or_else(|| EvalError::Value("the constant has an element type or resource that cannot be read".into()))?;
    let shape = ty.static_shape().unwrap_or_default();
    match (elements, ty.element) {
        (Elements::F32(values), _) => Tensor::f32(&shape, values),
        (Elements::F64(values), _) => Tensor::f64(&shape, values),
        (Elements::Int(values), element) => Tensor::int(int_type(element).unwrap_or(IntType::I64), &shape, values),
    }
}

/// The constant that a value is, if it is one.
pub fn constant_of(value: Value<'_>) -> Option<Tensor> {
    let op = value.defining_op()?;
    let attribute = match qonnx::Constant::of(op) {
        Some(constant) => constant.value(),
        None => hls::Constant::of(op)?.value(),
    };
    tensor_of(attribute).ok()
}

/// The constant that a value is, or that one operation makes of constants: the bias behind a
/// quantizer.
pub fn known_value(value: Value<'_>) -> Option<Tensor> {
    if let Some(tensor) = constant_of(value) {
        return Some(tensor);
    }
    let op = value.defining_op().filter(|op| op.result_count() == 1 && op.operand_count() > 0)?;
    let operands: Vec<Tensor> = op.operands().into_iter().map(constant_of).collect::<Option<_>>()?;
    let operands: Vec<&Tensor> = operands.iter().collect();
    super::evaluate(op, &operands).ok()?.into_iter().next()
}

/// The constant attribute of a tensor, with the tensor's own element type.
pub fn attribute_of<'c>(builder: &Builder<'c>, tensor: &Tensor) -> Attribute<'c> {
    let context = builder.context();
    match tensor {
        Tensor::F32(values) => {
            let values: Vec<f32> = values.iter().copied().collect();
            constants::floats(context, tensor.shape(), &values)
        }
        Tensor::F64(values) => {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            constants::from_bytes(context, &TensorType::new(Element::F64, tensor.shape()), bytes)
        }
        Tensor::Int(ty, values) => {
            let values: Vec<i64> = values.iter().copied().collect();
            constants::dense_integers(context, element_of(*ty), tensor.shape(), &values)
        }
    }
}

/// `qonnx.constant` of a tensor.
pub fn qonnx_constant<'c>(builder: &Builder<'c>, tensor: &Tensor) -> Value<'c> {
    let ty = TensorType::new(element_type(tensor), tensor.shape()).to_type(builder.context());
    qonnx::Constant::build(builder, attribute_of(builder, tensor), [ty]).result()
}

/// `hls.constant` of integers, in the narrowest type that holds them.
pub fn hls_constant<'c>(builder: &Builder<'c>, shape: &[usize], values: &[i64]) -> Value<'c> {
    let low = values.iter().copied().min().unwrap_or(0);
    let high = values.iter().copied().max().unwrap_or(0);
    let element = Element::of_range(low, high);
    let attribute = builder.dense_integers(element, shape, values);
    hls::Constant::build(builder, attribute, [builder.tensor(element, shape)]).result()
}

/// The element type that a tensor has in IR.
pub fn element_type(tensor: &Tensor) -> Element {
    match tensor {
        Tensor::F32(_) => Element::F32,
        Tensor::F64(_) => Element::F64,
        Tensor::Int(ty, _) => element_of(*ty),
    }
}

/// An integer type in IR; one unsigned bit is `ui1`, which reads as bool.
pub fn element_of(ty: IntType) -> Element {
    Element::Int { width: ty.width, signed: ty.signed }
}

/// The evaluator's integer type of an element type.
pub fn int_type(element: Element) -> Option<IntType> {
    match element {
        Element::Bool => Some(IntType::BOOL),
        Element::Int { width, signed } => Some(IntType { width, signed }),
        _ => None,
    }
}
