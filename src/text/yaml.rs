//! Strict YAML and JSON. The only file that names the YAML crates.

use super::{Node, Problems};

/// Which language a text is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Syntax {
    Yaml,
    Json,
}

/// Reads the bytes of the file that `problems` is about. `None` means that at least one error was added;
/// a text that is readable but questionable yields a node and problems.
#[must_use]
pub fn read(bytes: &[u8], syntax: Syntax, problems: &mut Problems<'_>) -> Option<Node> {
    let _ = (bytes, syntax, problems);
    None
}
