//! The page: one file that needs nothing else.

use super::{
    Description,
    graph::{Node, layout},
    layers::{Histogram, Layer},
    shape,
};
use anyhow::Result;
use minijinja::{Environment, context};
use serde::Serialize;

/// Sizes in the picture, in pixels.
const BOX: (usize, usize) = (180, 46);
const GAP: (usize, usize) = (24, 34);

/// A row of the table.
#[derive(Serialize)]
struct Row<'d> {
    layer: &'d Layer,
    input: String,
    weight: String,
    output: String,
    widths: String,
    bars: Vec<Bar>,
}

/// A bar of a histogram, in percent of its height.
#[derive(Serialize)]
struct Bar {
    x: usize,
    height: f64,
    title: String,
}

/// A box of the graph.
#[derive(Serialize)]
struct Drawn<'d> {
    node: &'d Node,
    x: usize,
    y: usize,
    kind: &'static str,
}

/// The page's text.
///
/// # Errors
/// If the template cannot be filled.
pub fn render(description: &Description) -> Result<String> {
    let rows: Vec<Row<'_>> = description.layers.iter().map(row).collect();
    let places = layout(&description.nodes);
    let drawn: Vec<Drawn<'_>> = description
        .nodes
        .iter()
        .zip(&places)
        .map(|(node, place)| Drawn {
            node,
            x: GAP.0 + place.column * (BOX.0 + GAP.0),
            y: GAP.1 + place.row * (BOX.1 + GAP.1),
            kind: kind_of(&node.operator),
        })
        .collect();
    let mut edges = Vec::new();
    for to in &drawn {
        for from in to.node.inputs.iter().filter_map(|input| drawn.get(*input)) {
            edges.push(edge(from, to));
        }
    }
    let width = drawn.iter().map(|node| node.x + BOX.0 + 2 * GAP.0).max().unwrap_or(0);
    let height = drawn.iter().map(|node| node.y + BOX.1 + GAP.1).max().unwrap_or(0);
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    let values = context! { description, rows, drawn, edges, width, height, box => BOX };
    Ok(environment.render_str(include_str!("page.html"), values)?)
}

fn row(layer: &Layer) -> Row<'_> {
    let bars = layer.histogram.as_ref().map(bars).unwrap_or_default();
    Row {
        layer,
        input: shape(&layer.input),
        weight: shape(&layer.weight),
        output: shape(&layer.output),
        widths: layer.widths(),
        bars,
    }
}

fn bars(histogram: &Histogram) -> Vec<Bar> {
    let most = histogram.counts.iter().max().copied().unwrap_or(0).max(1) as f64;
    let bar = |(x, count): (usize, &u64)| {
        let first = histogram.first + x as i64 * histogram.step;
        let last = first + histogram.step - 1;
        let codes = if first == last { first.to_string() } else { format!("{first} to {last}") };
        Bar { x, height: 100.0 * *count as f64 / most, title: format!("{codes}: {count}") }
    };
    histogram.counts.iter().enumerate().map(bar).collect()
}

/// A curve from the bottom of one box to the top of the next; beside the boxes where rows lie between.
fn edge(from: &Drawn<'_>, to: &Drawn<'_>) -> String {
    if to.y > from.y + BOX.1 + GAP.1 {
        let (x0, x1) = (from.x + BOX.0, to.x + BOX.0);
        let (y0, y1, bend) = (from.y + BOX.1 / 2, to.y + BOX.1 / 2, x0.max(x1) + 2 * GAP.0);
        return format!("M{x0} {y0} C{bend} {y0} {bend} {y1} {x1} {y1}");
    }
    let (x0, y0, x1, y1) = (from.x + BOX.0 / 2, from.y + BOX.1, to.x + BOX.0 / 2, to.y);
    let middle = (y0 + y1) / 2;
    format!("M{x0} {y0} C{x0} {middle} {x1} {middle} {x1} {y1}")
}

/// The colour of a box.
fn kind_of(operator: &str) -> &'static str {
    match operator {
        "matmul" | "gemm" | "conv" | "conv_transpose" => "linear",
        "quant" | "bipolar_quant" | "trunc" | "float_quant" | "quantize_linear" | "dequantize_linear"
        | "multi_threshold" => "quantizer",
        _ => "other",
    }
}
