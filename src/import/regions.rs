//! RoiAlign and MaxRoiPool over regions that are constants: all their elements gathered at once.

use super::{
    ImportError,
    indexing::array,
    node::{Context, Node, element_of},
};
use crate::{
    eval::{IntType, Tensor},
    onnx::quoted,
};
use qonnx_dialect::{Element, Reduction, Value};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    Ok(Some(vec![match node.op_type() {
        "RoiAlign" => roi_align(cx, node)?,
        "MaxRoiPool" => max_roi_pool(cx, node)?,
        _ => return Ok(None),
    }]))
}

/// The operand (samples, channels, rows, columns) and the extents that each region becomes.
struct Pool<'c> {
    x: Value<'c>,
    shape: [usize; 4],
    regions: usize,
    rows: usize,
    columns: usize,
}

impl<'c> Pool<'c> {
    fn new(node: &Node<'_, 'c>, regions: usize, [rows, columns]: [i64; 2]) -> Result<Self, ImportError> {
        let x = node.operand(0)?;
        let shape = node.extents(x)?;
        let &[samples, channels, height, width] = &shape[..] else {
            return Err(node.error(format!("its operand has rank {}, expected 4", shape.len())));
        };
        let extent = |extent: i64| usize::try_from(extent).ok().filter(|extent| *extent > 0);
        match (extent(rows), extent(columns)) {
            (Some(rows), Some(columns)) if height > 0 && width > 0 => {
                node.positions(&[rows, columns])?;
                Ok(Self { x, shape: [samples, channels, height, width], regions, rows, columns })
            }
            _ => Err(node.error(format!("makes {rows} x {columns} elements of {shape:?}, expected some"))),
        }
    }

    /// The place of an element in a sample, all samples in a row.
    fn place(&self, node: &Node<'_, '_>, sample: i64, row: usize, column: usize) -> Result<i64, ImportError> {
        let [samples, _, height, width] = self.shape;
        let sample = usize::try_from(sample).ok().filter(|sample| *sample < samples);
        let sample = sample.ok_or_else(|| node.error(format!("a region lies in no sample of the {samples}")))?;
        Ok((sample * height * width + row * width + column) as i64)
    }

    /// Elements of all channels, so many of each place of each region: (channels, regions, many, places).
    fn gathered(
        &self,
        cx: &Context<'_, 'c>,
        node: &Node<'_, 'c>,
        places: Vec<i64>,
        many: usize,
    ) -> Result<Value<'c>, ImportError> {
        let shape = [self.regions, many, self.rows * self.columns];
        node.positions(&[&shape[..], &self.shape[1..2]].concat())?;
        let flat = cx.reshape(cx.transpose(self.x, &[1, 0, 2, 3]), &[self.shape[1] as i64, -1]);
        Ok(cx.take(flat, 1, &Tensor::Int(IntType::I64, array(node, &shape, places)?)))
    }

    /// A constant in the operand's element type.
    fn constant(
        &self,
        cx: &Context<'_, 'c>,
        node: &Node<'_, 'c>,
        shape: &[usize],
        values: Vec<f32>,
    ) -> Result<Value<'c>, ImportError> {
        let tensor = Tensor::f32(shape, values).map_err(|problem| node.error(problem))?;
        Ok(cx.constant(element_of(self.x), &tensor))
    }

    /// (channels, regions, places) as (regions, channels, rows, columns).
    fn result(&self, cx: &Context<'_, 'c>, pooled: Value<'c>) -> Value<'c> {
        let shape = [self.regions, self.shape[1], self.rows, self.columns].map(|extent| extent as i64);
        cx.reshape(cx.transpose(pooled, &[1, 0, 2]), &shape)
    }
}

/// The two neighbours of a position along an axis and their weights; none outside.
fn neighbours(position: f32, extent: usize) -> Option<[(usize, f32); 2]> {
    if position < -1.0 || position > extent as f32 {
        return None;
    }
    let position = position.max(0.0);
    let low = position as usize;
    if low >= extent - 1 {
        return Some([(extent - 1, 1.0), (extent - 1, 0.0)]);
    }
    let fraction = position - low as f32;
    Some([(low, 1.0 - fraction), (low + 1, fraction)])
}

/// Where a region begins along an axis, how long a place of the result is, and how many samples it has.
struct Span {
    start: f32,
    step: f32,
    samples: usize,
}

impl Span {
    fn position(&self, place: usize, sample: usize) -> f32 {
        self.start + place as f32 * self.step + (sample as f32 + 0.5) * self.step / self.samples as f32
    }
}

/// A region of one of the operand's samples.
struct Region {
    sample: i64,
    rows: Span,
    columns: Span,
}

impl Region {
    fn samples(&self) -> usize {
        self.rows.samples.saturating_mul(self.columns.samples)
    }
}

/// How a node divides a region.
struct Division {
    scale: f32,
    /// Whether positions count from elements' centers.
    half_pixel: bool,
    /// Samples along an axis of a place; as many as it has elements if 0.
    ratio: usize,
}

impl Division {
    fn of(node: &Node<'_, '_>) -> Result<Self, ImportError> {
        let default = if node.version < 16 { "output_half_pixel" } else { "half_pixel" };
        let half_pixel = match node.proto.string("coordinate_transformation_mode")?.unwrap_or(default) {
            "half_pixel" => true,
            "output_half_pixel" => false,
            other => {
                let words = "half_pixel or output_half_pixel";
                return Err(
                    node.error(format!("coordinate_transformation_mode is {}, expected {words}", quoted(other)))
                );
            }
        };
        let ratio = usize::try_from(node.proto.int("sampling_ratio")?.unwrap_or(0));
        let ratio = ratio.map_err(|_| node.error("sampling_ratio is negative"))?;
        Ok(Self { scale: node.proto.float("spatial_scale")?.unwrap_or(1.0), half_pixel, ratio })
    }

    fn span(&self, low: f32, high: f32, places: usize) -> Span {
        let offset = if self.half_pixel { 0.5 } else { 0.0 };
        let (start, end) = (low * self.scale - offset, high * self.scale - offset);
        let length = if self.half_pixel { end - start } else { (end - start).max(1.0) };
        let step = length / places as f32;
        Span { start, step, samples: if self.ratio > 0 { self.ratio } else { step.ceil().max(0.0) as usize } }
    }
}

/// A neighbour of each sample: where it lies and its weight.
struct Corner {
    places: Vec<i64>,
    weights: Vec<f32>,
}

/// The four neighbours of all samples, `many` of each place. Behind those that a region has, its first one again,
/// which makes no sum and no greatest another one without weight.
fn corners(
    node: &Node<'_, '_>,
    pool: &Pool<'_>,
    regions: &[Region],
    many: usize,
    sums: bool,
) -> Result<[Corner; 4], ImportError> {
    let mut corners = [const { Corner { places: Vec::new(), weights: Vec::new() } }; 4];
    for region in regions {
        for index in 0..many {
            let filling = index >= region.samples();
            let sample = if filling { 0 } else { index };
            let (row, column) = (sample / region.columns.samples.max(1), sample % region.columns.samples.max(1));
            for place in 0..pool.rows * pool.columns {
                let vertical = neighbours(region.rows.position(place / pool.columns, row), pool.shape[2]);
                let horizontal = neighbours(region.columns.position(place % pool.columns, column), pool.shape[3]);
                let around = vertical.zip(horizontal);
                for (which, corner) in corners.iter_mut().enumerate() {
                    let nothing = ((0, 0.0), (0, 0.0));
                    let ((row, v), (column, h)) = around.map_or(nothing, |(v, h)| (v[which / 2], h[which % 2]));
                    corner.places.push(pool.place(node, region.sample, row, column)?);
                    corner.weights.push(if filling && sums { 0.0 } else { v * h });
                }
            }
        }
    }
    Ok(corners)
}

fn regions_of<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    [rows, columns]: [i64; 2],
) -> Result<Vec<Region>, ImportError> {
    let boxes = cx.fixed(node, 1, "regions")?.to_f32_vec();
    let samples = cx.fixed(node, 2, "regions' samples")?.to_i64_vec().map_err(|problem| node.error(problem))?;
    if boxes.len() != 4 * samples.len() {
        return Err(node.error(format!("has {} bounds for {} regions, expected 4 each", boxes.len(), samples.len())));
    }
    let division = Division::of(node)?;
    let places = |extent: i64| usize::try_from(extent).unwrap_or(1).max(1);
    let region = |(bounds, sample): (&[f32], &i64)| Region {
        sample: *sample,
        rows: division.span(bounds[1], bounds[3], places(rows)),
        columns: division.span(bounds[0], bounds[2], places(columns)),
    };
    Ok(boxes.chunks_exact(4).zip(&samples).map(region).collect())
}

/// The mean or the greatest of samples between elements.
fn roi_align<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let size = |name| Ok::<_, ImportError>(node.proto.int(name)?.unwrap_or(1));
    let size = [size("output_height")?, size("output_width")?];
    let regions = regions_of(cx, node, size)?;
    let pool = Pool::new(node, regions.len(), size)?;
    let many = regions.iter().map(Region::samples).max().unwrap_or(1).max(1);
    node.positions(&[pool.regions, pool.rows, pool.columns, many])?;
    let sums = match node.proto.string("mode")?.unwrap_or("avg") {
        "avg" => true,
        "max" => false,
        other => return Err(node.error(format!("mode is {}, expected avg or max", quoted(other)))),
    };
    let mut total: Option<Value<'c>> = None;
    for corner in corners(node, &pool, &regions, many, sums)? {
        let elements = pool.gathered(cx, node, corner.places, many)?;
        let shape = [pool.regions, many, pool.rows * pool.columns];
        let term = cx.mul(pool.constant(cx, node, &shape, corner.weights)?, elements);
        let join = if sums { "qonnx.add" } else { "qonnx.max" };
        total = Some(total.map_or(term, |total| cx.apply(join, &[total, term])));
    }
    let total = total.unwrap_or(pool.x);
    if !sums {
        return Ok(pool.result(cx, cx.reduce(Reduction::Max, total, &[2], false)));
    }
    let counts = regions.iter().map(|region| region.samples().max(1) as f32).collect();
    let counts = pool.constant(cx, node, &[pool.regions, 1], counts)?;
    Ok(pool.result(cx, cx.div(cx.reduce(Reduction::Sum, total, &[2], false), counts)))
}

/// The elements of each place of each region.
fn parts_of(node: &Node<'_, '_>, pool: &Pool<'_>, boxes: &[f32], scale: f32) -> Result<Vec<Vec<i64>>, ImportError> {
    let part = |low: f32, high: f32, place: usize, places: usize, extent: usize| {
        let (start, end) = ((low * scale).round(), (high * scale).round());
        let step = (end - start + 1.0).max(1.0) / places as f32;
        let limit = |position: f32| (position + start).clamp(0.0, extent as f32) as usize;
        limit((place as f32 * step).floor())..limit(((place + 1) as f32 * step).ceil())
    };
    let mut parts = Vec::new();
    for bounds in boxes.chunks_exact(5) {
        for place in 0..pool.rows * pool.columns {
            let rows = part(bounds[2], bounds[4], place / pool.columns, pool.rows, pool.shape[2]);
            let columns = part(bounds[1], bounds[3], place % pool.columns, pool.columns, pool.shape[3]);
            let elements = rows.flat_map(|row| columns.clone().map(move |column| (row, column)));
            let places = elements.map(|(row, column)| pool.place(node, bounds[0] as i64, row, column));
            parts.push(places.collect::<Result<Vec<i64>, _>>()?);
            node.positions(&[parts.len(), parts.last().map_or(0, Vec::len)])?;
        }
    }
    Ok(parts)
}

/// The greatest of each part of a region; 0 where a part is empty.
fn max_roi_pool<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let boxes = cx.fixed(node, 1, "regions")?.to_f32_vec();
    let size = node.proto.ints("pooled_shape")?.unwrap_or_default();
    let &[rows, columns] = size else {
        return Err(node.error(format!("pooled_shape is {size:?}, expected two extents")));
    };
    let pool = Pool::new(node, boxes.len() / 5, [rows, columns])?;
    let parts = parts_of(node, &pool, &boxes, node.proto.float("spatial_scale")?.unwrap_or(1.0))?;
    let many = parts.iter().map(Vec::len).max().unwrap_or(1).max(1);
    node.positions(&[parts.len(), many])?;
    // Shorter parts are filled with their first element.
    let element = |part: &Vec<i64>, index: usize| part.get(index).or(part.first()).copied().unwrap_or(0);
    let regions = parts.chunks(pool.rows * pool.columns);
    let places =
        regions.flat_map(|parts| (0..many).flat_map(move |index| parts.iter().map(move |part| element(part, index))));
    let elements = pool.gathered(cx, node, places.collect(), many)?;
    let greatest = cx.reduce(Reduction::Max, elements, &[2], false);
    let is_empty = parts.iter().map(|part| i64::from(part.is_empty())).collect();
    let is_empty = array(node, &[pool.regions, pool.rows * pool.columns], is_empty)?;
    let is_empty = cx.constant(Element::Bool, &Tensor::Int(IntType::BOOL, is_empty));
    Ok(pool.result(cx, cx.select(is_empty, cx.scalar_like(greatest, 0.0), greatest)))
}
