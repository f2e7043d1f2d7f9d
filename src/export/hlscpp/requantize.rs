//! `hls.requantize`: one loop; a table for every parameter in which channels differ.
//!
//! Channels whose forms are built alike make a group, and parameters that all of a group share
//! become literals. Several groups make a switch. Where lists differ in length (thresholds,
//! exceptions), the shorter end in an input that cannot occur: one above the input's range.

use super::{
    ExportError,
    code::{index, index_by_stride, strides},
    layer::{Array, LayerPrinter},
    number::{Number, literal},
    rom::Rom,
};
use qonnx_dialect::{
    Op, Rounding,
    form::{self, Form},
};

/// Prints the loop.
pub(super) fn print<'c>(printer: &mut LayerPrinter<'_, 'c>, op: Op<'c>, label: &str) -> Result<(), ExportError> {
    let (x, shape, _) = printer.describe(op.operand(0), op)?;
    let result = printer.array(op.result(0), op)?;
    if x.width > 64 {
        return Err(ExportError::node(op, format!("requantizes values of {} bits, expected at most 64", x.width)));
    }
    let forms = forms(op)?;
    if let Some(line) = own_rounding(x, &result, &forms) {
        return printer.nest(label, &shape.clone(), |printer, axes| {
            let at = index(axes, &shape);
            let element = printer.element(op.operand(0), op, &at, x.exponent)?;
            printer.code.line(format!("{}[{at}] = {line}({element});", result.name));
            Ok(())
        });
    }
    let channels = channels(op, forms.len(), &shape);
    let groups = groups(&forms);
    let mut tables = Tables::new(printer, op, x, &result, &forms);
    let several = groups.len() > 1;
    let maps = if several { Some(tables.group_maps(&groups, forms.len())) } else { None };
    let channel = if groups.iter().any(|group| group.members.len() > 1) || several { "channel" } else { "0" };
    let row = if several { "row" } else { channel };
    let cases: Vec<(String, String)> = groups.iter().map(|group| tables.case(group, row)).collect();
    let input = tables.input;
    printer.nest(label, &shape.clone(), |printer, axes| {
        let at = index(axes, &shape);
        let element = printer.element(op.operand(0), op, &at, None)?;
        if forms.iter().any(reads_input) {
            printer.code.line(format!("const {input} x = {input}({element});"));
        }
        if several || cases.iter().any(|(_, expression)| expression.contains("[channel]")) {
            let terms = index_by_stride(axes.iter().zip(channels).filter(|(_, stride)| *stride > 0));
            printer.code.line(format!("const int channel = {terms};"));
        }
        match (&maps, cases.as_slice()) {
            (None, [(_, expression)]) => printer.store(&result, &at, expression, true),
            (Some((kinds, rows)), _) => switch(printer, &result, &at, kinds, rows, &cases),
            _ => {}
        }
        Ok(())
    })
}

fn switch(printer: &mut LayerPrinter<'_, '_>, result: &Array, at: &str, kinds: &Rom, rows: &Rom, cases: &[(String, String)]) {
    if cases.iter().any(|(_, expression)| expression.contains("[row]")) {
        printer.code.line(format!("const int row = int({}[channel]);", rows.name));
    }
    printer.code.open(format!("switch (int({}[channel]))", kinds.name));
    for (position, (comment, expression)) in cases.iter().enumerate() {
        let case = if position + 1 == cases.len() { "default".to_string() } else { format!("case {position}") };
        printer.code.line(format!("{case}:  // {comment}"));
        printer.store(result, at, expression, true);
        printer.code.line("break;");
    }
    printer.code.close();
}

fn forms(op: Op<'_>) -> Result<Vec<Form>, ExportError> {
    let forms = op.attribute("forms").and_then(form::read_all);
    let forms = forms.ok_or_else(|| ExportError::node(op, "has forms that cannot be read"))?;
    match forms.split_first() {
        None => Err(ExportError::node(op, "has no forms")),
        // One form for all channels is one channel.
        Some((first, rest)) if rest.iter().all(|form| form == first) => Ok(vec![first.clone()]),
        Some(_) => Ok(forms),
    }
}

/// For each axis of x how many channels further one step goes; 0 along axes that share a channel.
fn channels(op: Op<'_>, count: usize, shape: &[usize]) -> Vec<usize> {
    let channels: Vec<usize> = match count {
        1 => vec![],
        _ => op.i64s_attribute("channels").into_iter().filter_map(|n| usize::try_from(n).ok()).collect(),
    };
    let own = channels.iter().zip(strides(&channels)).map(|(dim, stride)| if *dim > 1 { stride } else { 0 });
    let missing = shape.len().saturating_sub(channels.len());
    std::iter::repeat_n(0, missing).chain(own).collect()
}

/// Channels whose forms are built alike.
struct Group<'f> {
    members: Vec<&'f Form>,
    channels: Vec<usize>,
}

fn groups(forms: &[Form]) -> Vec<Group<'_>> {
    let mut groups: Vec<(String, Group<'_>)> = Vec::new();
    for (channel, form) in forms.iter().enumerate() {
        let kind = kind(form);
        match groups.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, group)) => {
                group.members.push(form);
                group.channels.push(channel);
            }
            None => groups.push((kind, Group { members: vec![form], channels: vec![channel] })),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// How a form is built, parameters left out.
fn kind(form: &Form) -> String {
    match form {
        Form::Constant { .. } => "constant".into(),
        Form::Compare { .. } => "compare".into(),
        Form::MulShift { rounding, .. } => format!("mul_shift {}", rounding.keyword()),
        Form::Pieces { below, above, .. } => format!("pieces ({}, {})", kind(below), kind(above)),
        Form::Thresholds { .. } => "thresholds".into(),
        Form::Table { .. } => "table".into(),
    }
}

/// What the comment above a layer says of a requantizer: which forms, for how many channels.
pub(super) fn summary(op: Op<'_>) -> Result<Vec<String>, ExportError> {
    let forms = forms(op)?;
    if let [form] = forms.as_slice() {
        return Ok(vec![format!("all channels: {}", kind(form))]);
    }
    Ok(groups(&forms).iter().map(|group| format!("{} channels: {}", group.members.len(), group.members.first().map_or(String::new(), |f| kind(f)))).collect())
}

/// An assignment that does it: where a half-even shift is what the result's binary point asks for.
fn own_rounding(x: Number, result: &Array, forms: &[Form]) -> Option<String> {
    let number = result.number;
    let [Form::MulShift { multiplier: 1, addend: 0, shift, rounding: Rounding::HalfEven, low, high, exceptions }] = forms else {
        return None;
    };
    let same_point = number.exponent? - x.exponent? == i64::from(*shift);
    if !same_point || !exceptions.is_empty() || (i128::from(*low), i128::from(*high)) != number.range() {
        return None;
    }
    let wide = arithmetic(x, 1, 0, *shift);
    Some(format!("round_saturate<{number}, {shift}, {}, {}, {wide}>", literal((*low).into()), literal((*high).into())))
}

/// The signed type that holds `multiplier * x + addend` and what rounding adds, for all x of a type.
fn arithmetic(x: Number, multiplier: i64, addend: i64, shift: u32) -> Number {
    let (low, high) = x.range();
    let (m, c) = (i128::from(multiplier), i128::from(addend));
    let half = if shift == 0 { 0 } else { 1i128 << (shift - 1).min(126) };
    let (a, b) = (m * low + c, m * high + c);
    let number = Number::signed_holding(a.min(b), a.max(b).saturating_add(half));
    // Room for 2^shift itself.
    Number::integer(number.width.max(shift + 2), true)
}

/// Writes the tables of one requantizer.
struct Tables<'a, 'p, 'c> {
    printer: &'a mut LayerPrinter<'p, 'c>,
    base: String,
    /// The type of the inputs.
    x: Number,
    /// The signed type in which inputs are compared.
    input: Number,
    /// The type of the codes.
    output: Number,
}

impl<'a, 'p, 'c> Tables<'a, 'p, 'c> {
    fn new(printer: &'a mut LayerPrinter<'p, 'c>, op: Op<'c>, x: Number, result: &Array, forms: &[Form]) -> Self {
        let base = super::module::node_name(op).unwrap_or_else(|| format!("{}_requantize", printer.layer_name()));
        let (low, high) = x.range();
        let (mut least, mut most) = (low, high);
        forms.iter().for_each(|form| for_each_input(form, &mut |n| {
            least = least.min(n.into());
            most = most.max(n.into());
        }));
        // One above the range, where lists of different lengths end.
        let padded = forms.len() > 1 && forms.iter().any(has_lists);
        let most = if padded { most.max(high + 1) } else { most };
        Self { printer, base, x, input: Number::signed_holding(least, most), output: result.number.codes() }
    }

    fn group_maps(&mut self, groups: &[Group<'_>], channels: usize) -> (Rom, Rom) {
        let (mut kinds, mut rows) = (vec![0i64; channels], vec![0i64; channels]);
        for (kind, group) in groups.iter().enumerate() {
            for (row, channel) in group.channels.iter().enumerate() {
                if let (Some(k), Some(r)) = (kinds.get_mut(*channel), rows.get_mut(*channel)) {
                    (*k, *r) = (kind as i64, row as i64);
                }
            }
        }
        (self.vector("kind", &kinds, None), self.vector("row", &rows, None))
    }

    /// What a group is called and the expression of its code.
    fn case(&mut self, group: &Group<'_>, row: &str) -> (String, String) {
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
                let splits = each(forms, |form| if let Form::Pieces { split, .. } = form { Some(*split) } else { None });
                let lower: Vec<&Form> = each(forms, |form| if let Form::Pieces { below, .. } = form { Some(&**below) } else { None });
                let upper: Vec<&Form> = each(forms, |form| if let Form::Pieces { above, .. } = form { Some(&**above) } else { None });
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

fn reads_input(form: &Form) -> bool {
    match form {
        Form::Constant { .. } => false,
        Form::Thresholds { thresholds, .. } => !thresholds.is_empty(),
        _ => true,
    }
}

fn has_lists(form: &Form) -> bool {
    match form {
        Form::MulShift { exceptions, .. } => !exceptions.is_empty(),
        Form::Thresholds { .. } => true,
        Form::Pieces { below, above, .. } => has_lists(below) || has_lists(above),
        _ => false,
    }
}
