//! One namer for every C++ identifier: it keeps the user's names, makes them legal and unique.

use std::collections::HashSet;

/// Words that may not name anything: the keywords and alternative operators of C++17
/// (ISO/IEC 14882:2017, 5.11 and tables 5 and 6), those that C++20 adds, and macros that
/// <math.h>, <stdio.h> and <limits.h> define in lower case.
const KEYWORDS: &[&str] = &[
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
    "errno",
    "stdin",
    "stdout",
    "stderr",
    "signgam",
    "unix",
    "linux",
];

/// Names that our own headers, <cmath> and the ap types use at global scope, and those of our files.
const TAKEN: &[&str] = &[
    "main",
    "std",
    "run",
    "int_t",
    "uint_t",
    "fixed_t",
    "ufixed_t",
    "rom_t",
    "urom_t",
    "code",
    "from_code",
    "add",
    "sub",
    "mul",
    "larger",
    "clamp",
    "shift_floor",
    "shift_half_even",
    "count_reached",
    "patched",
    "round_saturate",
    "copy",
    "fork",
    "copy_memory",
    "fork_memory",
    "MEMORY",
    "sum",
    "most",
    "elements",
    "first",
    "value",
    "x",
    "exp",
    "log",
    "tanh",
    "erf",
    "sqrt",
    "round",
    "floor",
    "ceil",
    "abs",
    "fabs",
    "pow",
    "y0",
    "y1",
    "yn",
    "j0",
    "j1",
    "jn",
    "gamma",
    "div",
    "index",
    "time",
    "signal",
    "remove",
    "rename",
    "exit",
    "abort",
    "select",
    "codes",
    "driver",
    "types",
    "weights",
    "testbench",
    "float_math",
    "rom",
    "coded",
    "native_integer",
    "saturating",
    "index_of",
    "W",
    "I",
    "T",
    "N",
    "X",
    "P",
];

/// Hands out identifiers that are legal and not given before.
#[derive(Clone, Debug, Default)]
pub(super) struct Namer {
    given: HashSet<String>,
}

impl Namer {
    /// An identifier near `wanted`; `wanted_2` and so on where that is taken.
    pub fn name(&mut self, wanted: &str) -> String {
        let base = identifier(wanted);
        let mut candidate = base.clone();
        let mut number = 2;
        while is_reserved(&candidate) || !self.given.insert(candidate.clone()) {
            candidate = format!("{base}_{number}");
            number += 1;
        }
        candidate
    }
}

fn is_reserved(name: &str) -> bool {
    // Those of `code::axes` and `code::term_axes`, and positions of the driver's pools.
    let loop_variable = |name: &str| {
        let number = name.strip_prefix(['i', 'k']).is_some_and(|rest| rest.parse::<usize>().is_ok());
        let position = name.strip_prefix("at").is_some_and(|rest| rest.parse::<usize>().is_ok());
        number || position || matches!(name.as_bytes(), [b'i'..=b'q'])
    };
    KEYWORDS.contains(&name) || TAKEN.contains(&name) || loop_variable(name)
}

/// Letters, digits and single underscores, with a letter in front: C++ reserves
/// `__` anywhere and a leading underscore at global scope (ISO/IEC 14882:2017, 5.10).
pub(super) fn identifier(wanted: &str) -> String {
    let mut name = String::new();
    for c in wanted.chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '_' };
        if c != '_' || !(name.is_empty() || name.ends_with('_')) {
            name.push(c);
        }
    }
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        None => "value".into(),
        Some(first) if first.is_ascii_digit() => format!("node_{name}"),
        Some(_) => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_unique_and_near() {
        let mut namer = Namer::default();
        let given =
            ["fc1/MatMul", "fc1.MatMul", "int", "3x", "__a__b__", "", "größe", "i", "run"].map(|n| namer.name(n));
        let expected = ["fc1_MatMul", "fc1_MatMul_2", "int_2", "node_3x", "a_b", "value_2", "gr_e", "i_2", "run_2"];
        assert_eq!(given, expected);
    }
}
