//! Random networks of every kind of block: what the hardware computes is what the file says.
//!
//! A network is made from its seed alone. One that is refused, crashes or differs is made
//! smaller and written where the message says. `RANDOM_NETWORKS=N` runs N networks of each
//! arithmetic, `RANDOM_SEED=S` starts at S, `RANDOM_KINDS=Conv,Gate` takes these blocks.

mod blocks;
mod generator;
mod judge;
mod layers;
mod network;
mod onnx;
mod quantizers;
mod tape;

use blocks::{ALL, Kind};
use judge::{Compared, Depth, judge};
use network::Network;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Where a refusal names this, a size is beyond a stated limit: allowed to a few networks.
const LIMIT: &str = "more than 62 bits";
/// Networks with scales that are powers of two, and with odd ones.
const EXACT: u64 = 240;
const ODD: u64 = 240;
/// Networks that go through the C++ compiler.
const COMPILED: u64 = 3;
/// Networks tried for one that is not constant.
const ATTEMPTS: u8 = 3;
/// How long a failing network is made smaller.
const SHRINKING: Duration = Duration::from_millis(500);

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

/// The blocks of the networks: those asked for, else all.
fn chosen() -> Vec<Kind> {
    let asked = std::env::var("RANDOM_KINDS").unwrap_or_default();
    let named = |kind: &Kind| asked.split(',').any(|name| name == format!("{kind:?}"));
    ALL.into_iter().filter(|kind| asked.is_empty() || named(kind)).collect()
}

/// Networks from the first seed on, on all processors.
fn run_all(odd: bool, count: u64) {
    let first = number("RANDOM_SEED").unwrap_or(0);
    let next = AtomicU64::new(first);
    let total = Mutex::new(Total::default());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return;
            }
            let depth = if seed < first + COMPILED { Depth::Cpp } else { Depth::Module };
            let outcome = run(seed, odd, depth);
            total.lock().expect("no thread panics").add(outcome);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
    let Total { values, constant, limits, mut failures } = total.into_inner().expect("no thread panics");
    failures.sort();
    println!(
        "{count} networks from seed {first}: {values} values compared, {constant} constant, {limits} beyond a limit"
    );
    assert!(failures.is_empty(), "{} of {count} networks failed:\n{}", failures.len(), failures.join("\n"));
    assert!(10 * limits <= count, "{limits} of {count} networks are refused for their size");
    assert!(2 * constant < count, "{constant} of {count} networks give the same for every sample");
}

/// What all networks came to.
#[derive(Default)]
struct Total {
    values: usize,
    constant: u64,
    limits: u64,
    failures: Vec<String>,
}

impl Total {
    fn add(&mut self, outcome: Result<Compared, String>) {
        match outcome {
            Ok(compared) => {
                self.values += compared.values;
                self.constant += u64::from(!compared.varies);
            }
            Err(failure) if failure.contains(LIMIT) => self.limits += 1,
            Err(failure) => self.failures.push(failure),
        }
    }
}

/// One of the networks of a seed whose result depends on its input, if there is one among a few.
/// What fails is left as a file, made smaller; so is what ends the process.
fn run(seed: u64, odd: bool, depth: Depth) -> Result<Compared, String> {
    let path = path(seed, odd);
    let mut outcome = Ok(Compared::default());
    for attempt in 0..ATTEMPTS {
        let mut tree = tree(seed, attempt, odd);
        let network = tree.current();
        outcome = write_and_judge(&network, &path, seed, depth);
        match &outcome {
            Ok(compared) if compared.varies => break,
            Ok(_) => {}
            Err(limit) if limit.contains(LIMIT) => break,
            Err(failure) => {
                let failure = shrink(&mut *tree, &path, seed, depth, failure.clone());
                return Err(format!(
                    "seed {seed:4} {}: {failure}\n          file: {}",
                    kinds(&network),
                    path.display()
                ));
            }
        }
    }
    std::fs::remove_file(&path).expect("the network was written");
    outcome
}

fn write_and_judge(network: &Network, path: &Path, seed: u64, depth: Depth) -> Result<Compared, String> {
    std::fs::write(path, network.file().bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    judge(network, path, seed, depth)
}

fn kinds(network: &Network) -> String {
    let kinds: Vec<String> = network.blocks.iter().map(|(kind, _)| format!("{kind:?}")).collect();
    kinds.join(", ")
}

fn tree(seed: u64, attempt: u8, odd: bool) -> Box<dyn ValueTree<Value = Network>> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    (bytes[8], bytes[9]) = (u8::from(odd), attempt);
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let strategy = network::strategy(chosen(), odd);
    Box::new(strategy.new_tree(&mut runner).expect("nothing is filtered"))
}

/// Lowers choices as long as the network fails; the smallest stays in the file. Its failure.
fn shrink(
    tree: &mut dyn ValueTree<Value = Network>,
    path: &Path,
    seed: u64,
    depth: Depth,
    mut failure: String,
) -> String {
    let mut smallest = tree.current();
    let deadline = Instant::now() + SHRINKING;
    let mut goes_on = tree.simplify();
    while goes_on && Instant::now() < deadline {
        let network = tree.current();
        goes_on = match write_and_judge(&network, path, seed, depth) {
            Err(smaller) => {
                (smallest, failure) = (network, smaller);
                tree.simplify()
            }
            Ok(_) => tree.complicate(),
        };
    }
    std::fs::write(path, smallest.file().bytes).expect("the file was written before");
    failure
}

fn path(seed: u64, odd: bool) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("random_networks");
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    folder.join(format!("{}{seed}.onnx", if odd { "odd" } else { "exact" }))
}
