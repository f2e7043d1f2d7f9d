//! `hls.requantize`: one loop; a table for every parameter in which channels differ.
//!
//! Channels whose forms are built alike make a group, and parameters that all of a group share
//! become literals. Several groups make a switch. Where lists differ in length (thresholds,
//! exceptions), the shorter end in an input that cannot occur: one above the input's range.

mod tables;

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
use tables::Tables;

/// Prints the loop.
pub(super) fn print<'c>(printer: &mut LayerPrinter<'_, 'c>, op: Op<'c>, label: &str) -> Result<(), ExportError> {
    let (x, shape, _) = printer.describe(op.operand(0), op)?;
    let result = printer.array(op.result(0), op)?;
    // Forms compare with 64-bit numbers, and one above the range must be among them.
    if x.range().1 >= i64::MAX.into() {
        return Err(ExportError::node(op, format!("requantizes values of {} bits, expected at most 62", x.width)));
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
    let many = if several { "row" } else { "channel" };
    let row = |group: &Group<'_>| if group.members.len() > 1 { many } else { "0" };
    let cases: Vec<(String, String)> = groups.iter().map(|group| tables.case(group, row(group))).collect();
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
            (Some((kinds, rows)), _) => switch(printer, &result, &at, kinds, rows.as_ref(), &cases),
            _ => {}
        }
        Ok(())
    })
}

fn switch(
    printer: &mut LayerPrinter<'_, '_>,
    result: &Array,
    at: &str,
    kinds: &Rom,
    rows: Option<&Rom>,
    cases: &[(String, String)],
) {
    if let Some(rows) = rows.filter(|_| cases.iter().any(|(_, expression)| expression.contains("[row]"))) {
        printer.code.line(format!("const int row = int({}[channel]);", rows.name));
    }
    printer.code.open(format!("switch (int({}[channel]))", kinds.name));
    for (position, (comment, expression)) in cases.iter().enumerate() {
        let case = if position + 1 == cases.len() { "default".to_string() } else { format!("case {position}") };
        printer.code.line(format!("{case}:  // {comment}"));
        printer.code.indented(|code| {
            code.line(result.assignment(at, expression, true));
            code.line("break;");
        });
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
    let line = |group: &Group<'_>| {
        let (count, kind) = (group.members.len(), group.members.first().map_or(String::new(), |form| kind(form)));
        format!("{count} channel{}: {kind}", if count == 1 { "" } else { "s" })
    };
    Ok(groups(&forms).iter().map(line).collect())
}

/// An assignment that does it: where a half-even shift is what the result's binary point asks for.
fn own_rounding(x: Number, result: &Array, forms: &[Form]) -> Option<String> {
    let number = result.number;
    let [Form::MulShift { multiplier: 1, addend: 0, shift, rounding: Rounding::HalfEven, low, high, exceptions }] =
        forms
    else {
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
