//! flagd, OpenFeature's flag daemon.

use super::Format;
use crate::flag::Flag;
use crate::text::Problems;

pub const FORMAT: Format = Format {
    id: "flagd",
    about: "OpenFeature's flagd: several flags a file, JSON or YAML",
    claims: |path| {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        [".flagd.json", ".flagd.yaml", ".flagd.yml"].iter().any(|end| name.ends_with(end))
    },
    read,
    fields: &[],
};

fn read(_: &[u8], _: &str, _: &mut Problems<'_>) -> Option<Vec<Flag>> {
    None
}
