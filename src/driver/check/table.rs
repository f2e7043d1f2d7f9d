//! The report for people: an aligned row a stage, then what differs.

use super::report::{Difference, Layer, Report, Stage};
use std::fmt::Write;

/// The text.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}, {} samples", report.model, report.samples);
    rows(&mut text, &report.stages);
    layers(&mut text, &report.layers);
    for remark in &report.remarks {
        let _ = writeln!(text, "note: {remark}");
    }
    for difference in &report.differences {
        let _ = writeln!(text, "{}", line(difference));
    }
    let verdict = if report.exact {
        "exact: nothing unexplained differs"
    } else {
        "NOT exact: the differences above are not explained"
    };
    let _ = writeln!(text, "{verdict}");
    text
}

fn rows(text: &mut String, stages: &[Stage]) {
    let _ = writeln!(text, "  {:<8}  {:>10}  {:>9}  {:>9}  note", "stage", "compared", "differing", "explained");
    for stage in stages {
        let row = format!(
            "  {:<8}  {:>10}  {:>9}  {:>9}  {}",
            stage.stage, stage.compared, stage.differing, stage.explained, stage.note
        );
        let _ = writeln!(text, "{}", row.trim_end());
    }
}

/// Each quantizer, with what is known of the sum in front of it.
fn layers(text: &mut String, layers: &[Layer]) {
    let width = layers.iter().map(|layer| layer.node.chars().count()).max().unwrap_or(0);
    if width == 0 {
        return;
    }
    let _ = writeln!(text, "  layer by layer, each fed with the reference's codes:");
    for layer in layers {
        let Layer { node, compared, differing, explained, sum } = layer;
        let _ = writeln!(text, "    {node:<width$}  {compared:>10}  {differing:>9}  {explained:>9}  {}", sum.text());
    }
}

fn line(difference: &Difference) -> String {
    let Difference { stage, node, sample, element, expected, found, why } = difference;
    let values =
        if expected.is_nan() && found.is_nan() { String::new() } else { format!(" is {found}, expected {expected}") };
    format!("{stage}: {node}, sample {sample}, element {element}{values}: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::check::report::Place;

    #[test]
    fn differences_are_named_and_columns_aligned() {
        let mut report = Report { model: "m".into(), samples: 2, ..Report::default() };
        let mut stage = Stage::new("layers");
        stage.problem(Place { node: "relu", sample: 1 }, "missing".into());
        report.push(stage);
        let text = text(&report);
        assert!(text.contains("layers: relu, sample 1, element 0: missing"), "{text}");
        assert!(text.contains("  layers             1          1          0\n"), "{text}");
        assert!(text.ends_with("not explained\n"), "{text}");
    }
}
