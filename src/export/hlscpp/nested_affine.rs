//! Lists of indices as nested loops that count in steps.

/// One loop: how often, and how far each turn goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digit {
    pub extent: usize,
    pub step: i64,
}

/// Loops, outermost first, whose steps, added to the first index, give the list in order; None if there are no
/// such loops. A slice is one loop, a repetition of each element or of all of them two.
pub(super) fn decompose(list: &[i64]) -> Option<(Vec<Digit>, i64)> {
    let first = *list.first()?;
    let mut digits = Vec::new();
    let mut starts = list.to_vec();
    while let [start, second, ..] = starts[..] {
        let step = second - start;
        let run = 1 + starts.windows(2).take_while(|pair| matches!(pair, [a, b] if b - a == step)).count();
        let is_run =
            |block: &[i64]| block.len() == run && block.windows(2).all(|pair| matches!(pair, [a, b] if b - a == step));
        if !starts.chunks(run).all(is_run) {
            return None;
        }
        digits.push(Digit { extent: run, step });
        starts = starts.into_iter().step_by(run).collect();
    }
    if digits.is_empty() {
        digits.push(Digit { extent: 1, step: 0 });
    }
    digits.reverse();
    Some((digits, first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(list: &[i64]) -> Option<(Vec<(usize, i64)>, i64)> {
        let (digits, first) = decompose(list)?;
        Some((digits.into_iter().map(|digit| (digit.extent, digit.step)).collect(), first))
    }

    #[test]
    fn slices_repetitions_and_shuffles() {
        assert_eq!(digits(&[5]), Some((vec![(1, 0)], 5)));
        assert_eq!(digits(&[7, 5, 3]), Some((vec![(3, -2)], 7)));
        assert_eq!(digits(&[0, 0, 1, 1, 2, 2]), Some((vec![(3, 1), (2, 0)], 0)));
        assert_eq!(digits(&[1, 2, 1, 2, 1, 2]), Some((vec![(3, 0), (2, 1)], 1)));
        assert_eq!(digits(&[0, 3, 1, 4, 2, 5]), Some((vec![(3, 1), (2, 3)], 0)));
        assert_eq!(digits(&[0, 2, 3]), None);
        assert_eq!(digits(&[0, 1, 5, 6, 2]), None);
        assert_eq!(digits(&[]), None);
    }
}
