//! Scatter: elements of a vector replaced by index.

use super::{
    layout::axis_index,
    select::{concat, gather},
};
use crate::eval::tensor::{EvalError, Tensor};

/// `x` with `updates[i]` in the place `indices[i]`, which may count from the end; the last update of a place counts.
///
/// # Errors
/// If an index lies outside `x` or is no integer, an operand is no vector or element types differ.
pub fn scatter(x: &Tensor, indices: &Tensor, updates: &Tensor) -> Result<Tensor, EvalError> {
    if [x, indices, updates].iter().any(|tensor| tensor.rank() != 1) || indices.len() != updates.len() {
        let shapes = [x.shape(), indices.shape(), updates.shape()];
        return Err(EvalError::shape(format!(
            "shapes {shapes:?} are not those of a vector, indices and their updates"
        )));
    }
    let mut sources: Vec<i64> = (0..x.len() as i64).collect();
    for (update, &index) in indices.as_int()?.iter().enumerate() {
        let place = axis_index(index, x.len())
            .map_err(|_| EvalError::value(format!("index {index} lies outside a vector of {} elements", x.len())))?;
        if let Some(source) = sources.get_mut(place) {
            *source = (x.len() + update) as i64;
        }
    }
    gather(&concat(&[x, updates], 0)?, &Tensor::indices(sources), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_update_of_a_place_counts() {
        let vector = |values: &[f32]| Tensor::f32(&[values.len()], values.to_vec()).unwrap();
        let x = vector(&[1.0, 2.0, 3.0]);
        let at = |indices: &[i64], updates: &[f32]| scatter(&x, &Tensor::indices(indices.to_vec()), &vector(updates));
        assert_eq!(at(&[-1, 0, -1], &[7.0, 8.0, 9.0]).unwrap().to_f32_vec(), [8.0, 2.0, 9.0]);
        assert_eq!(at(&[], &[]).unwrap().to_f32_vec(), [1.0, 2.0, 3.0]);
        assert!(at(&[3], &[0.0]).unwrap_err().to_string().contains("index 3 lies outside a vector of 3"));
        assert!(at(&[0, 1], &[0.0]).is_err());
    }
}
