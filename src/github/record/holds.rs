//! The flags that a pull request holds, in JSON: the names of one moment together. The line in the comment is short of
//! room, and most are held since the same moment.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub fn serialize<S: Serializer>(holds: &BTreeMap<String, String>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut moments: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (flag, since) in holds {
        moments.entry(since).or_default().push(flag);
    }
    moments.serialize(serializer)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let moments = BTreeMap::<String, Vec<String>>::deserialize(deserializer)?;
    let held = moments.into_iter().flat_map(|(since, flags)| flags.into_iter().map(move |flag| (flag, since.clone())));
    Ok(held.collect())
}
