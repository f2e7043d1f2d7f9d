//! Padding: one loop nest over the result, with a condition.

use crate::export::hlscpp::{
    ExportError,
    code::{Axis, index, strides},
    layer::LayerPrinter,
    number::literal,
};
use qonnx_dialect::{Op, hls};

impl<'c> LayerPrinter<'_, 'c> {
    /// Elements of the operand where there are such, and the value elsewhere.
    pub fn pad(&mut self, op: Op<'c>, label: &str) -> Result<(), ExportError> {
        let Some(view) = hls::Pad::of(op) else { return Err(ExportError::node(op, "is no pad")) };
        let result = self.array(op.result(0), op)?;
        let (_, source, _) = self.describe(view.x(), op)?;
        let number = result.number;
        let value = literal(view.value().into());
        let padding = match number.exponent {
            Some(_) => format!("from_code<{number}>({value})"),
            None => format!("{number}({value})"),
        };
        let positions: Vec<Position> = (source.iter().zip(view.low()).zip(view.interior()))
            .map(|((extent, low), interior)| Position { extent: *extent as i64, low, step: interior.saturating_add(1) })
            .collect();
        self.nest(label, &result.shape.clone(), |printer, axes| {
            let at = index(axes, &result.shape);
            let conditions: Option<Vec<Vec<String>>> =
                axes.iter().zip(&positions).map(|(axis, position)| position.conditions(axis)).collect();
            let terms = axes.iter().zip(&positions).zip(strides(&source));
            let from: Vec<String> =
                terms.filter_map(|((axis, position), stride)| position.term(axis, stride)).collect();
            let from = if from.is_empty() { "0".to_string() } else { from.join(" + ") };
            let element = format!("{number}({})", printer.element(view.x(), op, &from, number.exponent)?);
            let value = match conditions.map(|all| all.concat()) {
                None => padding,
                Some(conditions) if conditions.is_empty() => element,
                Some(conditions) => format!("{} ? {element} : {padding}", conditions.join(" && ")),
            };
            printer.code.line(format!("{}[{at}] = {value};", result.name));
            Ok(())
        })
    }
}

/// How an axis of the result lies on one of the operand.
struct Position {
    extent: i64,
    low: i64,
    step: i64,
}

impl Position {
    /// When a place of the result is an element of the operand; None if it never is.
    fn conditions(&self, axis: &Axis) -> Option<Vec<String>> {
        let (last, end) = (self.last(), axis.extent as i64);
        if last < 0 || self.low >= end || (end == 1 && self.low % self.step != 0) {
            return None;
        }
        let i = &axis.variable;
        let mut conditions = Vec::new();
        if end > 1 {
            conditions.extend((self.low > 0).then(|| format!("{i} >= {}", self.low)));
            conditions.extend((last < end - 1).then(|| format!("{i} <= {last}")));
            conditions.extend((self.step > 1).then(|| format!("{} % {} == 0", self.from_low(i), self.step)));
        }
        Some(conditions)
    }

    /// Where the operand's last element lies.
    fn last(&self) -> i64 {
        (self.extent - 1).saturating_mul(self.step).saturating_add(self.low)
    }

    /// What the axis adds to the flat index of the operand.
    fn term(&self, axis: &Axis, stride: usize) -> Option<String> {
        if self.extent == 1 {
            return None;
        }
        let place = match axis.extent {
            1 => (self.low.saturating_neg() / self.step).to_string(),
            _ if self.step > 1 => format!("{} / {}", self.from_low(&axis.variable), self.step),
            _ => self.from_low(&axis.variable),
        };
        Some(if stride == 1 { place } else { format!("{place} * {stride}") })
    }

    fn from_low(&self, variable: &str) -> String {
        match self.low {
            0 => variable.to_string(),
            low if low > 0 => format!("({variable} - {low})"),
            low => format!("({variable} + {})", low.unsigned_abs()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(extent: i64, low: i64, step: i64, end: usize) -> Option<String> {
        let position = Position { extent, low, step };
        Some(position.conditions(&Axis { variable: "i".into(), extent: end })?.join(" && "))
    }

    #[test]
    fn only_what_is_not_given_is_asked() {
        assert_eq!(conditions(4, 1, 1, 6).unwrap(), "i >= 1 && i <= 4");
        assert_eq!(conditions(4, 0, 1, 4).unwrap(), "");
        assert_eq!(conditions(4, -1, 1, 3).unwrap(), "");
        assert_eq!(conditions(4, -1, 2, 6).unwrap(), "(i + 1) % 2 == 0");
        assert_eq!(conditions(4, 5, 1, 3), None);
        assert_eq!(conditions(4, -1, 2, 1), None);
        assert_eq!(conditions(4, -2, 2, 1).unwrap(), "");
    }
}
