//! Transpositions, gathers and joins: elements that only move.

use crate::export::hlscpp::{
    ExportError,
    code::{affine_index, index, index_by_stride, strides},
    layer::LayerPrinter,
    module::shape,
    nested_affine::{self, Digit},
};
use qonnx_dialect::{Op, hls};

impl<'c> LayerPrinter<'_, 'c> {
    /// Axes in another order.
    pub fn transpose(&mut self, op: Op<'c>, label: &str) -> Result<(), ExportError> {
        let result = self.array(op.result(0), op)?;
        let (_, source, _) = self.describe(op.operand(0), op)?;
        let source_strides = strides(&source);
        self.nest(label, &result.shape.clone(), |printer, axes| {
            let permutation = op.i64s_attribute("permutation");
            let terms = axes
                .iter()
                .zip(&permutation)
                .filter_map(|(axis, from)| Some((axis, *source_strides.get(usize::try_from(*from).ok()?)?)));
            let from = index_by_stride(terms);
            let element = printer.element(op.operand(0), op, &from, result.number.exponent)?;
            printer.code.line(format!("{}[{}] = {element};", result.name, index(axes, &result.shape)));
            Ok(())
        })
    }

    /// Slices along an axis. Indices that count in steps become loops of their own, others a ROM.
    pub fn gather(&mut self, op: Op<'c>, label: &str, name: &str) -> Result<(), ExportError> {
        let result = self.array(op.result(0), op)?;
        let (_, source, _) = self.describe(op.operand(0), op)?;
        let axis = axis_of(op, source.len())?;
        let (list, steps) = (op.i64s_attribute("indices"), strides(&source));
        let step = steps.get(axis).copied().unwrap_or(1) as i64;
        let (digits, first) = match nested_affine::decompose(&list) {
            Some(found) => found,
            None => (vec![Digit { extent: list.len(), step: 0 }], 0),
        };
        let table = nested_affine::decompose(&list).is_none();
        let rom = table.then(|| self.roms.vector(self.globals, &format!("{name}_indices"), &list, None));
        let mut extents = result.shape.clone();
        extents.splice(axis..=axis, digits.iter().map(|digit| digit.extent));
        let mut factors: Vec<i64> = steps.iter().map(|step| *step as i64).collect();
        factors.splice(axis..=axis, digits.iter().map(|digit| digit.step * step));
        self.nest(label, &extents, |printer, axes| {
            let terms = axes.iter().zip(factors);
            let mut from = affine_index(terms, first * step);
            if let Some((rom, axis)) = rom.as_ref().zip(axes.get(axis)) {
                let row = format!("int({}[{}]) * {step}", rom.name, axis.variable);
                from = if from == "0" { row } else { format!("{row} + {from}") };
            }
            let element = printer.element(op.operand(0), op, &from, result.number.exponent)?;
            printer.code.line(format!("{}[{}] = {element};", result.name, index(axes, &extents)));
            Ok(())
        })
    }

    /// One operand after another along an axis, a loop nest each.
    pub fn concat(&mut self, op: Op<'c>, label: &str) -> Result<(), ExportError> {
        let Some(view) = hls::Concat::of(op) else { return Err(ExportError::node(op, "is no concat")) };
        let result = self.array(op.result(0), op)?;
        let axis = axis_of(op, result.shape.len())?;
        let steps = strides(&result.shape);
        let step = steps.get(axis).copied().unwrap_or(1);
        let (mut offset, mut part_label) = (0, label.to_string());
        for part in view.inputs() {
            let extents = shape(part, op)?;
            self.nest(&part_label, &extents, |printer, axes| {
                let to = affine_index(axes.iter().zip(steps.iter().map(|step| *step as i64)), (offset * step) as i64);
                let element = printer.element(part, op, &index(axes, &extents), result.number.exponent)?;
                printer.code.line(format!("{}[{to}] = {element};", result.name));
                Ok(())
            })?;
            offset += extents.get(axis).copied().unwrap_or(0);
            part_label = self.local_name(label);
        }
        Ok(())
    }
}

/// The operation's axis as a position.
fn axis_of(op: Op<'_>, rank: usize) -> Result<usize, ExportError> {
    let axis = op.i64_attribute("axis");
    let position = usize::try_from(if axis < 0 { axis + rank as i64 } else { axis }).ok();
    let position = position.filter(|position| *position < rank);
    position.ok_or_else(|| ExportError::node(op, format!("has axis {axis} for a tensor of rank {rank}")))
}
