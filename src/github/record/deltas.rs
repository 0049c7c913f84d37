//! The displays of a record in JSON: each as the difference from the one before, with an empty digest for a flag that
//! is gone. The line in the comment is short of room.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::approval::evidence::DisplayedRevision;

pub fn serialize<S: Serializer>(displays: &[DisplayedRevision], serializer: S) -> Result<S::Ok, S::Error> {
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    let mut out = Vec::new();
    for display in displays {
        let mut digests = display.digests.clone();
        digests.retain(|name, digest| last.get(name) != Some(digest));
        let gone = last.keys().filter(|name| !display.digests.contains_key(*name));
        digests.extend(gone.map(|name| (name.clone(), String::new())));
        out.push(DisplayedRevision { digests, ..display.clone() });
        last.clone_from(&display.digests);
    }
    out.serialize(serializer)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<DisplayedRevision>, D::Error> {
    let mut displays = Vec::<DisplayedRevision>::deserialize(deserializer)?;
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    for display in &mut displays {
        last.append(&mut display.digests);
        last.retain(|_, digest| !digest.is_empty());
        display.digests.clone_from(&last);
    }
    Ok(displays)
}
