//! Indented lines, loop nests and flat indices: what every printer here writes with.

/// C++ text under construction.
#[derive(Debug, Default)]
pub(super) struct Code {
    text: String,
    depth: usize,
}

impl Code {
    /// One line at the current depth; an empty one has no blanks.
    pub fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        if !line.is_empty() {
            self.text.extend(std::iter::repeat_n("    ", self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// A pragma, which stands at the left margin.
    pub fn pragma(&mut self, pragma: impl AsRef<str>) {
        self.text.push_str("#pragma HLS ");
        self.text.push_str(pragma.as_ref());
        self.text.push('\n');
    }

    /// A line that ends in `{`; what follows is deeper.
    pub fn open(&mut self, line: impl AsRef<str>) {
        self.line(format!("{} {{", line.as_ref()));
        self.depth += 1;
    }

    /// Ends what `open` began.
    pub fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.line("}");
    }

    /// Lines one level deeper.
    pub fn indented(&mut self, body: impl FnOnce(&mut Self)) {
        self.depth += 1;
        body(self);
        self.depth = self.depth.saturating_sub(1);
    }

    /// Loops over all axes of more than one element, the first labelled; returns how many to close.
    pub fn open_loops(&mut self, label: &str, axes: &[Axis]) -> usize {
        let loops = axes.iter().filter(|axis| axis.extent > 1);
        let mut label = if label.is_empty() { String::new() } else { format!("{label}: ") };
        let mut count = 0;
        for Axis { variable, extent } in loops {
            self.open(format!("{label}for (int {variable} = 0; {variable} < {extent}; {variable}++)"));
            label.clear();
            count += 1;
        }
        count
    }

    /// Ends `count` blocks.
    pub fn close_all(&mut self, count: usize) {
        (0..count).for_each(|_| self.close());
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }
}

/// One dimension of a loop nest.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub variable: String,
    pub extent: usize,
}

/// A loop variable for each dimension of a shape.
pub(super) fn axes(shape: &[usize]) -> Vec<Axis> {
    const VARIABLES: [&str; 8] = ["i", "j", "l", "m", "n", "o", "p", "q"];
    let mut used = 0;
    let mut axis = |extent: &usize| {
        let variable = VARIABLES.get(used).map_or_else(|| format!("i{used}"), |v| v.to_string());
        used += usize::from(*extent > 1);
        Axis { variable, extent: *extent }
    };
    shape.iter().map(&mut axis).collect()
}

/// Elements from one index to the next along each dimension of a row-major tensor.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    let mut stride = 1;
    for (s, dim) in strides.iter_mut().zip(shape).rev() {
        *s = stride;
        stride *= dim;
    }
    strides
}

/// The flat index of the element of a tensor of `shape` that numpy's broadcasting
/// (aligned at the last dimension) reads at `axes`.
pub(super) fn index(axes: &[Axis], shape: &[usize]) -> String {
    let skipped = axes.len().saturating_sub(shape.len());
    let aligned = axes.iter().skip(skipped);
    let pairs = aligned.zip(shape.iter().zip(strides(shape)));
    index_by_stride(pairs.filter(|(_, (dim, _))| **dim > 1).map(|(axis, (_, stride))| (axis, stride)))
}

/// The sum of each axis' variable times its stride.
pub(super) fn index_by_stride<'a>(terms: impl Iterator<Item = (&'a Axis, usize)>) -> String {
    let term = |(axis, stride): (&Axis, usize)| match stride {
        1 => axis.variable.clone(),
        stride => format!("{} * {stride}", axis.variable),
    };
    let terms: Vec<String> = terms.filter(|(axis, stride)| axis.extent > 1 && *stride > 0).map(term).collect();
    if terms.is_empty() { "0".into() } else { terms.join(" + ") }
}

/// `start` and each axis' variable times its step, either of which may be negative.
pub(super) fn affine_index<'a>(terms: impl Iterator<Item = (&'a Axis, i64)>, start: i64) -> String {
    let mut text = String::new();
    let mut add = |negative: bool, term: String| match (text.is_empty(), negative) {
        (true, false) => text = term,
        (true, true) => text = format!("-{term}"),
        (false, false) => text += &format!(" + {term}"),
        (false, true) => text += &format!(" - {term}"),
    };
    for (axis, step) in terms.filter(|(axis, step)| axis.extent > 1 && *step != 0) {
        let factor = step.unsigned_abs();
        let term = if factor == 1 { axis.variable.clone() } else { format!("{} * {factor}", axis.variable) };
        add(step < 0, term);
    }
    if start != 0 {
        add(start < 0, start.unsigned_abs().to_string());
    }
    if text.is_empty() { "0".into() } else { text }
}

/// A loop variable for each axis of what is summed over: k, k1, k2...
pub(super) fn term_axes(extents: &[usize]) -> Vec<Axis> {
    let mut used = 0;
    let mut axis = |extent: &usize| {
        let variable = if used == 0 { "k".to_string() } else { format!("k{used}") };
        used += usize::from(*extent > 1);
        Axis { variable, extent: *extent }
    };
    extents.iter().map(&mut axis).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_broadcast() {
        let axes = axes(&[1, 4, 8]);
        assert_eq!(index(&axes, &[1, 4, 8]), "i * 8 + j");
        assert_eq!(index(&axes, &[8]), "j");
        assert_eq!(index(&axes, &[4, 1]), "i");
        assert_eq!(index(&axes, &[1, 1]), "0");
        assert_eq!(strides(&[2, 3, 4]), [12, 4, 1]);
        assert_eq!(affine_index(axes.iter().zip([9, -3, 1]), 21), "-i * 3 + j + 21");
        assert_eq!(affine_index(axes.iter().zip([9, 0, 0]), 0), "0");
    }

    #[test]
    fn loops_skip_single_elements() {
        let mut code = Code::default();
        let count = code.open_loops("rows", &axes(&[1, 3]));
        code.line("y[i] = x[i];");
        code.close_all(count);
        assert_eq!(code.finish(), "rows: for (int i = 0; i < 3; i++) {\n    y[i] = x[i];\n}\n");
    }
}
