//! The meaning of convolutions, pools and reductions, and of the padding they leave to be computed.

use super::{operand, optional_operand};
use crate::eval::{
    ops::{
        conv::{self, ConvParams, same_pads, transposed_extents},
        pool::{self, PoolParams},
        reduce,
    },
    tensor::{EvalError, Tensor},
};
use qonnx_dialect::{AutoPad, Op, OpKind, Reduction, qonnx};

/// The attributes of an operation that slides a window, as they are in IR: lists have an entry a
/// spatial axis, `pads` two.
#[derive(Clone, Debug)]
pub struct Sliding {
    /// Strides, pads and dilations as written, before `auto_pad`.
    params: ConvParams,
    auto_pad: AutoPad,
    pools: bool,
    /// ConvTranspose: the result's extents, or empty.
    output_shape: Vec<usize>,
}

impl Sliding {
    /// Reads the attributes of a convolution or pool.
    ///
    /// # Errors
    /// If a number is negative.
    pub fn of(op: Op<'_>) -> Result<Self, EvalError> {
        let group = op.optional_i64_attribute("group").unwrap_or(1);
        let auto_pad = op.optional_i64_attribute("auto_pad").and_then(AutoPad::from_number);
        let params = ConvParams {
            strides: sizes(op, "strides")?,
            pads: sizes(op, "pads")?,
            dilations: sizes(op, "dilations")?,
            group: usize::try_from(group).map_err(|_| EvalError::Attribute(format!("group is {group}")))?,
            output_padding: sizes(op, "output_padding")?,
        };
        let output_shape = sizes(op, "output_shape")?;
        let pools = matches!(op.kind(), OpKind::QonnxMaxPool | OpKind::QonnxAveragePool);
        Ok(Self { params, auto_pad: auto_pad.unwrap_or(AutoPad::Notset), pools, output_shape })
    }

    /// What holds along one of `rank` spatial axes alone.
    pub fn along(&self, axis: usize, rank: usize) -> Self {
        let at = |list: &[usize], index: usize| list.get(index).copied().into_iter().collect::<Vec<_>>();
        let params = ConvParams {
            strides: at(&self.params.strides, axis),
            pads: [at(&self.params.pads, axis), at(&self.params.pads, axis + rank)].concat(),
            dilations: at(&self.params.dilations, axis),
            group: self.params.group,
            output_padding: at(&self.params.output_padding, axis),
        };
        Self { params, output_shape: at(&self.output_shape, axis), ..*self }
    }

    /// The parameters of a convolution or pool, its pads written out.
    pub fn params(&self, input: &[usize], kernel: &[usize]) -> ConvParams {
        let strides = &self.params.strides;
        // The reference pads a pool as if it had no dilations.
        let dilations: &[usize] = if self.pools { &[] } else { &self.params.dilations };
        let pads = match self.auto_pad {
            AutoPad::Notset => return self.params.clone(),
            AutoPad::Valid => vec![0; 2 * input.len()],
            AutoPad::SameUpper => same_pads(input, kernel, strides, dilations, true),
            AutoPad::SameLower => same_pads(input, kernel, strides, dilations, false),
        };
        ConvParams { pads, ..self.params.clone() }
    }

    /// The parameters of a transposed convolution. Its extents are `output_shape`, or `input * stride` where
    /// `auto_pad` is one of the two kinds of same, and pads follow from that. An odd total has
    /// its larger half in front, but for `same_upper`.
    ///
    /// # Errors
    /// If more is wanted than the kernel reaches.
    pub fn transposed_params(&self, input: &[usize], kernel: &[usize]) -> Result<ConvParams, EvalError> {
        let unpadded = ConvParams { pads: Vec::new(), ..self.params.clone() };
        let same = matches!(self.auto_pad, AutoPad::SameUpper | AutoPad::SameLower);
        let wanted: Vec<usize> = if !self.output_shape.is_empty() {
            self.output_shape.clone()
        } else if same {
            let stride = |axis: usize| self.params.strides.get(axis).copied().unwrap_or(1);
            input.iter().enumerate().map(|(axis, extent)| extent.saturating_mul(stride(axis))).collect()
        } else if self.auto_pad == AutoPad::Valid {
            return Ok(unpadded);
        } else {
            return Ok(self.params.clone());
        };
        let full = transposed_extents(input, kernel, &unpadded)?;
        let surplus = |(full, wanted): (&usize, &usize)| match full.checked_sub(*wanted) {
            // The reference pads by nothing then, and the result is shorter than the rule says.
            None if self.output_shape.is_empty() => Some(0),
            surplus => surplus,
        };
        let totals = full.iter().zip(&wanted).map(surplus).collect::<Option<Vec<usize>>>().ok_or_else(|| {
            EvalError::Shape(format!("output_shape {wanted:?} is more than the {full:?} that the kernel reaches"))
        })?;
        let small = totals.iter().map(|total| total / 2);
        let large = totals.iter().map(|total| total - total / 2);
        let upper = self.auto_pad == AutoPad::SameUpper;
        let pads = if upper { small.chain(large).collect() } else { large.chain(small).collect() };
        Ok(ConvParams { pads, ..unpadded })
    }
}

fn sizes(op: Op<'_>, name: &str) -> Result<Vec<usize>, EvalError> {
    let list = op.i64s_attribute(name);
    let sizes: Result<Vec<usize>, _> = list.iter().map(|size| usize::try_from(*size)).collect();
    sizes.map_err(|_| EvalError::Attribute(format!("{name} {list:?} has a negative number")))
}

/// The spatial extents of a tensor (samples, channels, spatial...).
fn spatial(x: &Tensor) -> &[usize] {
    x.shape().get(2..).unwrap_or_default()
}

/// The result of a convolution.
pub(super) fn conv(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let (input, weights) = (operand(x, 0)?, operand(x, 1)?);
    let bias = optional_operand(x, x.len() > 2, 2)?;
    let sliding = Sliding::of(op)?;
    if op.kind() == OpKind::QonnxConvTranspose {
        let params = sliding.transposed_params(spatial(input), spatial(weights))?;
        return conv::conv_transpose(input, weights, bias, &params);
    }
    conv::conv(input, weights, bias, &sliding.params(spatial(input), spatial(weights)))
}

/// The parameters of a pool of an operand of this shape.
///
/// # Errors
/// If an attribute has a negative number.
pub fn pool_params(op: Op<'_>, x: &Tensor) -> Result<PoolParams, EvalError> {
    let kernel = sizes(op, "kernel")?;
    let window = Sliding::of(op)?.params(spatial(x), &kernel);
    Ok(PoolParams {
        kernel,
        window,
        ceil_mode: op.unit_attribute("ceil_mode"),
        count_include_pad: op.unit_attribute("count_include_pad"),
    })
}

/// The result of a pool.
pub(super) fn pool(op: Op<'_>, x: &Tensor) -> Result<Tensor, EvalError> {
    let params = pool_params(op, x)?;
    if op.kind() == OpKind::QonnxMaxPool { pool::max_pool(x, &params) } else { pool::average_pool(x, &params) }
}

/// The result of a reduction.
pub(super) fn reduction(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let input = operand(x, 0)?;
    let reduce = qonnx::Reduce::of(op).ok_or_else(|| EvalError::Value("is no reduction".into()))?;
    let axes = x.get(1).map(|axes| axes.to_i64_vec()).transpose()?.unwrap_or_default();
    if axes.is_empty() && reduce.noop_with_empty_axes() {
        return Ok(input.clone());
    }
    let reduction = match reduce.reduction() {
        Reduction::Sum => reduce::Reduction::Sum,
        Reduction::Mean => reduce::Reduction::Mean,
        Reduction::Prod => reduce::Reduction::Prod,
        Reduction::Min => reduce::Reduction::Min,
        Reduction::Max => reduce::Reduction::Max,
    };
    // A mean over all spatial axes has an order of sums of its own.
    let last = |axis: &i64| if *axis < 0 { axis + input.rank() as i64 } else { *axis };
    let mut sorted: Vec<i64> = axes.iter().map(last).collect();
    sorted.sort_unstable();
    let global = reduce.keep_dims() && input.rank() > 2 && sorted.iter().copied().eq(2..input.rank() as i64);
    if reduction == reduce::Reduction::Mean && global && matches!(input, Tensor::F32(_)) {
        return pool::global_average_pool(input);
    }
    reduce::reduce(reduction, input, &axes, reduce.keep_dims())
}
