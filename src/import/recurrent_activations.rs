//! The activation functions that RNN, GRU and LSTM name in lists.

use super::{
    ImportError,
    node::{Context, Node},
};
use crate::onnx::quoted;
use qonnx_dialect::{Value, qonnx};

/// A function with its parameters.
#[derive(Clone, Copy)]
pub struct Activation {
    function: Function,
    alpha: f32,
    beta: f32,
}

#[derive(Clone, Copy)]
enum Function {
    /// An operation without parameters.
    Plain(&'static str),
    Affine,
    LeakyRelu,
    ThresholdedRelu,
    ScaledTanh,
    HardSigmoid,
    Elu,
}

impl Function {
    /// The function, and defaults of alpha and beta where it has them.
    fn named(name: &str) -> Option<(Self, Option<f32>, Option<f32>)> {
        Some(match name.to_ascii_lowercase().as_str() {
            "relu" => (Self::Plain("qonnx.relu"), None, None),
            "tanh" => (Self::Plain("qonnx.tanh"), None, None),
            "sigmoid" => (Self::Plain("qonnx.sigmoid"), None, None),
            "softsign" => (Self::Plain("qonnx.softsign"), None, None),
            "softplus" => (Self::Plain("qonnx.softplus"), None, None),
            "affine" => (Self::Affine, Some(1.0), Some(0.0)),
            "leakyrelu" => (Self::LeakyRelu, Some(0.01), None),
            "thresholdedrelu" => (Self::ThresholdedRelu, Some(1.0), None),
            "scaledtanh" => (Self::ScaledTanh, Some(1.0), Some(1.0)),
            "hardsigmoid" => (Self::HardSigmoid, Some(0.2), Some(0.5)),
            "elu" => (Self::Elu, Some(1.0), None),
            _ => return None,
        })
    }
}

/// The functions of a direction: those that the node lists, or else the defaults. Parameters are listed for the
/// functions that have them, those of all directions in one list.
///
/// # Errors
/// If a function is not known, or there are too few.
pub fn activations(node: &Node<'_, '_>, defaults: &[&str], direction: usize) -> Result<Vec<Activation>, ImportError> {
    let listed = node.proto.strings("activations")?.unwrap_or_default();
    let names = if listed.is_empty() { defaults.repeat(direction + 1) } else { listed };
    let mut alphas = node.proto.floats("activation_alpha")?.unwrap_or_default().iter().copied();
    let mut betas = node.proto.floats("activation_beta")?.unwrap_or_default().iter().copied();
    let mut all = Vec::new();
    for name in &names {
        let found =
            Function::named(name).ok_or_else(|| node.error(format!("names the activation {}", quoted(name))))?;
        let (function, alpha, beta) = found;
        let parameter = |default: Option<f32>, list: &mut dyn Iterator<Item = f32>| {
            default.map_or(0.0, |default| list.next().unwrap_or(default))
        };
        let (alpha, beta) = (parameter(alpha, &mut alphas), parameter(beta, &mut betas));
        all.push(Activation { function, alpha, beta });
    }
    let own = direction * defaults.len()..(direction + 1) * defaults.len();
    let own = all.get(own).map(<[Activation]>::to_vec);
    own.ok_or_else(|| node.error(format!("names {} activations, expected {} a direction", all.len(), defaults.len())))
}

impl Activation {
    /// The function of x.
    pub fn apply<'c>(self, cx: &Context<'_, 'c>, x: Value<'c>) -> Value<'c> {
        let (alpha, beta, ty) = (self.alpha, self.beta, [cx.like(x)]);
        let number = |value: f32| cx.scalar_like(x, value.into());
        match self.function {
            Function::Plain(name) => cx.apply(name, &[x]),
            Function::Affine => cx.add(cx.mul(x, number(alpha)), number(beta)),
            Function::LeakyRelu => qonnx::LeakyRelu::build(&cx.builder, x, alpha, ty).result(),
            Function::ThresholdedRelu => qonnx::ThresholdedRelu::build(&cx.builder, x, alpha, ty).result(),
            Function::ScaledTanh => cx.mul(cx.apply("qonnx.tanh", &[cx.mul(x, number(beta))]), number(alpha)),
            Function::HardSigmoid => qonnx::HardSigmoid::build(&cx.builder, x, alpha, beta, ty).result(),
            Function::Elu => qonnx::Elu::build(&cx.builder, x, alpha, ty).result(),
        }
    }
}
