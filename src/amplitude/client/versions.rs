//! Versions of items: how many there are of each, and who made the last one.
//!
//! A version is poorer than the item and nobody knows which writes make one, so it is a number and an author, and no
//! content.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::AmplitudeClient;
use super::lists::PAGE;
use crate::amplitude::{Item, json, path_of};
use crate::error::Error;

/// Pages of versions that are looked at for an import.
const PAGES_OF_VERSIONS: usize = 30;

/// The latest version of an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LatestVersion {
    pub number: u64,
    /// Its author, as Amplitude says: an id, an address, or nobody.
    pub by: Option<String>,
    pub at: Option<String>,
}

impl AmplitudeClient {
    /// The latest version of an item; `None` if Amplitude tells none.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn latest(&self, item: &Item) -> Result<Option<LatestVersion>, Error> {
        let answer = self.get(&format!("{}/versions", path_of(item.kind, &item.id)))?;
        let all = answer.as_ref().and_then(Value::as_array).into_iter().flatten();
        Ok(all.filter_map(version).max_by_key(|version| version.number))
    }

    /// Reads the latest version of each of these items. One whose versions cannot be read has none.
    ///
    /// # Errors
    /// If an answer cannot be had.
    pub fn number(&self, items: &mut [&mut Item]) -> Result<(), Error> {
        let paths: Vec<String> =
            items.iter().map(|item| format!("{}/versions", path_of(item.kind, &item.id))).collect();
        for (item, answer) in items.iter_mut().zip(self.get_all(&paths, &|| {})?) {
            let answer = match answer {
                Err(error) if error.kind.is_of_an_answer() => None,
                answer => answer?,
            };
            let all = answer.as_ref().and_then(Value::as_array).into_iter().flatten();
            item.version = all.filter_map(version).map(|version| version.number).max();
        }
        Ok(())
    }

    /// The latest versions of many items, as far as the newest pages of all versions tell.
    ///
    /// # Errors
    /// Why a page could not be had.
    pub fn latest_of_all(&self, wanted: &BTreeSet<String>) -> Result<BTreeMap<String, LatestVersion>, Error> {
        let mut found: BTreeMap<String, LatestVersion> = BTreeMap::new();
        self.pages(&format!("/versions?limit={PAGE}"), PAGES_OF_VERSIONS, &mut |page| {
            for entry in page.get("versions").and_then(Value::as_array).into_iter().flatten() {
                let id = entry.get("flagConfig").and_then(|config| json::text(config, "id"));
                let Some((id, version)) = id.zip(version(entry)) else { continue };
                if wanted.contains(&id) && found.get(&id).is_none_or(|known| known.number < version.number) {
                    found.insert(id, version);
                }
            }
            Ok(found.len() < wanted.len())
        })?;
        Ok(found)
    }
}

fn version(entry: &Value) -> Option<LatestVersion> {
    let number = entry.get("version")?.as_u64()?;
    Some(LatestVersion { number, by: json::text(entry, "createdBy"), at: json::text(entry, "createdAt") })
}
