//! Einsum: which operations it becomes, and what they give.

use super::{Case, case};

fn einsum(equation: &str, shapes: &[&[i64]]) -> Case {
    let names = ["a", "b", "c"];
    let node = case("Einsum", 12).word("equation", equation);
    shapes.iter().zip(names).fold(node, |node, (shape, name)| node.input(name, shape))
}

#[test]
fn a_product_of_matrices_stays_one() {
    let text = einsum("bij,jk->bik", &[&[1, 4, 6], &[6, 3]]).result().unwrap();
    assert!(text.contains("qonnx.matmul %arg0, %arg1"), "{text}");
    assert!(!text.contains("qonnx.reshape") && !text.contains("qonnx.transpose"), "{text}");
    let text = einsum("bhqd,bhkd->bhqk", &[&[1, 2, 4, 5], &[1, 2, 3, 5]]).result().unwrap();
    assert_eq!(text.matches("qonnx.transpose").count(), 1, "{text}");
    assert!(!text.contains("qonnx.reshape"), "{text}");
}

#[test]
fn contractions() {
    let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, -1.0, 2.0, 0.5, 0.0, 3.0]);
    let of = |equation, shapes: &[&[i64]]| einsum(equation, shapes).outputs_for(&[&a, &b]).concat();
    assert_eq!(of("ij,kj->ki", &[&[2, 3], &[2, 3]]), [5.0, 11.0, 9.5, 20.0]);
    assert_eq!(of("ij,ij->", &[&[2, 3], &[2, 3]]), [25.0]);
    assert_eq!(of("ij,ij->j", &[&[2, 3], &[2, 3]]), [3.0, -2.0, 24.0]);
    assert_eq!(of("i,j", &[&[6], &[6]]).len(), 36);
    assert_eq!(of("...i,...i->...", &[&[1, 2, 3], &[2, 3]]), [5.0, 20.0]);
    assert_eq!(of("bij,bjk->bki", &[&[1, 2, 3], &[1, 3, 2]]), [5.0, 14.0, 9.0, 16.5]);
}

#[test]
fn one_term() {
    let m: Vec<f32> = (0..9u8).map(f32::from).collect();
    einsum("ii->i", &[&[3, 3]]).maps(&m, &[0.0, 4.0, 8.0]);
    einsum("ii", &[&[3, 3]]).maps(&m, &[12.0]);
    einsum("ba", &[&[3, 3]]).maps(&m, &[0.0, 3.0, 6.0, 1.0, 4.0, 7.0, 2.0, 5.0, 8.0]);
    einsum("ij -> j", &[&[3, 3]]).maps(&m, &[9.0, 12.0, 15.0]);
}

#[test]
fn refusals() {
    einsum("ij,jk->ik", &[&[2, 3]]).fails_with("has not a term an operand");
    einsum("ijk->i", &[&[2, 3]]).fails_with("term 'ijk' of its equation does not fit an operand of rank 2");
    einsum("ij->k", &[&[2, 3]]).fails_with("label 'k' of the result is in no term");
    einsum("i1->i", &[&[2, 3]]).fails_with("has '1' for a label");
}
