//! Convex hulls of points that bound a line, in order of input.

/// A point a line has to keep to one side of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    /// The input.
    pub(super) n: i64,
    /// Twice the code.
    pub(super) half: i64,
    /// Whether the line must not touch the point.
    pub(super) strict: bool,
}

/// The hull on one side (1: upper, -1: lower) of points in order of `n`. Of the points on an edge
/// one stays if it is strict and the edge's ends may be touched.
pub(super) fn hull(points: &[Point], side: i128) -> Vec<Point> {
    let mut hull: Vec<Point> = Vec::new();
    for &point in points {
        while let Some(&middle) = hull.last() {
            let before = hull.len().checked_sub(2).and_then(|index| hull.get(index));
            if before.is_some_and(|before| !is_inside(before, &middle, &point, side)) {
                break;
            }
            if before.is_none() {
                let hidden = middle.n == point.n && (point.half > middle.half) == (side > 0);
                if !hidden {
                    break;
                }
            }
            hull.pop();
        }
        hull.push(point);
    }
    hull
}

/// Whether the middle point lies off the hull, or on its edge without adding anything.
fn is_inside(before: &Point, middle: &Point, after: &Point, side: i128) -> bool {
    let delta = |a: i64, b: i64| i128::from(b) - i128::from(a);
    let cross = delta(before.n, middle.n) * delta(before.half, after.half)
        - delta(before.half, middle.half) * delta(before.n, after.n);
    // A line along an edge touches all of it: one strict point speaks for the others.
    cross * side > 0 || (cross == 0 && (!middle.strict || before.strict || after.strict))
}

/// `points` with one moved; left out if it lands on a neighbour, which then asks for more.
pub(super) fn replace(points: &[Point], old: Point, new: Point) -> Vec<Point> {
    let lands = points.iter().any(|point| point.n == new.n);
    let moved = |&point: &Point| match point == old {
        true if lands => None,
        true => Some(new),
        false => Some(point),
    };
    points.iter().filter_map(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hull_keeps_what_limits_a_line() {
        let point = |n, half, strict| Point { n, half, strict };
        let points =
            [point(0, 0, false), point(1, 1, true), point(2, 2, false), point(3, 1, false), point(4, 4, false)];
        let upper = hull(&points, 1);
        assert_eq!(upper, [points[0], points[1], points[4]]);
        let lower = hull(&points, -1);
        assert_eq!(lower, [points[0], points[3], points[4]]);
        // Ties of half-even steps: every other point of a straight staircase is strict.
        let stairs: Vec<Point> = (0..1000).map(|n| point(n, 2 * n, n % 2 == 1)).collect();
        assert_eq!(hull(&stairs[..999], 1), [stairs[0], stairs[997], stairs[998]]);
    }
}
