//! Scales and zero points of a quantizer, wherever they vary.

use crate::eval::{Tensor, ops::quantize_linear, tensor::element_count};
use ndarray::{ArrayD, Axis, Zip};
use qonnx_dialect::quant::{Granularity, UniformType};

/// Both have the operand's rank, or none where they are one value; extents are the operand's or 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    scale: ArrayD<f32>,
    zero_point: ArrayD<i64>,
}

impl Parameters {
    /// As numpy broadcasts them against an operand; `shape` is None where it is not known.
    ///
    /// # Errors
    /// If a scale is not a positive float32, a zero point no integer, or a shape is another.
    pub fn broadcast(scale: &Tensor, zero_point: &Tensor, shape: Option<&[usize]>) -> Result<Self, String> {
        let (scales, zeros) = (scale.to_f64(), zero_point.to_f64());
        let is_usable = |scale: &f64| *scale > 0.0 && scale.is_finite() && f64::from(*scale as f32) == *scale;
        if let Some(scale) = scales.iter().find(|scale| !is_usable(scale)) {
            return Err(format!("has a scale of {scale}, expected a positive number that float32 holds"));
        }
        // Beyond 32 bits none is a code.
        if let Some(zero) = zeros.iter().find(|zero| zero.fract() != 0.0 || zero.abs() > 2f64.powi(32)) {
            return Err(format!("has a zero point of {zero}, expected an integer of up to 32 bits"));
        }
        Ok(Self {
            scale: aligned(scales.mapv(|scale| scale as f32), shape, "scale")?,
            zero_point: aligned(zeros.mapv(|zero| zero as i64), shape, "zero point")?,
        })
    }

    /// As QuantizeLinear has them: one value, one for each place along an axis, or one an element.
    ///
    /// # Errors
    /// As [`Self::broadcast`].
    pub fn along(
        scale: &Tensor,
        zero_point: Option<&Tensor>,
        shape: Option<&[usize]>,
        axis: i64,
    ) -> Result<Self, String> {
        let along = |parameter: &Tensor| {
            let along = quantize_linear::along_axis(parameter, shape.unwrap_or_default(), axis);
            along.map_err(|problem| problem.to_string())
        };
        let zero_point = zero_point.map_or(Ok(Tensor::scalar(0.0)), along)?;
        Self::broadcast(&along(scale)?, &zero_point, shape)
    }

    /// Those of a quantized tensor; a dimension is None where it is not known.
    ///
    /// # Errors
    /// If they are not those of a tensor of this shape.
    pub fn of(uniform: &UniformType, shape: Option<&[Option<usize>]>) -> Result<Self, String> {
        let extents = match &uniform.granularity {
            Granularity::PerTensor => Vec::new(),
            Granularity::PerAxis(axis) => {
                let mut extents = vec![1; shape.ok_or("has an axis of scales and no known rank")?.len()];
                *extents.get_mut(*axis).ok_or("has scales along an axis that it does not have")? = uniform.scales.len();
                extents
            }
            Granularity::SubChannel { parameters, .. } => parameters.clone(),
        };
        let problem = || "has not as many scales as its type says".to_string();
        let scales = uniform.scales.iter().map(|scale| *scale as f32).collect();
        let scale = ArrayD::from_shape_vec(extents.as_slice(), scales).map_err(|_| problem())?;
        let zero_point =
            ArrayD::from_shape_vec(extents.as_slice(), uniform.zero_points.clone()).map_err(|_| problem())?;
        let Granularity::SubChannel { blocks, .. } = &uniform.granularity else {
            return Ok(Self { scale, zero_point });
        };
        Self { scale, zero_point }.repeated(blocks, shape.unwrap_or_default())
    }

    /// One an element along axes that have one a block.
    fn repeated(mut self, blocks: &[(usize, usize)], shape: &[Option<usize>]) -> Result<Self, String> {
        if self.scale.ndim() != shape.len() {
            return Err(format!("has scales of rank {}, expected {}", self.scale.ndim(), shape.len()));
        }
        for (axis, size) in blocks {
            let extent = shape.get(*axis).copied().flatten();
            let extent = extent.ok_or(format!("has blocks along axis {axis}, whose extent is not known"))?;
            let count = self.scale.shape().get(*axis).copied().unwrap_or(0);
            if count.checked_mul(*size) != Some(extent) {
                return Err(format!("has {count} blocks of {size} along axis {axis}, which has {extent} elements"));
            }
            element_count(&[self.scale.len() / count.max(1), extent]).map_err(|problem| problem.to_string())?;
            let places: Vec<usize> = (0..extent).map(|place| place / size).collect();
            self.scale = self.scale.select(Axis(*axis), &places);
            self.zero_point = self.zero_point.select(Axis(*axis), &places);
        }
        let fits = self.scale.shape().iter().zip(shape).all(|(have, want)| *have == 1 || Some(*have) == *want);
        if fits { Ok(self) } else { Err(format!("has scales of shape {:?}", self.scale.shape())) }
    }

    /// Where they vary, and the values there: the largest blocks that share them.
    ///
    /// # Errors
    /// If there are none.
    pub fn granularity(&self) -> Result<(Granularity, Vec<f64>, Vec<i64>), String> {
        let extents: Vec<usize> =
            self.scale.shape().iter().zip(self.zero_point.shape()).map(|(scale, zero)| *scale.max(zero)).collect();
        let problem = "has scales and zero points of different shapes";
        element_count(&extents).map_err(|problem| problem.to_string())?;
        let mut scale = self.scale.broadcast(extents.as_slice()).ok_or(problem)?.to_owned();
        let mut zero_point = self.zero_point.broadcast(extents.as_slice()).ok_or(problem)?.to_owned();
        let mut blocks = Vec::new();
        for (axis, extent) in extents.iter().copied().enumerate().filter(|(_, extent)| *extent > 1) {
            let size = gcd(steps(&scale, axis), gcd(steps(&zero_point, axis), extent));
            let firsts: Vec<usize> = (0..extent).step_by(size).collect();
            scale = scale.select(Axis(axis), &firsts);
            zero_point = zero_point.select(Axis(axis), &firsts);
            if size < extent {
                blocks.push((axis, size));
            }
        }
        if scale.is_empty() {
            return Err("has no scale".to_string());
        }
        let granularity = match blocks.as_slice() {
            [] => Granularity::PerTensor,
            [(axis, 1)] => Granularity::PerAxis(*axis),
            _ => Granularity::SubChannel { parameters: scale.shape().to_vec(), blocks },
        };
        Ok((granularity, scale.iter().copied().map(f64::from).collect(), zero_point.iter().copied().collect()))
    }

    /// The scales as float32.
    pub fn scale(&self) -> Tensor {
        Tensor::F32(self.scale.clone())
    }

    /// The zero points.
    pub fn zero_point(&self) -> &ArrayD<i64> {
        &self.zero_point
    }

    /// The one zero point that all share.
    pub fn only_zero_point(&self) -> Option<i64> {
        let first = *self.zero_point.first()?;
        self.zero_point.iter().all(|zero| *zero == first).then_some(first)
    }

    /// For codes that are counted from another one.
    pub fn moved(self, from: i64) -> Self {
        Self { zero_point: self.zero_point.mapv(|zero| zero.saturating_sub(from)), ..self }
    }

    /// What a code stands for at each place where they vary.
    ///
    /// # Errors
    /// If their shapes are of different quantizers.
    pub fn values(&self, code: i64) -> Result<ArrayD<f32>, String> {
        let zero_point = self.zero_point.broadcast(self.scale.raw_dim()).ok_or("has several zero points a scale")?;
        Ok(Zip::from(&self.scale).and(zero_point).map_collect(|scale, zero| value(code, *scale, *zero)))
    }

    /// The codes of values that all have one.
    ///
    /// # Errors
    /// At the first value that has none, or if the shapes do not fit.
    pub fn codes(&self, values: &ArrayD<f32>) -> Result<ArrayD<i64>, String> {
        let problem = "has parameters that do not broadcast to its operand";
        let scale = self.scale.broadcast(values.raw_dim()).ok_or(problem)?;
        let zero_point = self.zero_point.broadcast(values.raw_dim()).ok_or(problem)?;
        let code = |x: &f32, scale: &f32, zero: &i64| {
            ((f64::from(*x) / f64::from(*scale)).round() as i64).saturating_add(*zero)
        };
        let codes = Zip::from(values).and(&scale).and(&zero_point).map_collect(code);
        let mut stray = None;
        Zip::from(values).and(&codes).and(scale).and(zero_point).for_each(|x, code, scale, zero| {
            if value(*code, *scale, *zero) != *x {
                stray = Some(*x);
            }
        });
        stray.map_or(Ok(codes), |x| Err(format!("has a value {x} that no code stands for")))
    }

    /// As QuantizeLinear has them: scales, zero points, axis.
    ///
    /// # Errors
    /// If they vary along several axes of a shape that is not known.
    pub fn linear(&self, shape: Option<&[usize]>) -> Result<(Tensor, ArrayD<i64>, i64), String> {
        let wide: Vec<usize> = (0..self.scale.ndim()).filter(|axis| self.scale.len_of(Axis(*axis)) != 1).collect();
        let target = match wide.as_slice() {
            [] => vec![],
            [axis] => vec![self.scale.len_of(Axis(*axis))],
            _ => shape.ok_or("has scales along several axes of a shape that is not known")?.to_vec(),
        };
        let problem = "has parameters of different shapes";
        let (scale, zero_point) = if wide.len() < 2 {
            let reshaped = self.scale.clone().into_shape_with_order(target.as_slice());
            let zeros = self.zero_point.clone().into_shape_with_order(target.as_slice());
            (reshaped.map_err(|_| problem)?, zeros.map_err(|_| problem)?)
        } else {
            element_count(&target).map_err(|problem| problem.to_string())?;
            let scale = self.scale.broadcast(target.as_slice()).ok_or(problem)?;
            let zeros = self.zero_point.broadcast(target.as_slice()).ok_or(problem)?;
            (scale.to_owned(), zeros.to_owned())
        };
        Ok((Tensor::F32(scale), zero_point, wide.first().map_or(0, |axis| *axis as i64)))
    }
}

/// `(code - zero_point) * scale` in float32.
fn value(code: i64, scale: f32, zero_point: i64) -> f32 {
    code.wrapping_sub(zero_point) as f32 * scale
}

/// With the operand's rank.
fn aligned<T: Copy>(parameter: ArrayD<T>, shape: Option<&[usize]>, name: &str) -> Result<ArrayD<T>, String> {
    let problem = || match shape {
        Some(shape) => format!("has a {name} of shape {:?}, which would enlarge {shape:?}", parameter.shape()),
        None => format!("has more than one {name} and a shape that is not known: run qonnx-infer-shapes first"),
    };
    let rank = shape.map_or(0, <[usize]>::len);
    let mut extents = vec![1; rank];
    if parameter.len() != 1 {
        let shape = shape.ok_or_else(problem)?;
        let offset = rank.checked_sub(parameter.ndim()).ok_or_else(problem)?;
        for (extent, own) in extents.iter_mut().skip(offset).zip(parameter.shape()) {
            *extent = *own;
        }
        if extents.iter().zip(shape).any(|(own, extent)| *own != 1 && own != extent) {
            return Err(problem());
        }
    }
    parameter.clone().into_shape_with_order(extents.as_slice()).map_err(|_| problem())
}

/// The greatest common divisor of the places along an axis where an array changes; 0 if it does nowhere.
fn steps<T: PartialEq>(array: &ArrayD<T>, axis: usize) -> usize {
    let slices: Vec<_> = array.axis_iter(Axis(axis)).collect();
    let changes = slices.windows(2).enumerate().filter(|(_, pair)| pair.first() != pair.last());
    changes.fold(0, |divisor, (place, _)| gcd(divisor, place + 1))
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scale: &[f32], extents: &[usize], shape: &[usize]) -> Parameters {
        let scale = Tensor::f32(extents, scale.to_vec()).unwrap();
        Parameters::broadcast(&scale, &Tensor::scalar(0.0), Some(shape)).unwrap()
    }

    #[test]
    fn the_largest_blocks() {
        let found = |scale: &[f32], extents: &[usize], shape: &[usize]| of(scale, extents, shape).granularity();
        assert_eq!(found(&[2.0, 2.0], &[2, 1], &[2, 3]), Ok((Granularity::PerTensor, vec![2.0], vec![0])));
        assert_eq!(
            found(&[1.0, 2.0, 3.0], &[3], &[2, 3]),
            Ok((Granularity::PerAxis(1), vec![1.0, 2.0, 3.0], vec![0; 3]))
        );
        let blocks = |parameters: &[usize], blocks: &[(usize, usize)]| Granularity::SubChannel {
            parameters: parameters.to_vec(),
            blocks: blocks.to_vec(),
        };
        // Places 2 and 4 of 6 change: blocks of two.
        let scales = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0];
        assert_eq!(found(&scales, &[6], &[2, 6]), Ok((blocks(&[1, 3], &[(1, 2)]), vec![1.0, 2.0, 3.0], vec![0; 3])));
        // A change at 4 of 6, too: no two blocks of 4.
        let scales = [1.0, 1.0, 1.0, 1.0, 3.0, 3.0];
        assert_eq!(found(&scales, &[6], &[2, 6]), Ok((blocks(&[1, 3], &[(1, 2)]), vec![1.0, 1.0, 3.0], vec![0; 3])));
        let scales = [1.0, 2.0, 3.0, 4.0];
        let both = (blocks(&[2, 2], &[(0, 1), (1, 1)]), vec![1.0, 2.0, 3.0, 4.0], vec![0; 4]);
        assert_eq!(found(&scales, &[2, 2], &[2, 2]), Ok(both));
        assert!(found(&[], &[0], &[2, 0]).is_err());
    }

    #[test]
    fn blocks_come_back_as_elements() {
        let scales = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0];
        let parameters = of(&scales, &[2, 4], &[2, 4]);
        let (granularity, scales, zero_points) = parameters.granularity().unwrap();
        let uniform = UniformType {
            storage: qonnx_dialect::Element::Int { width: 8, signed: true },
            low: -128,
            high: 127,
            expressed: qonnx_dialect::Element::F32,
            granularity,
            scales,
            zero_points,
        };
        let back = Parameters::of(&uniform, Some(&[Some(2), Some(4)])).unwrap();
        assert_eq!(back.scale(), parameters.scale());
        for shape in [vec![Some(2), Some(6)], vec![Some(2), None], vec![Some(2)], vec![Some(4), Some(4)]] {
            assert!(Parameters::of(&uniform, Some(&shape)).is_err(), "{shape:?}");
        }
    }
}
