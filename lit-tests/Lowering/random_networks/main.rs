//! Random networks of every kind of block: what the hardware computes is what the file says.
//!
//! A network is made from its seed alone. One that is refused, crashes or differs is made
//! smaller and written where the message says. `RANDOM_NETWORKS=N` runs N networks of each
//! arithmetic, `RANDOM_SEED=S` starts at S, `RANDOM_KINDS=Conv,Gate` (or `all`) takes these blocks.

mod blocks;
mod generator;
mod judge;
mod layers;
mod network;
mod onnx;
mod quantizers;
mod tape;

use blocks::{ALL, Kind};
use judge::{Depth, judge};
use network::Network;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

/// Blocks that the compiler refuses still.
const REFUSED: &[Kind] = &[
    Kind::Conv,
    Kind::Depthwise,
    Kind::ConvTranspose,
    Kind::Residual,
    Kind::ResidualOneScale,
    Kind::ResidualUnquantized,
    Kind::FloatStream,
    Kind::LinearOfSum,
    Kind::Gate,
    Kind::Product,
    Kind::Concat,
    Kind::LinearOfConcat,
    Kind::MaxPool,
    Kind::AveragePool,
    Kind::TruncatedPool,
    Kind::Pad,
    Kind::Resize,
    Kind::Split,
    Kind::Slice,
    Kind::Gather,
    Kind::Transpose,
    Kind::Reshape,
    Kind::DepthToSpace,
    Kind::Shuffle,
    Kind::Attention,
    Kind::Reduce,
    Kind::QuantizerChain,
];
/// Networks with scales that are powers of two, and with odd ones.
const EXACT: u64 = 240;
const ODD: u64 = 60;
/// Networks that go through the C++ compiler.
const COMPILED: u64 = 3;
/// Attempts at making a failing network smaller, and networks that are worth it.
const SHRINKS: usize = 1000;
const SHRUNK: usize = 3;

#[test]
fn sums_that_are_exact_give_the_very_bits() {
    run_all(false, number("RANDOM_NETWORKS").unwrap_or(EXACT));
}

#[test]
fn odd_scales_differ_only_where_the_reference_rounds() {
    run_all(true, number("RANDOM_NETWORKS").unwrap_or(ODD));
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// The blocks of the networks: those asked for, else all that the compiler takes.
fn chosen() -> Vec<Kind> {
    let asked = std::env::var("RANDOM_KINDS").unwrap_or_default();
    let named = |kind: &Kind| asked.split(',').any(|name| name == format!("{kind:?}"));
    let takes = |kind: &Kind| if asked.is_empty() { !REFUSED.contains(kind) } else { asked == "all" || named(kind) };
    ALL.into_iter().filter(takes).collect()
}

/// Networks from the first seed on, on all processors.
fn run_all(odd: bool, count: u64) {
    let first = number("RANDOM_SEED").unwrap_or(0);
    let (next, values, shrunk) = (AtomicU64::new(first), AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return;
            }
            let depth = if seed < first + COMPILED { Depth::Cpp } else { Depth::Module };
            match run(seed, odd, depth, &shrunk) {
                Ok(compared) => _ = values.fetch_add(compared, Ordering::Relaxed),
                Err(failure) => failures.lock().expect("no thread panics").push(failure),
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let mut failures = failures.into_inner().expect("no thread panics");
    failures.sort();
    println!("{count} networks from seed {first}, {} values compared bit by bit", values.into_inner());
    assert!(failures.is_empty(), "{} of {count} networks failed:\n{}", failures.len(), failures.join("\n"));
}

/// One network; if it fails, a smaller one that fails, as a file.
fn run(seed: u64, odd: bool, depth: Depth, shrunk: &AtomicUsize) -> Result<usize, String> {
    let mut tree = tree(seed, odd);
    let network = tree.current();
    let failure = match judge(&network, seed, depth) {
        Ok(compared) => return Ok(compared),
        Err(failure) => failure,
    };
    let (smallest, failure) = match shrunk.fetch_add(1, Ordering::Relaxed) < SHRUNK {
        true => shrink(&mut *tree, seed, depth, failure),
        false => (network.clone(), failure),
    };
    let path = write(&smallest, seed);
    Err(format!("seed {seed:4} {}: {failure}\n          file: {}", kinds(&network), path.display()))
}

fn kinds(network: &Network) -> String {
    let kinds: Vec<String> = network.blocks.iter().map(|(kind, _)| format!("{kind:?}")).collect();
    kinds.join(", ")
}

fn tree(seed: u64, odd: bool) -> Box<dyn ValueTree<Value = Network>> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8] = u8::from(odd);
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let strategy = network::strategy(chosen(), odd);
    Box::new(strategy.new_tree(&mut runner).expect("nothing is filtered"))
}

/// Lowers choices as long as the network fails.
fn shrink(tree: &mut dyn ValueTree<Value = Network>, seed: u64, depth: Depth, failure: String) -> (Network, String) {
    let mut smallest = (tree.current(), failure);
    let mut goes_on = tree.simplify();
    for _ in 0..SHRINKS {
        if !goes_on {
            break;
        }
        let network = tree.current();
        goes_on = match judge(&network, seed, depth) {
            Err(failure) => {
                smallest = (network, failure);
                tree.simplify()
            }
            Ok(_) => tree.complicate(),
        };
    }
    smallest
}

fn write(network: &Network, seed: u64) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("random_networks");
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    let path = folder.join(format!("{}{seed}.onnx", if network.odd { "odd" } else { "exact" }));
    std::fs::write(&path, network.file().bytes).expect("the target folder can be written");
    path
}
