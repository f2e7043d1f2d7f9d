//! Sparse tensors as dense ones.

use std::path::Path;

use super::proto::{SparseTensorProto, TensorProto};
use super::tensor::{Layout, TensorProblem};
use super::{ElementType, TensorData, TensorError, decode};

/// The largest dense tensor that a sparse one may become, in bytes. Its size does not follow
/// from the file's.
pub const MAX_DENSE_BYTES: usize = 256 << 20;

/// The dense tensor that `sparse` stands for: zero where it holds no value.
///
/// `values` has shape \[n\]; `indices` are int64, shape \[n\] (row-major positions) or
/// \[n, rank\] (coordinates), ascending without duplicates.
pub fn decode_sparse(sparse: &SparseTensorProto, directory: &Path) -> Result<TensorData, TensorError> {
    let nothing = TensorProto::default();
    let values = decode(sparse.values.as_ref().unwrap_or(&nothing), directory)?;
    let indices = decode(sparse.indices.as_ref().unwrap_or(&nothing), directory);
    let indices = indices.map_err(|error| format!("its indices: {}", error.problem));
    let name = values.name.clone();
    indices
        .map_err(TensorProblem::Sparse)
        .and_then(|indices| scatter(values, &indices, &sparse.dims))
        .map_err(|problem| TensorError { name, problem })
}

/// A tensor of shape `dims` with `values` at `indices`.
fn scatter(values: TensorData, indices: &TensorData, dims: &[i64]) -> Result<TensorData, TensorProblem> {
    let invalid = |what: String| Err(TensorProblem::Sparse(what));
    if values.element.bits() < 8 {
        return invalid(format!("elements of {} are not supported", values.element));
    }
    let layout = Layout::new(values.element, dims)?;
    let bytes = layout.stored_bytes();
    if bytes > MAX_DENSE_BYTES {
        return invalid(format!("{bytes} bytes if dense, the limit is {MAX_DENSE_BYTES}"));
    }
    let positions = positions(indices, &layout, values.element_count());
    let positions = positions.map_err(TensorProblem::Sparse)?;
    let size = values.element.byte_size();
    let mut dense = vec![0; bytes];
    for (position, value) in positions.into_iter().zip(values.bytes.chunks_exact(size)) {
        if let Some(place) = dense.get_mut(position * size..(position + 1) * size) {
            place.copy_from_slice(value);
        }
    }
    Ok(TensorData { dims: layout.dims, bytes: dense.into(), ..values })
}

/// The row-major positions of the `count` values, each inside the dense tensor.
fn positions(indices: &TensorData, dense: &Layout, count: usize) -> Result<Vec<usize>, String> {
    let rank = dense.dims.len();
    let width = match indices.dims.as_slice() {
        &[n] if n == count => 1,
        &[n, width] if n == count && width == rank && rank > 0 => rank,
        shape => {
            return Err(format!("indices have shape {shape:?}, expected [{count}] or [{count}, {rank}]"));
        }
    };
    if indices.element != ElementType::Int64 {
        return Err(format!("indices are {}, expected int64", indices.element));
    }
    let limits = if width == 1 { &[dense.count] } else { dense.dims.as_slice() };
    let flat = indices.to_i64().map_err(|error| error.problem.to_string())?;
    let mut positions: Vec<usize> = Vec::with_capacity(count);
    for (entry, coordinates) in flat.chunks_exact(width).enumerate() {
        let position = position(coordinates, limits)
            .ok_or_else(|| format!("index {coordinates:?} of value {entry} is outside {limits:?}"))?;
        if positions.last().is_some_and(|&last| last >= position) {
            return Err(format!("index {coordinates:?} of value {entry} is not ascending"));
        }
        positions.push(position);
    }
    Ok(positions)
}

fn position(coordinates: &[i64], limits: &[usize]) -> Option<usize> {
    let mut position = 0usize;
    for (&coordinate, &limit) in coordinates.iter().zip(limits) {
        let coordinate = usize::try_from(coordinate).ok().filter(|&index| index < limit)?;
        position = position.checked_mul(limit)?.checked_add(coordinate)?;
    }
    Some(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sparse(dims: &[i64], indices: &[i64], shape: &[i64]) -> SparseTensorProto {
        let count = shape.first().copied().unwrap_or(0);
        let values = TensorProto {
            name: Some("w".into()),
            data_type: Some(1),
            dims: vec![count],
            float_data: (1..=count).map(|value| value as f32).collect(),
            ..Default::default()
        };
        let indices =
            TensorProto { data_type: Some(7), dims: shape.into(), int64_data: indices.into(), ..Default::default() };
        SparseTensorProto { values: Some(values), indices: Some(indices), dims: dims.into() }
    }

    fn dense(sparse: &SparseTensorProto) -> Result<Vec<f32>, String> {
        let decoded = decode_sparse(sparse, Path::new("."));
        decoded.and_then(|data| data.to_f32()).map_err(|error| error.to_string())
    }

    #[test]
    fn positions_and_coordinates() {
        let expected = vec![0.0, 1.0, 0.0, 0.0, 0.0, 2.0];
        assert_eq!(dense(&sparse(&[2, 3], &[1, 5], &[2])), Ok(expected.clone()));
        assert_eq!(dense(&sparse(&[2, 3], &[0, 1, 1, 2], &[2, 2])), Ok(expected));
    }

    #[test]
    fn wrong_indices_are_refused() {
        let message = |dims: &[i64], indices: &[i64], shape: &[i64]| dense(&sparse(dims, indices, shape)).unwrap_err();
        assert!(message(&[2, 3], &[6], &[1]).contains("tensor 'w': sparse tensor: index [6]"));
        assert!(message(&[2, 3], &[-1], &[1]).contains("outside [6]"));
        assert!(message(&[2, 3], &[0, 3], &[1, 2]).contains("outside [2, 3]"));
        assert!(message(&[2, 3], &[1, 1], &[2]).contains("not ascending"));
        assert!(message(&[2, 3], &[1, 1, 1], &[1, 3]).contains("expected [1] or [1, 2]"));
        assert!(message(&[1 << 27], &[0], &[1]).contains("the limit is"));
        assert!(dense(&SparseTensorProto::default()).is_err());
    }
}
