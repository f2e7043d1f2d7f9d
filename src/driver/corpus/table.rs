//! The results for people: a line a model, then a summary by folder.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::judge::{Status, Verdict};
use crate::driver::report::Bits;

/// Columns are cut here; the JSON form has the whole text.
const MAX_DETAIL: usize = 160;

/// Writes all lines, aligned.
///
/// # Errors
/// If `out` can't be written.
pub fn write(verdicts: &[Verdict], out: &mut impl Write) -> io::Result<()> {
    let names = verdicts.iter().map(|v| path(v).chars().count());
    let width = names.max().unwrap_or(0).max("model".len());
    writeln!(
        out,
        "     {:width$}  {:8}  {:>10}  {:>6}  {:>9}  ",
        "model", "status", "compile ms", "g++ s", "samples/s"
    )?;
    for verdict in verdicts {
        let line = format!(
            "{:4} {:width$}  {:8}  {:>10}  {:>6}  {:>9}  {}",
            if verdict.ok { "ok" } else { "FAIL" },
            path(verdict),
            label(verdict.status),
            number(verdict.compile_ms, 1),
            number(verdict.gxx_seconds, 1),
            number(verdict.samples_per_second, 0),
            shortened(&verdict.detail),
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    summary(verdicts, out)
}

fn summary(verdicts: &[Verdict], out: &mut impl Write) -> io::Result<()> {
    writeln!(out)?;
    for (folder, counts) in by_folder(verdicts) {
        let of_folder = || verdicts.iter().filter(|v| v.folder == folder);
        let failed = of_folder().filter(|v| !v.ok).count();
        let counts: Vec<String> = counts.iter().map(|(s, n)| format!("{n} {}", label(*s))).collect();
        let total = of_folder().count();
        writeln!(out, "{folder}: {total} models: {}; {failed} not as expected", counts.join(", "))?;
    }
    let forms = requantizers(verdicts);
    if !forms.is_empty() {
        let forms: Vec<String> = forms.iter().map(|(form, n)| format!("{n} {form}")).collect();
        writeln!(out, "requantizers: {}", forms.join(", "))?;
        writeln!(out, "bits: {}", bits(verdicts))?;
    }
    Ok(())
}

/// How many models of each folder ended how.
pub fn by_folder(verdicts: &[Verdict]) -> BTreeMap<&str, BTreeMap<Status, usize>> {
    let mut folders: BTreeMap<&str, BTreeMap<Status, usize>> = BTreeMap::new();
    for verdict in verdicts {
        let counts = folders.entry(&verdict.folder).or_default();
        *counts.entry(verdict.status).or_default() += 1;
    }
    folders
}

/// Requantizers by form, over all models.
pub fn requantizers(verdicts: &[Verdict]) -> BTreeMap<&str, u64> {
    let mut forms = BTreeMap::new();
    for (form, count) in verdicts.iter().flat_map(|v| &v.requantizers) {
        *forms.entry(form.as_str()).or_default() += count;
    }
    forms
}

/// Bits of arithmetic, of all models together.
pub fn bits(verdicts: &[Verdict]) -> Bits {
    verdicts.iter().fold(Bits::default(), |sum, verdict| sum.plus(verdict.bits))
}

/// The status as printed.
pub fn label(status: Status) -> &'static str {
    match status {
        Status::Exact => "exact",
        Status::Close => "close",
        Status::Compiled => "compiled",
        Status::Differs => "differs",
        Status::Refused => "refused",
        Status::Crashed => "crashed",
        Status::Timeout => "timeout",
        Status::Error => "error",
    }
}

fn path(verdict: &Verdict) -> String {
    format!("{}/{}", verdict.folder, verdict.name)
}

fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.decimals$}"))
}

/// Cut at a character; control characters of hostile files are escaped.
fn shortened(detail: &str) -> String {
    let escape = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut chars = detail.chars().map(escape);
    let mut text: String = chars.by_ref().take(MAX_DETAIL).collect();
    if chars.next().is_some() {
        text.push('…');
    }
    text
}
