//! Convolutions: a loop nest over the outputs, in each one over its terms.

use super::product_exponents;
use crate::export::hlscpp::{
    ExportError,
    code::{Axis, axes, index, index_by_stride, strides, term_axes},
    layer::{LayerPrinter, as_number},
};
use qonnx_dialect::{Op, hls};

impl<'c> LayerPrinter<'_, 'c> {
    /// `sum over channels c of the group and kernel elements k of x[.., c, position * stride + k * dilation] * w + bias`.
    pub fn conv(&mut self, op: Op<'c>, label: &str, name: &str) -> Result<(), ExportError> {
        let Some(view) = hls::Conv::of(op) else { return Err(ExportError::node(op, "is no convolution")) };
        let result = self.array(op.result(0), op)?;
        let (x_number, x_shape, x_constant) = self.describe(view.x(), op)?;
        let (w_number, w_shape, w_constant) = self.describe(view.w(), op)?;
        let misfit = || ExportError::node(op, format!("convolves shapes {x_shape:?} and {w_shape:?}"));
        let loops = Loops::of(view, &x_shape, &w_shape, &result.shape).ok_or_else(misfit)?;
        let exponents =
            product_exponents((x_number.exponent, x_constant), (w_number.exponent, w_constant), result.number.exponent);
        let (x_exponent, w_exponent) = exponents.map_or((None, None), |(x, w)| (Some(x), Some(w)));
        let sum_exponent = exponents.and(result.number.exponent);
        let sum_number = result.number.with_exponent(sum_exponent);
        let rom = self.row_rom(view.w(), op)?;
        let terms_label = self.local_name(&format!("{name}_terms"));
        let terms = term_axes(&loops.terms);
        let at_once = self.sums_at_once(loops.terms.iter().product(), &[view.x(), view.w()], op)?;
        self.nest_over(label, &axes(&loops.outputs), at_once, |printer, axes| {
            let channel = loops.channel(axes);
            let start = match view.bias() {
                Some(bias) => printer.element(bias, op, &channel, sum_exponent)?,
                None => "0".into(),
            };
            printer.code.line(format!("{sum_number} sum = {start};"));
            let count = printer.open_terms(&terms_label, &terms, at_once);
            let x = printer.element(view.x(), op, &loops.source(axes, &terms), x_exponent)?;
            let term = index(&terms, &loops.terms);
            let w = match &rom {
                Some(rom) => as_number(rom, &format!("{channel}][{term}"), w_exponent),
                None => {
                    let row: usize = loops.terms.iter().product();
                    printer.element(view.w(), op, &format!("({channel}) * {row} + {term}"), w_exponent)?
                }
            };
            printer.code.line(format!("sum += mul<{sum_number}>({x}, {w});"));
            printer.code.close_all(count);
            printer.store(&result, &index(axes, &loops.outputs), "sum", sum_exponent.is_none());
            Ok(())
        })
    }
}

/// Extents of the loops and how far each turn goes in x.
struct Loops {
    /// Samples, groups, output channels of a group, positions.
    outputs: Vec<usize>,
    output_steps: Vec<usize>,
    /// Input channels of a group, elements of the kernel.
    terms: Vec<usize>,
    term_steps: Vec<usize>,
}

impl Loops {
    fn of(view: hls::Conv<'_>, x: &[usize], w: &[usize], result: &[usize]) -> Option<Self> {
        let group = usize::try_from(view.group()).ok()?;
        let ([samples, _, positions @ ..], [channels, inner, kernel @ ..]) = (result, w) else { return None };
        let steps = strides(x);
        let [sample, plane, spatial @ ..] = steps.as_slice() else { return None };
        let scaled = |factors: Vec<i64>| -> Option<Vec<usize>> {
            spatial.iter().zip(factors).map(|(step, factor)| usize::try_from(factor).ok()?.checked_mul(*step)).collect()
        };
        Some(Self {
            outputs: [&[*samples, group, channels.checked_div(group)?], positions].concat(),
            output_steps: [vec![*sample, inner * plane, 0], scaled(view.strides())?].concat(),
            terms: [&[*inner], kernel].concat(),
            term_steps: [vec![*plane], scaled(view.dilations())?].concat(),
        })
    }

    /// The output channel.
    fn channel(&self, axes: &[Axis]) -> String {
        let range = 1..3;
        index(axes.get(range.clone()).unwrap_or_default(), self.outputs.get(range).unwrap_or_default())
    }

    /// Where a term reads x.
    fn source(&self, axes: &[Axis], terms: &[Axis]) -> String {
        let outputs = axes.iter().zip(self.output_steps.iter().copied());
        index_by_stride(outputs.chain(terms.iter().zip(self.term_steps.iter().copied())))
    }
}
