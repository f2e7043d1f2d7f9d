//! Sums and maxima of windows: pools and reductions.

use super::sum_exponents;
use crate::export::hlscpp::{
    ExportError,
    code::{axes, index, index_by_stride, strides, term_axes},
    layer::LayerPrinter,
};
use qonnx_dialect::{Op, WindowReduction, hls};

impl<'c> LayerPrinter<'_, 'c> {
    /// The sum or the largest element of each window.
    pub fn reduce_window(&mut self, op: Op<'c>, label: &str, name: &str) -> Result<(), ExportError> {
        let Some(view) = hls::ReduceWindow::of(op) else { return Err(ExportError::node(op, "is no window")) };
        let result = self.array(op.result(0), op)?;
        let (x_number, x_shape, constant) = self.describe(view.x(), op)?;
        let point = (x_number.exponent, constant);
        let exponent = sum_exponents(point, point, result.number.exponent).map(|(exponent, _)| exponent);
        let window: Vec<usize> = view.window().iter().filter_map(|extent| usize::try_from(*extent).ok()).collect();
        let steps = strides(&x_shape);
        let scaled = |factors: Vec<i64>| -> Vec<usize> {
            steps
                .iter()
                .zip(factors)
                .map(|(step, factor)| step.saturating_mul(factor.unsigned_abs() as usize))
                .collect()
        };
        let (places, distances) = (scaled(view.strides()), scaled(view.dilations()));
        let terms = term_axes(&window);
        let terms_label = self.local_name(&format!("{name}_terms"));
        let at_once = self.sums_at_once(window.iter().product(), &[view.x()], op)?;
        let (number, x_number) = (result.number.with_exponent(exponent), x_number.with_exponent(exponent));
        self.nest_over(label, &axes(&result.shape), at_once, |printer, axes| {
            let first = || axes.iter().zip(places.iter().copied());
            let start = printer.element(view.x(), op, &index_by_stride(first()), exponent)?;
            printer.code.line(match view.reduction() {
                WindowReduction::Sum => format!("{number} sum = 0;"),
                WindowReduction::Max => format!("{x_number} most = {start};"),
            });
            let count = printer.open_terms(&terms_label, &terms, at_once);
            let from = index_by_stride(first().chain(terms.iter().zip(distances)));
            let element = printer.element(view.x(), op, &from, exponent)?;
            printer.code.line(match view.reduction() {
                WindowReduction::Sum => format!("sum += {number}({element});"),
                WindowReduction::Max => format!("most = larger<{x_number}>(most, {element});"),
            });
            printer.code.close_all(count);
            let value = match view.reduction() {
                WindowReduction::Sum => "sum".to_string(),
                WindowReduction::Max => format!("{number}(most)"),
            };
            printer.store(&result, &index(axes, &result.shape), &value, exponent.is_none());
            Ok(())
        })
    }
}
