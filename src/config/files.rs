//! Files → text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::at::Source;
use super::problem::{Code, Problem, Values, Weight};

/// The folder beside `raotin.toml` that holds the schedules, and how their names end.
pub const SCHEDULES: &str = "schedules";
const ENDING: &str = "toml";

/// One file; what keeps it from being read goes to `problems`, and then its text is empty.
pub(super) fn read_source(path: &Path, problems: &mut Vec<Problem>) -> Source {
    let (text, problem) = match fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(e) => {
                let good = e.utf8_error().valid_up_to();
                let before = e.as_bytes().iter().take(good);
                let line = 1 + before.filter(|b| **b == b'\n').count();
                let problem = problem(path, line, Code::NotUtf8, Vec::new());
                (String::new(), Some(problem))
            }
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let problem = problem(path, 1, Code::NoConfiguration, Vec::new());
            (String::new(), Some(problem))
        }
        Err(e) => (String::new(), Some(unreadable(path, &e))),
    };
    problems.extend(problem);
    Source {
        path: path.to_owned(),
        text,
    }
}

/// The file or folder cannot be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Problem {
    problem(path, 1, Code::Unreadable, vec![("why", error.to_string())])
}

fn problem(path: &Path, line: usize, code: Code, values: Values) -> Problem {
    Problem {
        file: path.to_owned(),
        line,
        weight: Weight::Error,
        code,
        values,
    }
}

/// `*.toml` in a folder, by name; what editors leave there (`.x.toml.swp`, `x.toml~`) is none.
pub(super) fn schedule_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if !hidden && path.extension().is_some_and(|e| e == ENDING) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
