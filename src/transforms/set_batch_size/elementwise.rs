//! Operations that compute each element from those at its place.

use super::{Passed, Samples, shape_of};
use qonnx_dialect::{Op, OpKind, Value};

impl<'c> Samples<'c> {
    /// Elementwise operations, quantizers and normalizations.
    pub(super) fn elementwise(&self, op: Op<'c>) -> Result<Passed, String> {
        match op.kind() {
            OpKind::QonnxQuantizeLinear | OpKind::QonnxDequantizeLinear => self.one_value_a_place(op, "axis"),
            OpKind::QonnxMultiThreshold | OpKind::QonnxCountThresholds => self.one_value_a_place(op, "channel_axis"),
            OpKind::QonnxBatchNormalization => self.on_axis_0(op),
            OpKind::QonnxLayerNormalization => self.layer_normalization(op),
            _ => self.broadcast(op),
        }
    }

    /// Operands stand at the places of the result, aligned at the last axis, as numpy broadcasts them.
    fn broadcast(&self, op: Op<'c>) -> Result<Passed, String> {
        let result = shape_of(op.result(0))?;
        let place = |operand: Value<'c>| -> Result<Option<usize>, String> {
            let Some(axis) = self.axis(operand) else { return Ok(None) };
            Ok((axis + result.len()).checked_sub(shape_of(operand)?.len()))
        };
        let places = op.operands().into_iter().map(place).collect::<Result<Vec<_>, _>>()?;
        let axis = places.iter().flatten().copied().next().ok_or("no operand has samples")?;
        for (index, operand) in op.operands().into_iter().enumerate() {
            let shape = shape_of(operand)?;
            let extent = (axis + shape.len()).checked_sub(result.len()).and_then(|own| shape.get(own).copied());
            let all = result.get(axis).copied();
            match places.get(index).copied().flatten() {
                Some(own) if own != axis => {
                    return Err(format!(
                        "operand {index} has its samples along axis {own} of the result, others {axis}"
                    ));
                }
                Some(_) if extent != all => {
                    return Err(format!("operand {index} is repeated along axis {axis}, which holds the samples"));
                }
                None if extent.is_some_and(|extent| extent != 1) => {
                    return Err(format!(
                        "operand {index} has {} values along axis {axis}, which holds the samples, \
                                        and is the same for all inputs",
                        extent.unwrap_or(1)
                    ));
                }
                _ => {}
            }
        }
        Ok(Passed::on(axis))
    }

    /// Parameters that may have one value for each place of an axis, or for each element.
    fn one_value_a_place(&self, op: Op<'c>, attribute: &str) -> Result<Passed, String> {
        let (axis, x) = (self.axis_of_first(op)?, shape_of(op.operand(0))?);
        let of_parameters = op.i64_attribute(attribute);
        let of_parameters = if of_parameters < 0 { of_parameters + x.len() as i64 } else { of_parameters };
        let mut passed = Passed::on(axis);
        for (index, parameter) in op.operands().into_iter().enumerate().skip(1) {
            let shape = shape_of(parameter)?;
            if shape == x && shape.len() > 1 {
                passed = passed.with(index, self.repeated(parameter, axis)?);
                continue;
            }
            // A matrix of thresholds has a row a channel.
            let several = shape.first().is_some_and(|extent| *extent != 1) && shape.iter().product::<usize>() != 1;
            if several && of_parameters == axis as i64 {
                return Err(format!("operand {index} has values along axis {axis}, which holds the samples"));
            }
        }
        Ok(passed)
    }

    fn layer_normalization(&self, op: Op<'c>) -> Result<Passed, String> {
        let (axis, rank) = (self.axis_of_first(op)?, shape_of(op.operand(0))?.len() as i64);
        let first = op.i64_attribute("axis");
        let first = if first < 0 { first + rank } else { first };
        if axis as i64 >= first {
            return Err(format!("it normalizes the axes from {first} on, and axis {axis} holds the samples"));
        }
        Ok(Passed::on(axis))
    }
}
