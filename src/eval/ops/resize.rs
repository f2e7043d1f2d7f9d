//! Resize (and Upsample) by the nearest element.

use std::str::FromStr;

use ndarray::Axis;

use crate::eval::tensor::{EvalError, Tensor, element_count, map_array};

/// How an output position maps to the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // named as in the ONNX specification
pub enum CoordinateTransform {
    #[default]
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
}

/// How a position between elements rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NearestMode {
    /// Half rounds down; ONNX's default.
    #[default]
    RoundPreferFloor,
    /// Half rounds up.
    RoundPreferCeil,
    /// Down.
    Floor,
    /// Up.
    Ceil,
}

impl FromStr for CoordinateTransform {
    type Err = EvalError;

    fn from_str(name: &str) -> Result<Self, EvalError> {
        Ok(match name {
            "half_pixel" => Self::HalfPixel,
            "half_pixel_symmetric" => Self::HalfPixelSymmetric,
            "pytorch_half_pixel" => Self::PytorchHalfPixel,
            "align_corners" => Self::AlignCorners,
            "asymmetric" => Self::Asymmetric,
            _ => {
                return Err(EvalError::attribute(format!("coordinate_transformation_mode {name:?} is not supported")));
            }
        })
    }
}

impl FromStr for NearestMode {
    type Err = EvalError;

    fn from_str(name: &str) -> Result<Self, EvalError> {
        Ok(match name {
            "round_prefer_floor" | "simple" => Self::RoundPreferFloor,
            "round_prefer_ceil" => Self::RoundPreferCeil,
            "floor" => Self::Floor,
            "ceil" => Self::Ceil,
            _ => {
                return Err(EvalError::attribute(format!("nearest_mode {name:?} is not supported")));
            }
        })
    }
}

/// What the result's extents are.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Factors, one an axis: `floor(extent * factor)`.
    Scales(Vec<f32>),
    /// Extents, one an axis.
    Sizes(Vec<i64>),
}

/// Resize with mode nearest: every axis alone takes the input element nearest to the transformed position, computed
/// in float32 as onnxruntime does.
///
/// # Errors
/// If the target does not fit the rank, a factor is not positive, or the result is too large.
pub fn resize_nearest(
    x: &Tensor,
    target: &Target,
    transform: CoordinateTransform,
    nearest: NearestMode,
) -> Result<Tensor, EvalError> {
    let axes = resolve(x.shape(), target)?;
    element_count(&axes.iter().map(|a| a.0).collect::<Vec<_>>())?;
    let mut result = x.clone();
    for (axis, &(extent, scale)) in axes.iter().enumerate() {
        let input = x.shape().get(axis).copied().unwrap_or(0);
        if extent == input && scale == 1.0 {
            continue;
        }
        if input == 0 {
            return Err(EvalError::shape(format!("axis {axis} of shape {:?} is empty", x.shape())));
        }
        let positions: Vec<usize> = (0..extent)
            .map(|i| {
                let position = transform.position(i as f32, extent as f32, input as f32, scale);
                let position = if scale == 1.0 { i as f32 } else { position };
                nearest.round(position).clamp(0.0, (input - 1) as f32) as usize
            })
            .collect();
        result = map_array!(&result, a => a.select(Axis(axis), &positions));
    }
    Ok(result)
}

/// The shape of a tensor of `shape` after a Resize.
///
/// # Errors
/// As [`resize_nearest`].
pub fn resized(shape: &[usize], target: &Target) -> Result<Vec<usize>, EvalError> {
    let extents: Vec<usize> = resolve(shape, target)?.into_iter().map(|(extent, _)| extent).collect();
    element_count(&extents)?;
    Ok(extents)
}

/// Extent and factor of every axis of the result.
///
/// # Errors
/// As [`resize_nearest`].
pub fn resolve(shape: &[usize], target: &Target) -> Result<Vec<(usize, f32)>, EvalError> {
    let count = match target {
        Target::Scales(s) => s.len(),
        Target::Sizes(s) => s.len(),
    };
    if count != shape.len() {
        return Err(EvalError::shape(format!("{count} scales or sizes for a tensor of rank {}", shape.len())));
    }
    match target {
        Target::Scales(scales) => {
            if let Some(s) = scales.iter().find(|s| !(s.is_finite() && **s > 0.0)) {
                return Err(EvalError::value(format!("the resize factor {s} is not positive")));
            }
            Ok(shape.iter().zip(scales).map(|(&d, &s)| ((d as f32 * s) as usize, s)).collect())
        }
        Target::Sizes(sizes) => {
            let extents = super::layout::extents(sizes)?;
            Ok(shape.iter().zip(extents).map(|(&d, n)| (n, n as f32 / d.max(1) as f32)).collect())
        }
    }
}

impl CoordinateTransform {
    /// Where element `x` of an axis of `output` elements lies among the `input` ones.
    pub fn position(self, x: f32, output: f32, input: f32, scale: f32) -> f32 {
        match self {
            Self::HalfPixel => (x + 0.5) / scale - 0.5,
            Self::PytorchHalfPixel => {
                if output > 1.0 {
                    (x + 0.5) / scale - 0.5
                } else {
                    0.0
                }
            }
            Self::AlignCorners => {
                if output == 1.0 {
                    0.0
                } else {
                    x * (input - 1.0) / (output - 1.0)
                }
            }
            Self::Asymmetric => x / scale,
            Self::HalfPixelSymmetric => {
                let adjustment = output / (scale * input);
                let center = input / 2.0;
                center * (1.0 - adjustment) + (x + 0.5) / scale - 0.5
            }
        }
    }
}

impl NearestMode {
    fn round(self, position: f32) -> f32 {
        match self {
            Self::RoundPreferFloor if position == position.trunc() + 0.5 => position.floor(),
            Self::RoundPreferFloor | Self::RoundPreferCeil => position.round(),
            Self::Floor => position.floor(),
            Self::Ceil => position.ceil(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(extent: i64, target: Target, t: CoordinateTransform, n: NearestMode) -> Vec<i64> {
        resize_nearest(&Tensor::indices((0..extent).collect()), &target, t, n).unwrap().to_i64_vec().unwrap()
    }

    #[test]
    fn five_elements_become_eight_as_in_onnxruntime() {
        let cases = [
            (CoordinateTransform::HalfPixel, NearestMode::RoundPreferFloor, [0, 0, 1, 2, 2, 3, 4, 4]),
            (CoordinateTransform::HalfPixel, NearestMode::RoundPreferCeil, [0, 0, 1, 2, 2, 3, 4, 4]),
            (CoordinateTransform::HalfPixel, NearestMode::Floor, [0, 0, 1, 1, 2, 2, 3, 4]),
            (CoordinateTransform::HalfPixel, NearestMode::Ceil, [0, 1, 2, 2, 3, 3, 4, 4]),
            (CoordinateTransform::PytorchHalfPixel, NearestMode::RoundPreferFloor, [0, 0, 1, 2, 2, 3, 4, 4]),
            (CoordinateTransform::PytorchHalfPixel, NearestMode::RoundPreferCeil, [0, 0, 1, 2, 2, 3, 4, 4]),
            (CoordinateTransform::PytorchHalfPixel, NearestMode::Floor, [0, 0, 1, 1, 2, 2, 3, 4]),
            (CoordinateTransform::PytorchHalfPixel, NearestMode::Ceil, [0, 1, 2, 2, 3, 3, 4, 4]),
            (CoordinateTransform::AlignCorners, NearestMode::RoundPreferFloor, [0, 1, 1, 2, 2, 3, 3, 4]),
            (CoordinateTransform::AlignCorners, NearestMode::RoundPreferCeil, [0, 1, 1, 2, 2, 3, 3, 4]),
            (CoordinateTransform::AlignCorners, NearestMode::Floor, [0, 0, 1, 1, 2, 2, 3, 4]),
            (CoordinateTransform::AlignCorners, NearestMode::Ceil, [0, 1, 2, 2, 3, 3, 4, 4]),
            (CoordinateTransform::Asymmetric, NearestMode::RoundPreferFloor, [0, 1, 1, 2, 2, 3, 4, 4]),
            (CoordinateTransform::Asymmetric, NearestMode::RoundPreferCeil, [0, 1, 1, 2, 3, 3, 4, 4]),
            (CoordinateTransform::Asymmetric, NearestMode::Floor, [0, 0, 1, 1, 2, 3, 3, 4]),
            (CoordinateTransform::Asymmetric, NearestMode::Ceil, [0, 1, 2, 2, 3, 4, 4, 4]),
        ];
        for (transform, nearest, expected) in cases {
            assert_eq!(run(5, Target::Sizes(vec![8]), transform, nearest), expected, "{transform:?} {nearest:?}");
        }
        let twice = run(2, Target::Scales(vec![2.0]), CoordinateTransform::Asymmetric, NearestMode::Floor);
        assert_eq!(twice, [0, 0, 1, 1]);
    }

    #[test]
    fn hostile_targets_are_refused() {
        let x = Tensor::indices(vec![1, 2]);
        let refused = |t| resize_nearest(&x, &t, Default::default(), Default::default()).is_err();
        assert!(refused(Target::Scales(vec![0.0])));
        assert!(refused(Target::Scales(vec![1e30])));
        assert!(refused(Target::Sizes(vec![-1])));
        assert!(refused(Target::Sizes(vec![1, 1])));
    }
}
