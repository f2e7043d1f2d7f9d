//! The project as files: templates filled in, written all at once or not at all.

use super::{ExportError, ExportOptions, Interface, Port, names::identifier};
use minijinja::{Environment, context};
use std::{collections::BTreeMap, fmt::Write, fs, io, path::Path};

/// A file that every project has, by which an older one is known.
const MARK: &str = "driver.h";

/// An exported project: text files by their path in its folder.
#[derive(Clone, Debug)]
pub struct Project {
    /// Of the network.
    pub name: String,
    /// Text by relative path.
    pub files: BTreeMap<String, String>,
    /// What goes in and out.
    pub interface: Interface,
}

impl Project {
    /// Writes the folder. It is built beside its place and moved there when it is complete; an
    /// older project that was there is replaced.
    ///
    /// # Errors
    /// If a file can't be written, or the place is taken by something that is no exported project;
    /// then nothing has changed.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if is_foreign(folder)? {
            let problem = format!(
                "{} is not empty and holds no exported project: choose another folder or empty it",
                folder.display()
            );
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, problem));
        }
        fs::create_dir_all(parent)?;
        let work = tempfile::Builder::new().prefix(".qonnxc-").tempdir_in(parent)?;
        let (new, old) = (work.path().join("new"), work.path().join("old"));
        fs::create_dir(&new)?;
        for (name, text) in &self.files {
            let path = new.join(name);
            path.parent().map(fs::create_dir_all).transpose()?;
            fs::write(path, text)?;
        }
        let replaced = folder.exists();
        if replaced {
            fs::rename(folder, &old)?;
        }
        fs::rename(&new, folder).inspect_err(|_| {
            if replaced {
                // Back in its place; if that fails, too, the first error is the one to report.
                let _ = fs::rename(&old, folder);
            }
        })
    }

    /// All files in one text, each under a line with its name.
    pub fn to_text(&self) -> String {
        self.files.iter().fold(String::new(), |mut text, (name, content)| {
            // Writing to a String cannot fail.
            let _ = write!(text, "// ==== {name} ====\n{content}");
            text
        })
    }
}

/// Whether a folder holds files that are not ours to replace.
fn is_foreign(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_some() && !folder.join(MARK).is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The text of `vectors.txt`: a sample a line, the kernel's inputs and then its expected outputs.
pub fn vectors<'a>(samples: impl IntoIterator<Item = (&'a [i64], &'a [i64])>) -> String {
    let mut text = String::new();
    for (inputs, outputs) in samples {
        let codes: Vec<String> = inputs.iter().chain(outputs).map(i64::to_string).collect();
        text += &codes.join(" ");
        text.push('\n');
    }
    text
}

/// Adds what is the same for every network, or nearly so.
pub(super) fn complete(
    name: &str,
    top: Option<String>,
    interface: Interface,
    mut files: BTreeMap<String, String>,
    options: &ExportOptions,
) -> Result<Project, ExportError> {
    let count = |ports: &[Port]| ports.iter().map(Port::len).sum::<usize>();
    let top_name = top.clone().unwrap_or_default();
    let kernel_headers = format!("types.h weights.h codes.h {top_name}.h ");
    let values = context! {
        name => identifier(name),
        top => top_name,
        kernel => top.is_some(),
        headers => format!("{}driver.h float_math.h", if top.is_some() { kernel_headers.as_str() } else { "" }),
        sources => if top.is_some() { format!("testbench.cpp codes.cpp {top_name}.cpp") } else { "testbench.cpp".into() },
        inputs => count(&interface.inputs),
        outputs => count(&interface.outputs),
        codes_in => count(&interface.kernel_inputs),
        codes_out => count(&interface.kernel_outputs),
        codes_out_list => port_list(&interface.kernel_outputs),
        run_arguments => run_arguments(&interface),
        part => options.part,
        clock => options.clock,
    };
    let mut environment = Environment::new();
    environment.set_keep_trailing_newline(true);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let fill = |text: &str| environment.render_str(text, &values);
    files.insert("Makefile".into(), fill(include_str!("templates/Makefile"))?);
    files.insert("testbench.cpp".into(), fill(include_str!("templates/testbench.cpp"))?);
    files.insert("float_math.h".into(), include_str!("templates/float_math.h").into());
    if top.is_some() {
        files.insert("types.h".into(), include_str!("templates/types.h").into());
        files.insert("codes.h".into(), fill(include_str!("templates/codes.h"))?);
        files.insert("run_hls.tcl".into(), fill(include_str!("templates/run_hls.tcl"))?);
    }
    Ok(Project { name: name.into(), files, interface })
}

fn port_list(ports: &[Port]) -> String {
    let items: Vec<String> = ports.iter().map(|port| format!("{{\"{}\", {}}}", port.name, port.len())).collect();
    items.join(", ")
}

/// Where each input and output of a sample starts.
fn run_arguments(interface: &Interface) -> String {
    let mut arguments = Vec::new();
    for (buffer, ports) in [("in", &interface.inputs), ("out", &interface.outputs)] {
        let mut offset = 0;
        for port in ports {
            arguments.push(if offset == 0 {
                format!("{buffer}.data()")
            } else {
                format!("{buffer}.data() + {offset}")
            });
            offset += port.len();
        }
    }
    arguments.push("codes.data()".into());
    arguments.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("project");
        let project = |name: &str| Project {
            name: "net".into(),
            files: [name, MARK].map(|name| (name.to_string(), "text".to_string())).into(),
            interface: Interface::default(),
        };
        project("a.h").write(&place).unwrap();
        project("b/c.h").write(&place).unwrap();
        assert!(!place.join("a.h").exists());
        assert_eq!(fs::read_to_string(place.join("b/c.h")).unwrap(), "text");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::remove_file(place.join(MARK)).unwrap();
        let error = project("a.h").write(&place).unwrap_err().to_string();
        assert!(error.contains("holds no exported project"), "{error}");
        assert!(place.join("b/c.h").exists());
    }

    #[test]
    fn vectors_are_a_sample_a_line() {
        assert_eq!(vectors([(&[1, -2][..], &[3][..]), (&[0, 0], &[5])]), "1 -2 3\n0 0 5\n");
    }
}
