//! Samples where the user gives none: corners of the inputs' domain, and random ones in it.

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
    /// Least value, half a step below the least code.
    pub low: f64,
    /// Greatest value.
    pub high: f64,
    /// From one code to the next.
    pub step: f64,
}

/// What the elements of a sample have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pattern {
    Least,
    Greatest,
    Zero,
    /// Half-way between codes.
    Ties,
    /// Least and greatest by turns.
    Alternating,
    Ramp,
    /// Zeros around one greatest value.
    Impulse,
    /// Around zero, far below a step.
    Tiny,
    Random,
}

impl Pattern {
    const CORNERS: [Self; 8] =
        [Self::Least, Self::Greatest, Self::Zero, Self::Ties, Self::Alternating, Self::Ramp, Self::Impulse, Self::Tiny];

    fn of(sample: usize) -> Self {
        Self::CORNERS.get(sample).copied().unwrap_or(Self::Random)
    }

    /// Element `index` of `count`.
    fn value(self, domain: Domain, index: usize, count: usize, random: &mut Random) -> f64 {
        let Domain { low, high, step } = domain;
        let (zero, within) = (0.0f64.clamp(low, high), random.unit());
        match self {
            Self::Least => low,
            Self::Greatest => high,
            Self::Zero => zero,
            Self::Ties => low + step * (within * ((high - low) / step + 1.0)).floor(),
            Self::Alternating => [low, high][index % 2],
            Self::Ramp => low + (high - low) * index as f64 / count.saturating_sub(1).max(1) as f64,
            Self::Impulse => {
                if index == count / 2 {
                    high
                } else {
                    zero
                }
            }
            Self::Tiny => (within - 0.5) * step * 2f64.powi(-12),
            Self::Random => low + within * (high - low),
        }
    }
}

/// `count` samples: the corners of the domain ([`Pattern`]), then random ones.
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
        let elements = shape.iter().product();
        let value = |element| Pattern::of(index).value(*domain, element, elements, random);
        let values: Vec<f64> = (0..elements).map(value).collect();
        let tensor = match int_type(ty.element) {
            Some(int) => Tensor::int(int, &shape, values.iter().map(|value| value.round() as i64).collect())?,
            None => Tensor::f32(&shape, values.iter().map(|value| *value as f32).collect())?,
        };
        sample.push(Rc::new(tensor));
    }
    Ok(sample)
}

/// Where nothing is known.
const UNIT: Domain = Domain { low: -1.0, high: 1.0, step: 0.125 };

/// From the first quantizer behind an input, through affine operations; [-1, 1] where
/// there is none.
pub fn domain(argument: Value<'_>) -> Domain {
    if let Some((low, high)) =
        argument.tensor_type().filter(|ty| !ty.element.is_float()).and_then(|ty| ty.element.range())
    {
        return Domain { low: low.max(-1 << 31) as f64, high: high.min(1 << 31) as f64, step: 1.0 };
    }
    search(argument, 64)
        .filter(|d| d.low.is_finite() && d.high.is_finite() && d.low < d.high && d.step > 0.0)
        .unwrap_or(UNIT)
}

fn search(value: Value<'_>, depth: usize) -> Option<Domain> {
    let depth = depth.checked_sub(1)?;
    value.users().into_iter().find_map(|user| {
        let other = |index: usize| constant_of(user.operand(index))?.to_f64_vec().into_iter().reduce(f64::max);
        let inner = |user: Op<'_>| search(user.result(0), depth);
        match user.kind() {
            OpKind::QonnxQuantize => {
                let quantize = qonnx::Quantize::of(user)?;
                let (low, high) = (f64::from(quantize.low()) - 0.5, f64::from(quantize.high()) + 0.5);
                Some(Domain { low, high, step: 1.0 })
            }
            OpKind::QonnxBinarize => Some(UNIT),
            OpKind::QonnxCountThresholds => Some(around(&constant_of(user.operand(1))?)),
            OpKind::QonnxView | OpKind::QonnxTranspose | OpKind::QonnxIdentity | OpKind::QonnxRound => inner(user),
            OpKind::QonnxDiv => inner(user)?.map(|bound| Some(bound * other(1)?)),
            OpKind::QonnxMul => inner(user)?.map(|bound| Some(bound / other(usize::from(user.operand(0) == value))?)),
            OpKind::QonnxAdd => inner(user)?.map(|bound| Some(bound - other(usize::from(user.operand(0) == value))?)),
            OpKind::QonnxSub => inner(user)?.map(|bound| Some(bound + other(1)?)),
            _ => None,
        }
    })
}

/// From below the least threshold to above the greatest.
fn around(thresholds: &Tensor) -> Domain {
    let finite = || thresholds.to_f64_vec().into_iter().filter(|threshold| threshold.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let step = ((high - low) / 16.0).max(0.125);
    Domain { low: low - step, high: high + step, step }
}

impl Domain {
    fn map(self, back: impl Fn(f64) -> Option<f64>) -> Option<Self> {
        let (a, b) = (back(self.low)?, back(self.high)?);
        Some(Self { low: a.min(b), high: a.max(b), step: (back(self.low + self.step)? - a).abs() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_lie_between_codes_and_corners_within_the_domain() {
        // Unsigned 2 bit with scale 0.25: codes 0 to 0.75.
        let domain = Domain { low: -0.125, high: 0.875, step: 0.25 };
        let mut random = Random::new(1);
        for pattern in Pattern::CORNERS {
            for index in 0..64 {
                let value = pattern.value(domain, index, 64, &mut random);
                assert!((domain.low..=domain.high).contains(&value), "{pattern:?} {value}");
                assert!(pattern != Pattern::Ties || (value / 0.25 + 0.5).fract() == 0.0, "{value}");
            }
        }
        assert_eq!(Pattern::of(8), Pattern::Random);
    }

    #[test]
    fn steps_follow_affine_operations() {
        let domain = Domain { low: -0.5, high: 3.5, step: 1.0 };
        let mapped = domain.map(|bound| Some((bound - 2.0) * -0.25));
        assert_eq!(mapped, Some(Domain { low: -0.375, high: 0.625, step: 0.25 }));
    }
}
