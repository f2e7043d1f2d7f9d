//! Constants of the kernel: `weights.h`.

use super::{
    names::Namer,
    number::{Number, literal},
};

/// Columns after which a row of numbers is wrapped.
const COLUMNS: usize = 120;

/// All ROMs of the kernel.
#[derive(Debug, Default)]
pub(super) struct Roms {
    text: String,
}

/// A ROM that was written: its name in namespace `rom`, which no local name can hide, and the type that a use converts its codes to.
#[derive(Clone, Debug)]
pub(super) struct Rom {
    pub name: String,
    pub number: Number,
}

impl Rom {
    /// An element, as a number of exact width.
    pub fn at(&self, index: &str) -> String {
        format!("{}({}[{index}])", self.number, self.name)
    }
}

impl Roms {
    /// Writes a vector of the narrowest type, or of `number`.
    pub fn vector(&mut self, namer: &mut Namer, wanted: &str, values: &[i64], number: Option<Number>) -> Rom {
        let number = number.unwrap_or_else(|| holding(values));
        let name = namer.name(wanted);
        let head = format!("static const {} {name}[{}] = {{", number.rom(), values.len());
        self.text += &format!("{head}\n{}\n}};\n\n", wrapped(values, "    "));
        Rom { name: format!("rom::{name}"), number }
    }

    /// Writes a matrix, one row a line or more.
    pub fn matrix(&mut self, namer: &mut Namer, wanted: &str, rows: &[Vec<i64>], number: Option<Number>) -> Rom {
        let all: Vec<i64> = rows.iter().flatten().copied().collect();
        let number = number.unwrap_or_else(|| holding(&all));
        let name = namer.name(wanted);
        let columns = rows.first().map_or(0, Vec::len);
        self.text += &format!("static const {} {name}[{}][{columns}] = {{\n", number.rom(), rows.len());
        for row in rows {
            self.text += &match wrapped(row, "     ") {
                text if text.contains('\n') => format!("    {{\n{text}\n    }},\n"),
                text => format!("    {{{}}},\n", text.trim_start()),
            };
        }
        self.text += "};\n\n";
        Rom { name: format!("rom::{name}"), number }
    }

    /// A comment above what follows.
    pub fn comment(&mut self, comment: &str) {
        self.text += &format!("// {comment}\n");
    }

    /// The tables, one after another.
    pub fn finish(self) -> String {
        self.text
    }
}

fn holding(values: &[i64]) -> Number {
    let (low, high) = (values.iter().min().copied().unwrap_or(0), values.iter().max().copied().unwrap_or(0));
    Number::holding(low.into(), high.into())
}

fn wrapped(values: &[i64], indent: &str) -> String {
    wrap(values.iter().map(|value| literal((*value).into())), indent)
}

/// Items with commas between them, in lines of at most [`COLUMNS`].
pub(super) fn wrap(items: impl Iterator<Item = String>, indent: &str) -> String {
    let mut text = indent.to_string();
    let mut column = indent.len();
    for (position, item) in items.enumerate() {
        if position > 0 {
            let fits = column + item.len() + 3 <= COLUMNS;
            let separator = if fits { ", ".into() } else { format!(",\n{indent}") };
            column = if fits { column + 2 } else { indent.len() };
            text += &separator;
        }
        column += item.len();
        text += &item;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_wrap_and_types_are_narrow() {
        let mut roms = Roms::default();
        let values: Vec<i64> = (-50..50).collect();
        let rom = roms.vector(&mut Namer::default(), "w", &values, None);
        assert_eq!(rom.at("i"), "int_t<7>(rom::w[i])");
        let text = roms.finish();
        assert!(text.starts_with("static const rom_t<7> w[100] = {\n    -50, -49,"), "{text}");
        assert!(text.lines().count() > 4 && text.lines().all(|line| line.len() <= COLUMNS), "{text}");
    }
}
