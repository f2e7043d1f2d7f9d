//! Mutants of IR: its words exchanged, numbers changed, lines removed.

use super::mutant::{Choices, mutate_bytes};

/// Between the modules of a lit test.
const SPLITS: &str = "// -----";

const ELEMENTS: [&str; 17] = [
    "f32", "f64", "f16", "bf16", "i1", "si1", "ui1", "si8", "ui8", "si32", "si64", "ui64", "si127", "i4", "i32", "u4",
    "u32",
];

/// A mutant of one of the modules of a file.
pub fn mutated(file: &[u8], choices: &mut Choices) -> Vec<u8> {
    let text = String::from_utf8_lossy(file);
    let modules: Vec<&str> = text.split(SPLITS).collect();
    let mut module = choices.of(&modules).map(|module| module.to_string()).unwrap_or_default();
    for _ in 0..choices.count() {
        module = mutate(&module, choices);
    }
    let mut bytes = module.into_bytes();
    if choices.below(16) == 0 {
        mutate_bytes(&mut bytes, choices);
    }
    bytes
}

fn mutate(module: &str, choices: &mut Choices) -> String {
    if choices.below(10) == 0 {
        let mut lines: Vec<&str> = module.lines().collect();
        if !lines.is_empty() {
            lines.remove(choices.below(lines.len()));
        }
        return lines.join("\n");
    }
    let mut words = words(module);
    let kinds: [fn(&str) -> bool; 4] = [is_number, is_element, is_value, is_operation];
    // Numbers are the richest.
    let kind = kinds[[0, 0, 0, 1, 2, 3][choices.below(6)]];
    let places: Vec<usize> = (0..words.len()).filter(|place| kind(words[*place])).collect();
    let (Some(place), Some(other)) = (choices.of(&places).copied(), choices.of(&places).copied()) else {
        return module.to_string();
    };
    let number;
    words[place] = match words[place] {
        word if is_number(word) => {
            number = choices.number(word.parse().unwrap_or(1)).to_string();
            &number
        }
        word if is_element(word) => choices.of(&ELEMENTS).copied().unwrap_or(word),
        _ => words[other],
    };
    words.concat()
}

/// Pieces that are of one kind of character each: numbers apart from the x of a shape.
fn words(module: &str) -> Vec<&str> {
    let class = |byte: u8, number: bool| match byte {
        b'0'..=b'9' if number => 0,
        b'x' if number => 1,
        b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' | b'%' | b'.' | b'@' => 2,
        _ => 3,
    };
    let bytes = module.as_bytes();
    let (mut words, mut start, mut number) = (Vec::new(), 0, false);
    for at in 1..=bytes.len() {
        let begins = start + 1 == at;
        if begins {
            let in_word =
                start > 0 && matches!(bytes[start - 1], b'a'..=b'w' | b'y' | b'z' | b'A'..=b'Z' | b'_' | b'%');
            number = bytes[start].is_ascii_digit() && !in_word
                || bytes[start] == b'x' && start > 0 && bytes[start - 1].is_ascii_digit();
        }
        let ends = at == bytes.len()
            || class(bytes[at], number) != class(bytes[start], number)
            || number && bytes[start] == b'x';
        if ends && module.is_char_boundary(at) {
            words.push(&module[start..at]);
            start = at;
        }
    }
    words
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_element(word: &str) -> bool {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_lowercase());
    matches!(&word[..word.len() - digits.len()], "f" | "bf" | "i" | "si" | "u" | "ui")
        && !digits.is_empty()
        && is_number(digits)
}

fn is_value(word: &str) -> bool {
    word.starts_with('%')
}

fn is_operation(word: &str) -> bool {
    ["qonnx.", "hls.", "quant."].into_iter().any(|dialect| word.starts_with(dialect))
}
