//! Operators that compute each element on its own.

use super::{
    ImportError,
    minifloats::{self, is_narrower},
    node::{Context, Node, element_of},
    tensors,
};
use qonnx_dialect::{Element, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    if let Some(name) = unary(node.op_type()) {
        return Ok(Some(vec![cx.same_type(name, &[node.operand(0)?], &[])]));
    }
    if node.version < 7 && broadcasts_by_attribute(node)? {
        return Ok(None);
    }
    if let Some(name) = binary(node.op_type()) {
        let operands = [node.operand(0)?, node.operand(1)?];
        return Ok(Some(vec![cx.same_type(name, &operands, &[])]));
    }
    let value = match node.op_type() {
        "Identity" => identity(cx, node)?,
        "Dropout" if !trains(cx, node) => {
            let kept = identity(cx, node)?;
            return Ok(Some(if node.uses_output(1) { vec![kept, all_kept(cx, node)?] } else { vec![kept] }));
        }
        "Min" => chain(cx, node, "qonnx.min")?,
        "Max" => chain(cx, node, "qonnx.max")?,
        "Sum" => chain(cx, node, "qonnx.add")?,
        // A product with the rounded reciprocal, unlike the pools.
        "Mean" => {
            let sum = chain(cx, node, "qonnx.add")?;
            cx.mul(sum, cx.scalar_like(sum, 1.0 / node.operand_count() as f64))
        }
        "Pow" => pow(cx, node)?,
        "LeakyRelu" => {
            let alpha = node.proto.float("alpha")?.unwrap_or(0.01);
            let x = node.operand(0)?;
            qonnx::LeakyRelu::build(&cx.builder, x, alpha, [cx.like(x)]).result()
        }
        "Elu" => {
            let alpha = node.proto.float("alpha")?.unwrap_or(1.0);
            let x = node.operand(0)?;
            qonnx::Elu::build(&cx.builder, x, alpha, [cx.like(x)]).result()
        }
        "Selu" => {
            let alpha = node.proto.float("alpha")?.unwrap_or(1.673_263_2);
            let gamma = node.proto.float("gamma")?.unwrap_or(1.050_701);
            let x = node.operand(0)?;
            qonnx::Selu::build(&cx.builder, x, alpha, gamma, [cx.like(x)]).result()
        }
        "HardSigmoid" => {
            let alpha = node.proto.float("alpha")?.unwrap_or(0.2);
            let beta = node.proto.float("beta")?.unwrap_or(0.5);
            let x = node.operand(0)?;
            qonnx::HardSigmoid::build(&cx.builder, x, alpha, beta, [cx.like(x)]).result()
        }
        "Clip" => clip(cx, node)?,
        "Cast" => match cast(cx, node)? {
            Some(value) => value,
            None => return Ok(None),
        },
        // Values of a narrower float are float32 here, and which float it is only constants tell.
        "CastLike" if is_narrower(node.operand(1)?) => return Ok(minifloats::cast(cx, node, None)?.map(|y| vec![y])),
        "CastLike" => cx.cast(node.operand(0)?, element_of(node.operand(1)?)),
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

fn unary(op_type: &str) -> Option<&'static str> {
    Some(match op_type {
        "Neg" => "qonnx.neg",
        "Abs" => "qonnx.abs",
        "Sqrt" => "qonnx.sqrt",
        "Exp" => "qonnx.exp",
        "Log" => "qonnx.log",
        "Erf" => "qonnx.erf",
        "Reciprocal" => "qonnx.reciprocal",
        "Sign" => "qonnx.sign",
        "Round" => "qonnx.round",
        "Floor" => "qonnx.floor",
        "Ceil" => "qonnx.ceil",
        "Relu" => "qonnx.relu",
        "Sigmoid" => "qonnx.sigmoid",
        "Tanh" => "qonnx.tanh",
        "Sin" => "qonnx.sin",
        "Cos" => "qonnx.cos",
        "Tan" => "qonnx.tan",
        "Sinh" => "qonnx.sinh",
        "Cosh" => "qonnx.cosh",
        "Asin" => "qonnx.asin",
        "Acos" => "qonnx.acos",
        "Atan" => "qonnx.atan",
        "Asinh" => "qonnx.asinh",
        "Acosh" => "qonnx.acosh",
        "Atanh" => "qonnx.atanh",
        "Softplus" => "qonnx.softplus",
        "Softsign" => "qonnx.softsign",
        "HardSwish" => "qonnx.hard_swish",
        _ => return None,
    })
}

fn binary(op_type: &str) -> Option<&'static str> {
    Some(match op_type {
        "Add" => "qonnx.add",
        "Sub" => "qonnx.sub",
        "Mul" => "qonnx.mul",
        "Div" => "qonnx.div",
        "PRelu" => "qonnx.prelu",
        _ => return None,
    })
}

/// Before version 7 the broadcast of operators with two operands was an attribute with an axis.
fn broadcasts_by_attribute(node: &Node<'_, '_>) -> Result<bool, ImportError> {
    Ok(node.proto.int("broadcast")?.is_some_and(|on| on != 0))
}

fn identity<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    Ok(qonnx::Identity::build(&cx.builder, x, [cx.like(x)]).result())
}

/// Whether a Dropout drops anything: since version 12 an operand says so, and which part.
fn trains<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> bool {
    let off = |mode: Value<'c>| cx.known(mode).is_some_and(|mode| mode.only_value() == Ok(0.0));
    node.optional(2).is_some_and(|mode| !off(mode)) && !node.optional(1).is_some_and(off)
}

/// The mask of a Dropout that drops nothing; before version 10 in the element type of its operand.
fn all_kept<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let all = cx.builder.dense_integers(Element::Bool, &[], &[1]);
    let mask = qonnx::ConstantOfShape::build(&cx.builder, cx.shape(x), all, [cx.unranked(Element::Bool)]).result();
    Ok(if node.version < 10 { cx.cast(mask, element_of(x)) } else { mask })
}

/// A variadic operator as a chain of binary ones, in the reference's order.
fn chain<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, name: &str) -> Result<Value<'c>, ImportError> {
    let operands = node.all_operands()?;
    let mut result = node.operand(0)?;
    for operand in operands.into_iter().skip(1) {
        result = cx.same_type(name, &[result, operand], &[]);
    }
    Ok(result)
}

/// The exponent may have another type than the base, which is the result's.
fn pow<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (base, exponent) = (node.operand(0)?, node.operand(1)?);
    let element = element_of(base);
    if !element.is_float() && element_of(exponent).is_float() {
        let power = cx.apply("qonnx.pow", &[cx.cast(base, Element::F64), cx.cast(exponent, Element::F64)]);
        return Ok(cx.cast(power, element));
    }
    Ok(cx.apply("qonnx.pow", &[base, cx.cast(exponent, element)]))
}

/// Bounds are attributes before version 11 and operands since.
fn clip<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let (low, high) = if node.version < 11 {
        let bound = |name| Ok::<_, ImportError>(node.proto.float(name)?.map(|bound| cx.scalar(bound)));
        (bound("min")?, bound("max")?)
    } else {
        (node.optional(1), node.optional(2))
    };
    Ok(qonnx::Clip::build(&cx.builder, x, low, high, [cx.like(x)]).result())
}

fn cast<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let to = node.proto.int("to")?.ok_or_else(|| node.error("attribute 'to' is missing"))?;
    let Some(element) = tensors::element_of_number(to) else { return minifloats::cast(cx, node, Some(to)) };
    let x = node.operand(0)?;
    if element == element_of(x) {
        return identity(cx, node).map(Some);
    }
    Ok(Some(qonnx::Cast::build(&cx.builder, x, [cx.unranked(element)]).result()))
}
