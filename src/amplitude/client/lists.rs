//! Reading items: lists page by page, single ones, and the answers about their variants and versions.
//!
//! A list is newest first and its pages are not stable: an item may come twice, or move over a boundary. So items are told
//! apart by id, a cursor that comes again ends the list, a list of several pages is read again if its first one has changed
//! meanwhile, and an item that is known and missing is looked for by its id.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{AmplitudeClient, unexpected};
use crate::amplitude::{Item, fields, json, list_of, path_of, relations, wire};
use crate::diagnostics::escape::visible;
use crate::error::{Error, ErrorKind};
use crate::flag::Kind;
use crate::github::client::segment;

/// The most items of a page.
const PAGE: usize = 1000;
/// More pages than that are no list.
const MOST_PAGES: usize = 1000;
/// More bytes than that are no list: nobody's project is so large, and all of it is kept until it is read whole.
const MOST_BYTES: u64 = 256 << 20;
/// How many items that the lists missed are looked for one by one.
const MOST_LOOKED_FOR: usize = 200;
/// How often a list is read whose first page changes meanwhile.
const MOST_READINGS: usize = 3;
/// Pages of versions that are looked at for an import.
const PAGES_OF_VERSIONS: usize = 30;

/// What of an item stands in answers of its own, and is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Details {
    /// Names, descriptions and payloads of the variants.
    pub variants: bool,
    /// The variants whose inclusions are wanted.
    pub inclusions: BTreeSet<String>,
}

/// The latest version of an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LatestVersion {
    pub number: u64,
    /// Who made it, as Amplitude says: an id, an address, or nobody.
    pub by: Option<String>,
    pub at: Option<String>,
}

impl AmplitudeClient {
    /// Every flag and experiment of a project, archived ones too.
    ///
    /// # Errors
    /// Why a page could not be had. Half a list is none.
    pub fn items(&self, project: &str) -> Result<Vec<Item>, Error> {
        let mut items: BTreeMap<String, Item> = BTreeMap::new();
        for kind in [Kind::Flag, Kind::Experiment] {
            for object in self.objects(kind, &format!("projectId={}", segment(project)))? {
                let item = read(&object, kind)?;
                // A server that does not know the filter tells all of them.
                if item.project == project {
                    // What was read later is newer.
                    items.insert(item.id.clone(), item);
                }
            }
        }
        Ok(items.into_values().collect())
    }

    /// The same, and those of these ids and of these keys that the lists missed, each looked for by itself: only what is
    /// missing there too is not there.
    ///
    /// # Errors
    /// Why one could not be had.
    pub fn items_with(
        &self,
        project: &str,
        known: &BTreeMap<String, Kind>,
        keys: &BTreeSet<&str>,
    ) -> Result<Vec<Item>, Error> {
        let mut items = self.items(project)?;
        let missing: Vec<(&String, &Kind)> =
            known.iter().filter(|(id, _)| !items.iter().any(|item| item.id == **id)).collect();
        for (id, kind) in missing.into_iter().take(MOST_LOOKED_FOR) {
            items.extend(self.item(*kind, id)?.filter(|item| item.project == project));
        }
        let has = |items: &[Item], key: &str| items.iter().any(|item| item.key == key);
        let unknown: Vec<&&str> = keys.iter().filter(|key| !has(&items, key)).collect();
        for key in unknown.into_iter().take(MOST_LOOKED_FOR) {
            items.extend(self.items_of_key(project, key)?);
        }
        Ok(items)
    }

    /// The items of a key in a project, in both lists.
    ///
    /// # Errors
    /// Why a list could not be had.
    pub fn items_of_key(&self, project: &str, key: &str) -> Result<Vec<Item>, Error> {
        let mut found = Vec::new();
        let query = format!("projectId={}&key={}", segment(project), segment(key));
        for kind in [Kind::Flag, Kind::Experiment] {
            for object in self.objects(kind, &query)? {
                found.push(read(&object, kind)?);
            }
        }
        found.retain(|item| item.project == project && item.key == key);
        Ok(found)
    }

    fn objects(&self, kind: Kind, query: &str) -> Result<Vec<Value>, Error> {
        let list = list_of(kind);
        let first = format!("/{list}?{query}&includeArchived=true&limit={PAGE}");
        let objects = |page: &Value| -> Result<Vec<Value>, Error> {
            let objects = page.get(list).and_then(Value::as_array);
            objects.cloned().ok_or_else(|| unexpected(&format!("there are no `{list}` in a list of them")))
        };
        let ids =
            |objects: &[Value]| -> Vec<Option<String>> { objects.iter().map(|one| json::text(one, "id")).collect() };
        let mut found: Vec<Value> = Vec::new();
        for _ in 0..MOST_READINGS {
            let mut pages: Vec<Vec<Value>> = Vec::new();
            self.pages(&first, MOST_PAGES, &mut |page| {
                pages.push(objects(page)?);
                Ok(true)
            })?;
            let several = pages.len() > 1;
            let begin = pages.first().map(|page| ids(page)).unwrap_or_default();
            found.extend(pages.into_iter().flatten());
            if !several {
                break;
            }
            let again = self.get(&first)?.ok_or_else(|| unexpected(&format!("there is no {first}")))?;
            if ids(&objects(&again)?) == begin {
                break;
            }
        }
        Ok(found)
    }

    fn pages(
        &self,
        first: &str,
        most: usize,
        take: &mut dyn FnMut(&Value) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let (mut path, mut seen, before) = (first.to_owned(), BTreeSet::new(), self.received());
        for _ in 0..most {
            if self.received() - before > MOST_BYTES {
                return Err(unexpected(&format!("{first} is too large")));
            }
            let page = self.get(&path)?.ok_or_else(|| unexpected(&format!("there is no {first}")))?;
            if !take(&page)? {
                return Ok(());
            }
            let cursor = json::text(&page, "nextCursor").filter(|cursor| !cursor.is_empty());
            let Some(cursor) = cursor.filter(|cursor| seen.insert(cursor.clone())) else { return Ok(()) };
            path = format!("{first}&cursor={}", segment(&cursor));
        }
        if most < MOST_PAGES { Ok(()) } else { Err(unexpected(&format!("{first} has no end"))) }
    }

    /// An item by its id, in either list: a converted one keeps its id.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn item(&self, kind: Kind, id: &str) -> Result<Option<Item>, Error> {
        let other = if kind == Kind::Flag { Kind::Experiment } else { Kind::Flag };
        for kind in [kind, other] {
            match self.get(&path_of(kind, id)) {
                Ok(Some(object)) => {
                    let item = read(&object, kind)?;
                    // What is written goes to the id that the answer has.
                    if item.id != id {
                        return Err(unexpected(&format!("asked for {}, it tells {}", visible(id), visible(&item.id))));
                    }
                    return Ok(Some(item));
                }
                Ok(None) => {}
                // Some say 400 of an id that they do not have.
                Err(error) if error.kind == ErrorKind::Refused => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Reads what is wanted of each item besides the item itself. `step` is called for each answer.
    ///
    /// # Errors
    /// Why a part could not be had: an item that is half read is none.
    pub fn detail(&self, items: &mut [Item], wanted: &[Details], step: &dyn Fn()) -> Result<(), Error> {
        self.detail_or(items, wanted, step, &mut |_, error| Err(error))
    }

    /// The same, where an answer about one item that cannot be read is no trouble of the others: of that item its variants are
    /// Amplitude's own.
    ///
    /// # Errors
    /// If Amplitude cannot be asked any more.
    pub fn detail_each(&self, items: &mut [Item], wanted: &[Details], step: &dyn Fn()) -> Result<(), Error> {
        let mut unread: BTreeMap<usize, String> = BTreeMap::new();
        self.detail_or(items, wanted, step, &mut |at, error| match error.kind {
            ErrorKind::Unexpected | ErrorKind::Refused | ErrorKind::Denied => {
                unread.entry(at).or_insert(error.message);
                Ok(())
            }
            _ => Err(error),
        })?;
        for (at, why) in unread {
            if let Some(item) = items.get_mut(at) {
                item.held.insert(fields::VARIANTS, visible(&why));
                item.inclusions_of.clear();
                item.variants_read = false;
            }
        }
        Ok(())
    }

    fn detail_or(
        &self,
        items: &mut [Item],
        wanted: &[Details],
        step: &dyn Fn(),
        failed: &mut dyn FnMut(usize, Error) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let own = |item: &Item| format!("{}/variants", path_of(item.kind, &item.id));
        let of_variants: Vec<usize> =
            (0..items.len()).filter(|at| wanted.get(*at).is_some_and(|one| one.variants)).collect();
        let paths: Vec<String> = of_variants.iter().filter_map(|at| items.get(*at)).map(own).collect();
        for (at, answer) in of_variants.iter().zip(self.get_all(&paths, step)?) {
            match (items.get_mut(*at), answer) {
                (Some(item), Ok(Some(answer))) => item.take_variants(&answer),
                (_, Err(error)) => failed(*at, error)?,
                (None, Ok(_)) | (_, Ok(None)) => {}
            }
        }
        let mut each: Vec<(usize, String)> = Vec::new();
        for (at, (item, details)) in items.iter().zip(wanted).enumerate() {
            each.extend(
                item.variants().filter(|key| details.inclusions.contains(*key)).map(|key| (at, key.to_owned())),
            );
        }
        let paths: Vec<String> = each
            .iter()
            .filter_map(|(at, key)| Some(format!("{}/{}", own(items.get(*at)?), segment(key))))
            .flat_map(|path| [fields::USERS, fields::COHORTS].map(|list| format!("{path}/{list}")))
            .collect();
        let mut answers = self.get_all(&paths, step)?.into_iter();
        for (at, key) in each {
            let mut next = || answers.next().unwrap_or(Ok(None)).map(|answer| answer.unwrap_or(Value::Null));
            match (next(), next(), items.get_mut(at)) {
                (Ok(users), Ok(cohorts), Some(item)) => item.take_inclusions(&key, &users, &cohorts),
                (Err(error), ..) | (_, Err(error), _) => failed(at, error)?,
                (.., None) => {}
            }
        }
        Ok(())
    }

    /// The names of groups for mutual exclusion and of holdouts, by their ids. A key that may not read them leaves them unnamed.
    ///
    /// # Errors
    /// If the key is not taken, a limit lasts, or Amplitude cannot be reached.
    pub fn groups(&self) -> Result<BTreeMap<String, String>, Error> {
        let mut found = BTreeMap::new();
        for (list, what) in [("mutexes", "mutual exclusion group"), ("holdouts", "holdout")] {
            let read = self.pages(&format!("/{list}?limit={PAGE}"), MOST_PAGES, &mut |page| {
                for group in page.get(list).and_then(Value::as_array).into_iter().flatten() {
                    let name = json::text(group, fields::NAME).or_else(|| json::text(group, fields::KEY));
                    if let (Some(id), Some(name)) = (json::text(group, "id"), name) {
                        found.insert(id, format!("{what} `{}`", visible(&name)));
                    }
                }
                Ok(true)
            });
            match read {
                Err(error) if matches!(error.kind, ErrorKind::Denied | ErrorKind::Refused | ErrorKind::Unexpected) => {}
                read => read?,
            }
        }
        Ok(found)
    }

    /// Reads what is needed to say what each item needs, and says it.
    ///
    /// # Errors
    /// If the groups cannot be had though the key may read them.
    pub fn explain(&self, items: &mut [Item]) -> Result<(), Error> {
        let unnamed = !relations::unknown_flags(items).is_empty();
        let groups = if unnamed { self.groups()? } else { BTreeMap::new() };
        relations::explain(items, &groups);
        Ok(())
    }

    /// The latest version of an item; `None` if Amplitude tells none.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn latest(&self, item: &Item) -> Result<Option<LatestVersion>, Error> {
        let answer = self.get(&format!("{}/versions", path_of(item.kind, &item.id)))?;
        let all = answer.as_ref().and_then(Value::as_array).into_iter().flatten();
        Ok(all.filter_map(version).max_by_key(|version| version.number))
    }

    /// Reads the latest version of each of these items. One whose versions the key may not read has none.
    ///
    /// # Errors
    /// If an answer cannot be had.
    pub fn number(&self, items: &mut [&mut Item]) -> Result<(), Error> {
        let paths: Vec<String> =
            items.iter().map(|item| format!("{}/versions", path_of(item.kind, &item.id))).collect();
        for (item, answer) in items.iter_mut().zip(self.get_all(&paths, &|| {})?) {
            let answer = match answer {
                Err(error) if matches!(error.kind, ErrorKind::Denied | ErrorKind::Refused) => None,
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

fn read(object: &Value, kind: Kind) -> Result<Item, Error> {
    wire::item(object, kind).map_err(|why| unexpected(&why))
}
