//! The choice among forms.
//!
//! Forms are tried in the order of [`FormKind`](super::FormKind): a constant, a comparison, one
//! multiply-add-shift with the fewest multiplier bits. Where none of these equals the function,
//! the estimated [cost](Form::cost) decides between two pieces, a multiply-add-shift with
//! exceptions, thresholds and a table. No form leaves here without a proof.

use super::fit::{fit, fit_with_exceptions, fits};
use super::form::{Form, FormExt, Rounding};
use super::prove::prove;
use super::step_function::{Piece, StepFunction};

/// The most entries a table may have.
pub const MAX_TABLE: u128 = 1 << 16;
/// Places of the split that are tried for two pieces.
const SPLITS: usize = 8;

/// The cheapest form that equals `f` on its whole domain.
pub fn cheapest(f: &StepFunction) -> Form {
    let single = single(f).filter(|form| prove(form, f).is_ok());
    single.unwrap_or_else(|| {
        let mut forms = costly(f);
        forms.sort_by_key(|form| form.cost(f.input_bits()));
        forms.into_iter().find(|form| prove(form, f).is_ok()).unwrap_or_else(|| thresholds(f))
    })
}

/// Every proven form found for `f`, at least one: first [`cheapest()`], the rest by cost.
///
/// For hardware that shares one kind of form among channels. Takes longer than [`cheapest()`],
/// which stops early.
pub fn candidates(f: &StepFunction) -> Vec<Form> {
    let best = cheapest(f);
    let mut others: Vec<Form> = [Rounding::Floor, Rounding::HalfEven]
        .into_iter()
        .filter_map(|rounding| fit(f, rounding))
        .chain(costly(f))
        .filter(|form| *form != best && prove(form, f).is_ok())
        .collect();
    others.sort_by_key(|form| form.cost(f.input_bits()));
    others.dedup();
    std::iter::once(best).chain(others).collect()
}

/// A constant, a comparison or one shift without exceptions, if there is one.
fn single(f: &StepFunction) -> Option<Form> {
    match f.steps() {
        [] => Some(Form::Constant { code: f.first() }),
        [step] => Some(Form::Compare { threshold: step.at, below: f.first(), above: step.code }),
        _ => {
            let fits = [Rounding::Floor, Rounding::HalfEven].map(|rounding| fit(f, rounding));
            let cost = |form: &Form| (form.multiplier_bits(), form.cost(f.input_bits()));
            fits.into_iter().flatten().min_by_key(cost)
        }
    }
}

/// The other forms of `f`; thresholds are always among them.
fn costly(f: &StepFunction) -> Vec<Form> {
    let mut forms = vec![thresholds(f)];
    forms.extend(table(f));
    forms.extend(fit_with_exceptions(f, Rounding::Floor));
    forms.extend(fit_with_exceptions(f, Rounding::HalfEven));
    forms.extend(pieces(f));
    forms
}

fn thresholds(f: &StepFunction) -> Form {
    let codes = std::iter::once(f.first()).chain(f.steps().iter().map(|step| step.code));
    let thresholds = f.steps().iter().map(|step| step.at).collect();
    Form::Thresholds { thresholds, codes: codes.collect() }
}

fn table(f: &StepFunction) -> Option<Form> {
    let codes = |piece: Piece| (piece.first..=piece.last).map(move |_| piece.code);
    (f.size() <= MAX_TABLE).then(|| Form::Table { first: f.low(), codes: f.pieces().flat_map(codes).collect() })
}

/// Two pieces, each with a [`single`] form, at the best of a few places.
fn pieces(f: &StepFunction) -> Option<Form> {
    // Splitting before step `index` leaves the steps before it and those after it.
    let splits = f.steps().iter().map(|step| step.at);
    let at = |index: usize| f.steps().get(index).map(|step| f.split_at(step.at));
    let is_single = |f: &StepFunction| fits(f, Rounding::Floor) || fits(f, Rounding::HalfEven);
    let count = f.steps().len();
    let end = partition(count, |index| at(index).is_some_and(|(below, _)| is_single(&below)));
    let start = partition(count, |index| !at(index).is_some_and(|(_, above)| is_single(&above)));
    let width = end.checked_sub(start).filter(|&width| width > 0)?;
    let forms = splits.skip(start).take(width).step_by(width.div_ceil(SPLITS)).filter_map(|split| {
        let (below, above) = f.split_at(split);
        let (below, above) = (Box::new(single(&below)?), Box::new(single(&above)?));
        Some(Form::Pieces { split, below, above })
    });
    let best = forms.min_by_key(|form| form.cost(f.input_bits()))?;
    Some(simplify_pieces(best, f))
}

/// The same two pieces with one saturation for both and split at 0, which only takes the sign
/// bit; as much of that as is right.
fn simplify_pieces(form: Form, f: &StepFunction) -> Form {
    let Form::Pieces { split, below, above } = &form else {
        return form;
    };
    let range = f.code_range();
    let wide = [below, above].map(|part| Box::new(saturate_to(part, range)));
    let narrow = [below, above].map(Clone::clone);
    let options = [(0, &wide), (0, &narrow), (*split, &wide)].map(|(split, [below, above])| Form::Pieces {
        split,
        below: below.clone(),
        above: above.clone(),
    });
    options.into_iter().find(|option| prove(option, f).is_ok()).unwrap_or(form)
}

/// The same shift, saturated to another range of codes.
fn saturate_to(form: &Form, range: (i64, i64)) -> Form {
    let mut form = form.clone();
    if let Form::MulShift { low, high, .. } = &mut form {
        (*low, *high) = range;
    }
    form
}

/// How many of `0..count` satisfy a predicate that holds up to some index.
pub(super) fn partition(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
