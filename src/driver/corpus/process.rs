//! A child process with a time limit, such that its crash is seen as a crash.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use wait_timeout::ChildExt;

/// More output than this is dropped.
const MAX_OUTPUT: u64 = 4 << 20;

/// How a child ended.
#[derive(Debug, PartialEq)]
pub enum Ending {
    /// Exit code 0.
    Success,
    /// Exit code 1: bad input, said on stderr.
    Refused,
    /// A signal, a panic, or an exit code that means neither of these.
    Crashed(String),
    /// Ended by the time limit.
    TimedOut,
}

/// A child that has ended.
#[derive(Debug)]
pub struct Finished {
    /// How.
    pub ending: Ending,
    /// Wall time.
    pub elapsed: Duration,
    /// What it wrote; bytes that are not UTF-8 are replaced.
    pub stdout: String,
    /// What it wrote; bytes that are not UTF-8 are replaced.
    pub stderr: String,
}

/// Runs `command` to its end, or kills it and its children after `limit`.
///
/// # Errors
/// If the program can't be started or waited for.
pub fn run(command: &mut Command, limit: Duration) -> io::Result<Finished> {
    // Files, not pipes: nobody has to read while the child runs.
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?)
        .process_group(0)
        .spawn()?;
    let status = child.wait_timeout(limit)?;
    let elapsed = start.elapsed();
    if status.is_none() {
        kill(&mut child)?;
    }
    let (stdout, stderr) = (text(&mut stdout)?, text(&mut stderr)?);
    Ok(Finished { ending: status.map_or(Ending::TimedOut, |status| ending(status, &stderr)), elapsed, stdout, stderr })
}

/// Kills the whole group: a C++ compiler may run below the child.
fn kill(child: &mut Child) -> io::Result<()> {
    kill_process_group(Pid::from_child(child), Signal::KILL)?;
    child.wait().map(drop)
}

fn text(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(MAX_OUTPUT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn ending(status: ExitStatus, stderr: &str) -> Ending {
    // A panic may be caught at a language boundary and still end with exit code 1.
    let panic = stderr.lines().find(|line| line.contains("panicked at"));
    match (panic, status.code()) {
        (Some(line), _) => Ending::Crashed(line.trim().to_owned()),
        (None, Some(0)) => Ending::Success,
        (None, Some(1)) => Ending::Refused,
        (None, Some(code)) => Ending::Crashed(format!("exit code {code}")),
        (None, None) => {
            let signal = status.signal().unwrap_or_default();
            Ending::Crashed(format!("signal {signal}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, limit: Duration) -> Finished {
        run(Command::new("sh").args(["-c", script]), limit).unwrap()
    }

    #[test]
    fn endings_are_told_apart() {
        let limit = Duration::from_secs(20);
        let refused = sh("echo out; echo err >&2; exit 1", limit);
        assert_eq!(refused.ending, Ending::Refused);
        assert_eq!((&*refused.stdout, &*refused.stderr), ("out\n", "err\n"));
        assert_eq!(sh("true", limit).ending, Ending::Success);
        let killed = Ending::Crashed("signal 6".into());
        assert_eq!(sh("kill -ABRT $$", limit).ending, killed);
        let caught = sh("echo \"thread 'main' panicked at x.rs\" >&2; exit 1", limit);
        assert!(matches!(caught.ending, Ending::Crashed(line) if line.contains("x.rs")));
    }

    #[test]
    fn the_time_limit_ends_grandchildren_too() {
        let late = sh("sleep 30 & echo $!; wait", Duration::from_millis(200));
        assert_eq!(late.ending, Ending::TimedOut);
        let grandchild = late.stdout.trim().to_owned();
        std::thread::sleep(Duration::from_millis(50));
        let state = std::fs::read_to_string(format!("/proc/{grandchild}/stat"));
        assert!(state.is_err() || state.unwrap().contains(") Z "));
    }
}
