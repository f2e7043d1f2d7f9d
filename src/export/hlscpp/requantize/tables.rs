//! The expression of a group of forms, and the tables that it reads.

use super::{Group, arithmetic, has_lists, kind};
use crate::export::hlscpp::{
    layer::{Array, LayerPrinter},
    module::node_name,
    number::{Number, literal},
    rom::Rom,
};
use qonnx_dialect::{Op, Rounding, form::Form};

/// Writes the tables of one requantizer.
pub(super) struct Tables<'a, 'p, 'c> {
    printer: &'a mut LayerPrinter<'p, 'c>,
    base: String,
    /// The type of inputs.
    x: Number,
    /// The signed type in which inputs are compared.
    pub(super) input: Number,
    /// The type of the codes.
    output: Number,
}

impl<'a, 'p, 'c> Tables<'a, 'p, 'c> {
    /// For the forms of one operation.
    pub(super) fn new(
        printer: &'a mut LayerPrinter<'p, 'c>,
        op: Op<'c>,
        x: Number,
        result: &Array,
        forms: &[Form],
    ) -> Self {
        let base = node_name(op).unwrap_or_else(|| format!("{}_requantize", printer.layer_name()));
        let (low, high) = x.range();
        let (mut least, mut most) = (low, high);
        forms.iter().for_each(|form| {
            for_each_input(form, &mut |n| {
                least = least.min(n.into());
                most = most.max(n.into());
            })
        });
        // One above the range, where lists of different lengths end.
        let padded = forms.len() > 1 && forms.iter().any(has_lists);
        let most = if padded { most.max(high + 1) } else { most };
        Self { printer, base, x, input: Number::signed_holding(least, most), output: result.number.codes() }
    }

    /// Tables that give each channel its group, and its row in that group's tables.
    pub(super) fn group_maps(&mut self, groups: &[Group<'_>], channels: usize) -> (Rom, Option<Rom>) {
        let (mut kinds, mut rows) = (vec![0i64; channels], vec![0i64; channels]);
        for (kind, group) in groups.iter().enumerate() {
            for (row, channel) in group.channels.iter().enumerate() {
                if let (Some(k), Some(r)) = (kinds.get_mut(*channel), rows.get_mut(*channel)) {
                    (*k, *r) = (kind as i64, row as i64);
                }
            }
        }
        let needed = groups.iter().any(|group| group.members.len() > 1);
        (self.vector("kind", &kinds, None), needed.then(|| self.vector("row", &rows, None)))
    }

    /// What a group is called and the expression of its code.
    pub(super) fn case(&mut self, group: &Group<'_>, row: &str) -> (String, String) {
        let name = group.members.first().map_or(String::new(), |form| kind(form));
        let expression = self.expression(&group.members, row, "");
        (name, expression)
    }

    fn vector(&mut self, role: &str, values: &[i64], number: Option<Number>) -> Rom {
        let name = format!("{}_{role}", self.base);
        self.printer.roms.vector(self.printer.globals, &name, values, number)
    }

    fn matrix(&mut self, role: &str, rows: &[Vec<i64>], number: Option<Number>) -> Rom {
        let name = format!("{}_{role}", self.base);
        self.printer.roms.matrix(self.printer.globals, &name, rows, number)
    }

    /// The literal that all rows share, or the row's entry in a new table, as `number`.
    fn parameter(&mut self, role: &str, values: &[i64], row: &str, number: Number) -> String {
        match shared(values) {
            Some(value) => format!("{number}({})", literal(value.into())),
            None => self.vector(role, values, Some(number)).at(row),
        }
    }

    /// The code of x by forms that are built alike, one a row; all have the output's type.
    fn expression(&mut self, forms: &[&Form], row: &str, prefix: &str) -> String {
        let role = |name: &str| format!("{prefix}{name}");
        match forms.first() {
            Some(Form::Constant { .. }) => {
                let codes = each(forms, |form| if let Form::Constant { code } = form { Some(*code) } else { None });
                self.parameter(&role("code"), &codes, row, self.output)
            }
            Some(Form::Compare { .. }) => self.compare(forms, row, prefix),
            Some(Form::MulShift { .. }) => self.mul_shift(forms, row, prefix),
            Some(Form::Pieces { .. }) => {
                let splits =
                    each(forms, |form| if let Form::Pieces { split, .. } = form { Some(*split) } else { None });
                let lower: Vec<&Form> =
                    each(forms, |form| if let Form::Pieces { below, .. } = form { Some(&**below) } else { None });
                let upper: Vec<&Form> =
                    each(forms, |form| if let Form::Pieces { above, .. } = form { Some(&**above) } else { None });
                let split = self.parameter(&role("split"), &splits, row, self.input);
                let below = self.expression(&lower, row, &role("below_"));
                let above = self.expression(&upper, row, &role("above_"));
                format!("(x < {split} ? {below} : {above})")
            }
            Some(Form::Thresholds { .. }) => self.thresholds(forms, row, prefix),
            Some(Form::Table { .. }) => self.table(forms, row, prefix),
            None => format!("{}(0)", self.output),
        }
    }

    fn compare(&mut self, forms: &[&Form], row: &str, prefix: &str) -> String {
        let parts: Vec<(i64, i64, i64)> = each(forms, |form| match form {
            Form::Compare { threshold, below, above } => Some((*threshold, *below, *above)),
            _ => None,
        });
        let column = |f: fn(&(i64, i64, i64)) -> i64| parts.iter().map(f).collect::<Vec<_>>();
        let threshold = self.parameter(&format!("{prefix}threshold"), &column(|p| p.0), row, self.input);
        let below = self.parameter(&format!("{prefix}below"), &column(|p| p.1), row, self.output);
        let above = self.parameter(&format!("{prefix}above"), &column(|p| p.2), row, self.output);
        format!("(x >= {threshold} ? {above} : {below})")
    }

    fn mul_shift(&mut self, forms: &[&Form], row: &str, prefix: &str) -> String {
        let parts: Vec<MulShift<'_>> = each(forms, MulShift::of);
        let widest = parts.iter().map(|p| arithmetic(self.x, p.multiplier, p.addend, p.shift).width).max();
        let wide = Number::integer(widest.unwrap_or(1).max(self.output.width + 1), true);
        let column = |f: fn(&MulShift<'_>) -> i64| parts.iter().map(f).collect::<Vec<_>>();
        let role = |name: &str| format!("{prefix}{name}");
        let multipliers = column(|p| p.multiplier);
        let product = match shared(&multipliers) {
            Some(1) => format!("{wide}(x)"),
            Some(-1) => format!("{wide}(-{wide}(x))"),
            _ => {
                let signed = multipliers.iter().any(|m| *m < 0);
                let holding = holding(&multipliers, signed);
                let multiplier = self.parameter(&role("multiplier"), &multipliers, row, holding);
                format!("mul<{wide}>(x, {multiplier})")
            }
        };
        let addends = column(|p| p.addend);
        let sum = match shared(&addends) {
            Some(0) => product,
            _ => format!("{wide}({product} + {wide}({}))", self.plain(&role("addend"), &addends, row)),
        };
        let shifts = column(|p| p.shift.into());
        let shifted = match (shared(&shifts), parts.first().map(|p| p.rounding)) {
            (Some(0), _) => sum,
            (_, rounding) => {
                let rounding = rounding.map_or("floor", Rounding::keyword);
                let shift = self.plain(&role("shift"), &shifts, row);
                format!("shift_{rounding}<{wide}>({sum}, {shift})")
            }
        };
        let low = self.plain(&role("low"), &column(|p| p.low), row);
        let high = self.plain(&role("high"), &column(|p| p.high), row);
        let clamped = format!("clamp<{}>({shifted}, {low}, {high})", self.output);
        let exceptions: Vec<&[(i64, i64)]> = parts.iter().map(|p| p.exceptions).collect();
        self.with_exceptions(&exceptions, row, prefix, clamped)
    }

    fn with_exceptions(&mut self, lists: &[&[(i64, i64)]], row: &str, prefix: &str, otherwise: String) -> String {
        let longest = lists.iter().map(|list| list.len()).max().unwrap_or(0);
        if longest == 0 {
            return otherwise;
        }
        let never = self.never();
        let padded = |list: &&[(i64, i64)], f: fn(&(i64, i64)) -> i64, fill: i64| {
            let fill = std::iter::repeat_n(fill, longest - list.len());
            list.iter().map(f).chain(fill).collect::<Vec<i64>>()
        };
        let inputs: Vec<Vec<i64>> = lists.iter().map(|list| padded(list, |e| e.0, never)).collect();
        let codes: Vec<Vec<i64>> = lists.iter().map(|list| padded(list, |e| e.1, 0)).collect();
        let inputs = self.matrix(&format!("{prefix}exception_inputs"), &inputs, Some(self.input));
        let codes = self.matrix(&format!("{prefix}exception_codes"), &codes, Some(self.output));
        format!("patched(x, {}[{row}], {}[{row}], {otherwise})", inputs.name, codes.name)
    }

    fn thresholds(&mut self, forms: &[&Form], row: &str, prefix: &str) -> String {
        let parts: Vec<(&[i64], &[i64])> = each(forms, |form| match form {
            Form::Thresholds { thresholds, codes } => Some((thresholds.as_slice(), codes.as_slice())),
            _ => None,
        });
        let steps = parts.iter().map(|(thresholds, _)| thresholds.len()).max().unwrap_or(0);
        let never = self.never();
        let padded = |list: &[i64], length: usize, fill: i64| -> Vec<i64> {
            list.iter().copied().chain(std::iter::repeat(fill)).take(length).collect()
        };
        if steps == 0 {
            let codes: Vec<i64> = parts.iter().map(|(_, codes)| codes.first().copied().unwrap_or(0)).collect();
            return self.parameter(&format!("{prefix}code"), &codes, row, self.output);
        }
        let thresholds: Vec<Vec<i64>> = parts.iter().map(|(thresholds, _)| padded(thresholds, steps, never)).collect();
        let thresholds = self.matrix(&format!("{prefix}thresholds"), &thresholds, Some(self.input));
        let count = format!("count_reached(x, {}[{row}])", thresholds.name);
        let consecutive = |codes: &[i64]| codes.windows(2).all(|pair| pair[1].checked_sub(pair[0]) == Some(1));
        if parts.iter().all(|(_, codes)| consecutive(codes)) {
            let bases: Vec<i64> = parts.iter().map(|(_, codes)| codes.first().copied().unwrap_or(0)).collect();
            return match shared(&bases) {
                Some(0) => format!("{}({count})", self.output),
                _ => {
                    let first = self.plain(&format!("{prefix}first_code"), &bases, row);
                    format!("{}({first} + {count})", self.output)
                }
            };
        }
        let last = |codes: &[i64]| codes.last().copied().unwrap_or(0);
        let codes: Vec<Vec<i64>> = parts.iter().map(|(_, codes)| padded(codes, steps + 1, last(codes))).collect();
        let codes = self.matrix(&format!("{prefix}codes"), &codes, Some(self.output));
        format!("{}({}[{row}][{count}])", self.output, codes.name)
    }

    fn table(&mut self, forms: &[&Form], row: &str, prefix: &str) -> String {
        let parts: Vec<(i64, &[i64])> = each(forms, |form| match form {
            Form::Table { first, codes } => Some((*first, codes.as_slice())),
            _ => None,
        });
        let longest = parts.iter().map(|(_, codes)| codes.len()).max().unwrap_or(1);
        let padded = |codes: &[i64]| codes.iter().copied().chain(std::iter::repeat(0)).take(longest).collect();
        let rows: Vec<Vec<i64>> = parts.iter().map(|(_, codes)| padded(codes)).collect();
        let firsts: Vec<i64> = parts.iter().map(|(first, _)| *first).collect();
        let codes = self.matrix(&format!("{prefix}table"), &rows, Some(self.output));
        let offset = match shared(&firsts) {
            Some(0) => "int(x)".to_string(),
            _ => format!("int(x - {})", self.parameter(&format!("{prefix}first"), &firsts, row, self.input)),
        };
        format!("{}({}[{row}][{offset}])", self.output, codes.name)
    }

    /// A literal, or an element of a table as a native integer: for what helpers take as one.
    fn plain(&mut self, role: &str, values: &[i64], row: &str) -> String {
        match shared(values) {
            Some(value) => literal(value.into()),
            None => format!("{}[{row}]", self.vector(role, values, None).name),
        }
    }

    /// An input that cannot occur.
    fn never(&self) -> i64 {
        i64::try_from(self.x.range().1 + 1).unwrap_or(i64::MAX)
    }
}

/// A multiply-shift, taken apart.
struct MulShift<'f> {
    multiplier: i64,
    addend: i64,
    shift: u32,
    rounding: Rounding,
    low: i64,
    high: i64,
    exceptions: &'f [(i64, i64)],
}

impl<'f> MulShift<'f> {
    fn of(form: &'f Form) -> Option<Self> {
        let Form::MulShift { multiplier, addend, shift, rounding, low, high, exceptions } = form else { return None };
        let (multiplier, addend, shift, rounding) = (*multiplier, *addend, *shift, *rounding);
        Some(Self { multiplier, addend, shift, rounding, low: *low, high: *high, exceptions })
    }
}

fn each<'f, T>(forms: &[&'f Form], part: impl Fn(&'f Form) -> Option<T>) -> Vec<T> {
    forms.iter().filter_map(|form| part(form)).collect()
}

fn shared(values: &[i64]) -> Option<i64> {
    let (first, rest) = values.split_first()?;
    rest.iter().all(|value| value == first).then_some(*first)
}

fn holding(values: &[i64], signed: bool) -> Number {
    let (low, high) = (values.iter().min().copied().unwrap_or(0), values.iter().max().copied().unwrap_or(0));
    if signed { Number::signed_holding(low.into(), high.into()) } else { Number::holding(low.into(), high.into()) }
}

/// Every number that a form compares its input with or subtracts from it.
fn for_each_input(form: &Form, f: &mut impl FnMut(i64)) {
    match form {
        Form::Constant { .. } => {}
        Form::Compare { threshold, .. } => f(*threshold),
        Form::MulShift { exceptions, .. } => exceptions.iter().for_each(|(n, _)| f(*n)),
        Form::Pieces { split, below, above } => {
            f(*split);
            for_each_input(below, f);
            for_each_input(above, f);
        }
        Form::Thresholds { thresholds, .. } => thresholds.iter().for_each(|t| f(*t)),
        Form::Table { first, .. } => f(*first),
    }
}
