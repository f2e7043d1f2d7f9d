//! Function names from ONNX names.

use qonnx_dialect::Op;
use std::collections::HashSet;

/// Gives each name once, made of letters, digits and underscores.
#[derive(Default)]
pub struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// With the symbols of a module taken.
    pub fn of(module: Op<'_>) -> Self {
        Self::with(module.body().iter().filter_map(|op| Some(op.optional_str_attribute("sym_name")?.to_string())))
    }

    /// With these names taken already.
    pub fn with(taken: impl IntoIterator<Item = String>) -> Self {
        Self { taken: taken.into_iter().collect() }
    }

    /// The name as an identifier, with a number behind it where it is taken.
    pub fn unique(&mut self, name: &str) -> String {
        let base = identifier(name);
        let numbered = (1..).map(|number| format!("{base}_{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| !self.taken.contains(name));
        let name = free.unwrap_or(base);
        self.taken.insert(name.clone());
        name
    }
}

/// Other characters become underscores; long names are cut.
fn identifier(name: &str) -> String {
    const LONGEST: usize = 64;
    let mut identifier = String::new();
    for character in name.chars().take(LONGEST) {
        let legal = character.is_ascii_alphanumeric();
        if legal {
            identifier.push(character);
        } else if !identifier.ends_with('_') {
            identifier.push('_');
        }
    }
    let identifier = identifier.trim_matches('_');
    match identifier.chars().next() {
        None => "layer".to_string(),
        Some(first) if first.is_ascii_digit() => format!("n{identifier}"),
        Some(_) => identifier.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_and_unique() {
        let mut names = Names::with(["main".to_string()]);
        assert_eq!(names.unique("/model/fc1/MatMul"), "model_fc1_MatMul");
        assert_eq!(names.unique("model.fc1.MatMul"), "model_fc1_MatMul_1");
        assert_eq!(names.unique("42"), "n42");
        assert_eq!(names.unique("../.."), "layer");
        assert_eq!(names.unique("main"), "main_1");
    }
}
