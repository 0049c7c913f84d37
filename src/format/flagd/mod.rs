//! flagd, OpenFeature's flag daemon: several flags a file, JSON or YAML, targeting as JsonLogic.
//!
//! In: a file in the shape of <https://flagd.dev/schema/v0/flags.json>, its `flags` a map by key or, as the daemon also
//! reads them, a list of maps with a `key`. Out: one flag for each, its `targeting` taken apart into the conditions
//! (`rules`) and the distributions (`fractional`), so that a new condition and a new ratio are told apart.
//!
//! The common part of a file is folded into each of its flags, because a change of it changes them: `$evaluators` are
//! put in the place of the `$ref`s that name them, and `metadata` is merged under the flag's own, as flagd does. A
//! member that no schema knows is a diagnostic of the file, and one that a proposal adds or changes makes it invalid.
//! Only `$schema` is passed over.
//!
//! Every `state` but `DISABLED` is live, because flagd's evaluator looks for that one word.
//!
//! Refuses: files that flagd's own implementations read differently: a field in the wrong letter case (Go's JSON reader
//! takes `State` for `state`, the others don't), a `$ref` that not every reader expands (`references`), an evaluator
//! that not every reader puts in as it stands, metadata at which one drops the file, weights that are no whole numbers.
//! Not taken: comparing `targeting` as one tree, in which moving users from one variant to another, drawing them anew
//! and choosing other users would all be the same change.

mod checks;
mod exposure;
mod fields;
mod fractional;
mod jsonlogic;
mod read;
mod references;
mod sets;
mod tree;
mod words;

use std::borrow::Cow;

pub use self::checks::check_key;
pub use self::fields::FIELDS;
pub use self::read::{read_inside, read_text};
use super::relations::Relations;
use super::{Format, LifecycleWord};
use crate::document::yaml::Dialect;
use crate::flag::{Kind, file_name};
use crate::groups::Turnover;
use crate::impact::ExposureModel;

pub static FORMAT: Format = Format {
    id: Cow::Borrowed("flagd"),
    about: Cow::Borrowed("OpenFeature's flagd: several flags a file, JSON or YAML"),
    recognises: |path| {
        let name = file_name(path).to_ascii_lowercase();
        [".flagd.json", ".flagd.yaml", ".flagd.yml"].iter().any(|end| name.ends_with(end))
    },
    // The daemon converts YAML with Go's yaml.v3 (open-feature/flagd, core/pkg/utils/yaml.go), the Python provider's
    // file resolver with PyYAML (python-sdk-contrib, process/connector/file_watcher.py).
    readers: &[(".json", &[Dialect::Json]), ("", &[Dialect::GoV3, Dialect::PyYaml])],
    read: |_, bytes, path, diagnostics| read::read(bytes, path, diagnostics),
    mapping: None,
    canonical: None,
    draft: None,
    integers_are_floats: true,
    one_flag_a_file: false,
    fields: FIELDS,
    lifecycle: &[
        LifecycleWord { word: "ENABLED", kinds: &[Kind::Flag], live: true, sure: true, off: false },
        LifecycleWord { word: "DISABLED", kinds: &[Kind::Flag], live: false, sure: true, off: true },
    ],
    exposure: ExposureModel {
        algorithm: "flagd: murmur3 of what `fractional` names, as a whole",
        value: "value",
        groups: exposure::groups,
        // A group is named after its conditions, so that another condition is another group.
        conditions: |nodes| nodes.iter().map(|node| node.json()).collect(),
        turnover: |_, _| Turnover::default(),
        listed: sets::listed,
        // The value that an application got before is in its code; of a new flag that is off for all nobody asks.
        idle: |flag, _, new| new && exposure::serves_off(flag),
        while_off: |_, _| None,
        unmodelled: |_, _| {},
        notes: exposure::add_notes,
    },
    without: Cow::Borrowed(&["exposure events", "sticky bucketing", "schedules"]),
    serves_off: exposure::serves_off,
    // flagd has no dependencies between flags.
    relations: |_| Relations::default(),
    check_relations: |_, _, _| {},
    condition_words: words::condition,
};
