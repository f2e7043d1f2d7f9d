//! Matrix products.

use super::product_exponents;
use crate::export::hlscpp::{
    ExportError,
    code::{Axis, axes, index},
    layer::{LayerPrinter, as_number},
};
use qonnx_dialect::{Op, hls};

/// The axes of a matrix product: those of the result with the matrices' own, and what is summed over.
struct Product {
    axes: Vec<Axis>,
    terms: Axis,
}

impl Product {
    /// A flat index of an operand whose last two axes are these.
    fn index(&self, shape: &[usize], row: Axis, column: Axis) -> String {
        let batch = self.axes.len().saturating_sub(2);
        let axes: Vec<Axis> = self.axes.iter().take(batch).cloned().chain([row, column]).collect();
        index(&axes, shape)
    }

    fn axis(&self, from_end: usize) -> Axis {
        let position = self.axes.len().checked_sub(from_end);
        let none = Axis { variable: "0".into(), extent: 1 };
        position.and_then(|position| self.axes.get(position)).cloned().unwrap_or(none)
    }
}

impl<'c> LayerPrinter<'_, 'c> {
    /// `sum_k a[.., m, k] * b[.., k, n] + bias[n]`.
    pub fn matmul(&mut self, op: Op<'c>, label: &str, name: &str) -> Result<(), ExportError> {
        let Some(view) = hls::Matmul::of(op) else { return Err(ExportError::node(op, "is no matrix product")) };
        let result = self.array(op.result(0), op)?;
        let (a_number, a_shape, a_constant) = self.describe(view.a(), op)?;
        let (b_number, b_shape, b_constant) = self.describe(view.b(), op)?;
        let a_full = if a_shape.len() == 1 { vec![1, a_shape[0]] } else { a_shape.clone() };
        let b_full = if b_shape.len() == 1 { vec![b_shape[0], 1] } else { b_shape.clone() };
        let full = product_shape(&a_full, &b_full).filter(|full| full.iter().product::<usize>() == result.len());
        let full = full.ok_or_else(|| {
            ExportError::node(op, format!("multiplies shapes {a_shape:?} and {b_shape:?} to {:?}", result.shape))
        })?;
        let exponents =
            product_exponents((a_number.exponent, a_constant), (b_number.exponent, b_constant), result.number.exponent);
        let (a_exponent, b_exponent) = exponents.map_or((None, None), |(a, b)| (Some(a), Some(b)));
        let sum_exponent = exponents.and(result.number.exponent);
        let sum_number = result.number.with_exponent(sum_exponent);
        let rows = if b_shape.len() == 2 { self.transposed_rom(view.b(), op)? } else { None };
        let terms_label = self.local_name(&format!("{name}_terms"));
        let terms = Axis { variable: "k".into(), extent: a_full.last().copied().unwrap_or(1) };
        let at_once = self.sums_at_once(terms.extent, &[view.a(), view.b()], op)?;
        self.nest_over(label, &axes(&full), at_once, |printer, axes| {
            let product = Product { axes: axes.to_vec(), terms };
            let (m, n, k) = (product.axis(2), product.axis(1), product.terms.clone());
            let start = match view.bias() {
                Some(bias) => printer.element(bias, op, &index(std::slice::from_ref(&n), &[n.extent]), sum_exponent)?,
                None => "0".into(),
            };
            printer.code.line(format!("{sum_number} sum = {start};"));
            let count = printer.open_terms(&terms_label, std::slice::from_ref(&k), at_once);
            let a = printer.element(view.a(), op, &product.index(&a_full, m, k.clone()), a_exponent)?;
            let b = match &rows {
                Some(rom) => {
                    let at = format!("{}][{}", index_of(&n), index_of(&k));
                    as_number(rom, &at, b_exponent)
                }
                None => printer.element(view.b(), op, &product.index(&b_full, k.clone(), n), b_exponent)?,
            };
            printer.code.line(format!("sum += mul<{sum_number}>({a}, {b});"));
            printer.code.close_all(count);
            printer.store(&result, &index(axes, &full), "sum", sum_exponent.is_none());
            Ok(())
        })
    }
}

fn index_of(axis: &Axis) -> String {
    if axis.extent > 1 { axis.variable.clone() } else { "0".into() }
}

/// numpy's shape of a product of matrices, batches broadcast.
fn product_shape(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let (a_batch, [m, _]) = a.split_last_chunk()?;
    let (b_batch, [_, n]) = b.split_last_chunk()?;
    let rank = a_batch.len().max(b_batch.len());
    let dim = |batch: &[usize], i: usize| {
        (i + batch.len()).checked_sub(rank).and_then(|i| batch.get(i)).copied().unwrap_or(1)
    };
    let batch = (0..rank).map(|i| dim(a_batch, i).max(dim(b_batch, i)));
    Some(batch.chain([*m, *n]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_products() {
        assert_eq!(product_shape(&[1, 4], &[4, 3]), Some(vec![1, 3]));
        assert_eq!(product_shape(&[5, 2, 4], &[4, 3]), Some(vec![5, 2, 3]));
        assert_eq!(product_shape(&[2, 1, 2, 4], &[7, 4, 3]), Some(vec![2, 7, 2, 3]));
    }
}
