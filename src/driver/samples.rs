//! Samples where the user gives none: random in the inputs' domain, and its corners.

use super::evaluate::{Sample, main_function};
use crate::eval::{
    Tensor,
    convert::{constant_of, int_type},
};
use anyhow::{Result, anyhow};
use qonnx_dialect::{Op, OpKind, Program, Value, qonnx};
use std::rc::Rc;

/// A small generator with a seed of its own (splitmix64): samples are the same everywhere.
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The values that an input takes: those that its quantizer tells apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Domain {
    /// Least value.
    pub low: f64,
    /// Greatest value.
    pub high: f64,
}

/// `count` samples: all least, all greatest, all zero, then random ones.
///
/// # Errors
/// If the module has no `main` or an input no static shape.
pub fn generate(program: &Program, count: usize, seed: u64) -> Result<Vec<Sample>> {
    let mut random = Random::new(seed);
    program.with(|module| {
        let main = main_function(module)?;
        let domains: Vec<Domain> = main.arguments().into_iter().map(domain).collect();
        (0..count).map(|index| sample(main, &domains, index, &mut random)).collect()
    })
}

fn sample(main: Op<'_>, domains: &[Domain], index: usize, random: &mut Random) -> Result<Sample> {
    let mut sample = Sample::new();
    for (argument, domain) in main.arguments().into_iter().zip(domains) {
        let ty = argument.tensor_type().ok_or_else(|| anyhow!("an input is no tensor"))?;
        let shape: Vec<usize> = ty.shape.unwrap_or_default().into_iter().map(|dim| dim.unwrap_or(1)).collect();
        let mut value = || match index {
            0 => domain.low,
            1 => domain.high,
            2 => 0.0f64.clamp(domain.low, domain.high),
            _ => domain.low + random.unit() * (domain.high - domain.low),
        };
        let values: Vec<f64> = (0..shape.iter().product()).map(|_| value()).collect();
        let tensor = match int_type(ty.element) {
            Some(int) => Tensor::int(int, &shape, values.iter().map(|value| value.round() as i64).collect())?,
            None => Tensor::f32(&shape, values.iter().map(|value| *value as f32).collect())?,
        };
        sample.push(Rc::new(tensor));
    }
    Ok(sample)
}

/// From the first quantizer behind an input, through affine operations; [-1, 1] where
/// there is none.
pub fn domain(argument: Value<'_>) -> Domain {
    if let Some((low, high)) =
        argument.tensor_type().filter(|ty| !ty.element.is_float()).and_then(|ty| ty.element.range())
    {
        return Domain { low: low.max(-1 << 31) as f64, high: high.min(1 << 31) as f64 };
    }
    search(argument, 64)
        .filter(|d| d.low.is_finite() && d.high.is_finite() && d.low < d.high)
        .unwrap_or(Domain { low: -1.0, high: 1.0 })
}

fn search(value: Value<'_>, depth: usize) -> Option<Domain> {
    let depth = depth.checked_sub(1)?;
    value.users().into_iter().find_map(|user| {
        let other = |index: usize| constant_of(user.operand(index))?.to_f64_vec().into_iter().reduce(f64::max);
        let inner = |user: Op<'_>| search(user.result(0), depth);
        match user.kind() {
            OpKind::QonnxQuantize => {
                let quantize = qonnx::Quantize::of(user)?;
                Some(Domain { low: f64::from(quantize.low()) - 0.5, high: f64::from(quantize.high()) + 0.5 })
            }
            OpKind::QonnxBinarize | OpKind::QonnxCountThresholds => Some(Domain { low: -1.0, high: 1.0 }),
            OpKind::QonnxView | OpKind::QonnxTranspose | OpKind::QonnxIdentity | OpKind::QonnxRound => inner(user),
            OpKind::QonnxDiv => inner(user)?.map(|bound| Some(bound * other(1)?)),
            OpKind::QonnxMul => inner(user)?.map(|bound| Some(bound / other(usize::from(user.operand(0) == value))?)),
            OpKind::QonnxAdd => inner(user)?.map(|bound| Some(bound - other(usize::from(user.operand(0) == value))?)),
            OpKind::QonnxSub => inner(user)?.map(|bound| Some(bound + other(1)?)),
            _ => None,
        }
    })
}

impl Domain {
    fn map(self, back: impl Fn(f64) -> Option<f64>) -> Option<Self> {
        let (a, b) = (back(self.low)?, back(self.high)?);
        Some(Self { low: a.min(b), high: a.max(b) })
    }
}
