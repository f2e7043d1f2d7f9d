//! arg_max and top_k: searches along an axis.

use crate::export::hlscpp::{
    ExportError,
    code::{Axis, index, index_by_stride, strides},
    layer::LayerPrinter,
    module::shape,
};
use qonnx_dialect::Op;

impl<'c> LayerPrinter<'_, 'c> {
    /// The index of the largest along an axis: the first of equals, or the last.
    pub fn arg_max(&mut self, op: Op<'c>, label: &str) -> Result<(), ExportError> {
        let result = self.array(op.result(0), op)?;
        let rows = self.rows(op)?;
        let better = if op.unit_attribute("select_last_index") { ">=" } else { ">" };
        let kept = rows.outside.clone();
        self.nest(label, &kept, |printer, axes| {
            printer.code.line("int best = 0;");
            printer.code.open(format!("for (int k = 1; k < {}; k++)", rows.extent));
            let candidate = printer.element(op.operand(0), op, &rows.at(axes, "k"), rows.exponent)?;
            let best = printer.element(op.operand(0), op, &rows.at(axes, "best"), rows.exponent)?;
            printer.code.line(format!("if ({candidate} {better} {best}) best = k;"));
            printer.code.close();
            let code = format!("{}(best)", result.number.codes());
            printer.store(&result, &index(axes, &kept), &code, true);
            Ok(())
        })
    }

    /// The k largest (or smallest) along an axis, by k passes; equal values in the order of their indices.
    pub fn top_k(&mut self, op: Op<'c>, label: &str) -> Result<(), ExportError> {
        // A result that nothing reads was not declared.
        let [values, indices] = [0, 1].map(|i| (!op.result(i).is_unused()).then(|| self.array(op.result(i), op)));
        let (values, indices) = (values.transpose()?, indices.transpose()?);
        let rows = self.rows(op)?;
        let count = shape(op.result(0), op)?.get(rows.axis).copied().unwrap_or(0);
        if count > rows.extent {
            return Err(ExportError::node(op, format!("selects {count} of {} elements", rows.extent)));
        }
        let better = if op.unit_attribute("smallest") { "<" } else { ">" };
        self.nest(label, &rows.outside.clone(), |printer, axes| {
            printer.code.line(format!("bool taken[{}] = {{}};", rows.extent));
            printer.code.open(format!("for (int rank = 0; rank < {count}; rank++)"));
            printer.code.line("int best = -1;");
            printer.code.open(format!("for (int k = 0; k < {}; k++)", rows.extent));
            let candidate = printer.element(op.operand(0), op, &rows.at(axes, "k"), rows.exponent)?;
            let best = printer.element(op.operand(0), op, &rows.at(axes, "best"), rows.exponent)?;
            printer.code.line(format!("if (!taken[k] && (best < 0 || {candidate} {better} {best})) best = k;"));
            printer.code.close();
            printer.code.line("taken[best] = true;");
            let to = Rows { extent: count, ..rows.clone() }.at(axes, "rank");
            if let Some(values) = &values {
                printer.store(values, &to, &best, rows.exponent.is_none());
            }
            if let Some(indices) = &indices {
                printer.store(indices, &to, &format!("{}(best)", indices.number.codes()), true);
            }
            printer.code.close();
            Ok(())
        })
    }

    fn rows(&self, op: Op<'c>) -> Result<Rows, ExportError> {
        let (number, shape, _) = self.describe(op.operand(0), op)?;
        let axis = op.i64_attribute("axis");
        let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
        let axis = usize::try_from(axis).ok().filter(|axis| *axis < shape.len());
        let axis = axis.ok_or_else(|| {
            ExportError::node(op, format!("has no axis {} in shape {shape:?}", op.i64_attribute("axis")))
        })?;
        let mut outside = shape.clone();
        let extent = std::mem::replace(&mut outside[axis], 1);
        Ok(Rows { axis, extent, outside, exponent: number.exponent })
    }
}

/// The rows of a tensor along one axis.
#[derive(Clone)]
struct Rows {
    axis: usize,
    extent: usize,
    /// The shape with one element along the axis.
    outside: Vec<usize>,
    exponent: Option<i64>,
}

impl Rows {
    /// The flat index of element `k` of the row at these axes.
    fn at(&self, axes: &[Axis], k: &str) -> String {
        let mut shape = self.outside.clone();
        let mut axes = axes.to_vec();
        if let (Some(extent), Some(axis)) = (shape.get_mut(self.axis), axes.get_mut(self.axis)) {
            *extent = self.extent;
            *axis = Axis { variable: k.into(), extent: self.extent };
        }
        let terms = axes.iter().zip(strides(&shape));
        index_by_stride(terms)
    }
}
