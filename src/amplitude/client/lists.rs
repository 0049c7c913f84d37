//! Reading items: lists page by page, single ones, and the answers about their variants and versions.
//!
//! A list is newest first and its pages are not stable: an item may come twice, or move over a boundary. So items are
//! known apart by id, a cursor that comes again ends the list, a list of several pages is read again if its first one
//! has changed meanwhile, and an item that is known and missing is looked for by its id.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{AmplitudeClient, unexpected};
use crate::amplitude::{Item, fields, json, list_of, path_of, relations, wire};
use crate::diagnostics::escape::url_segment;
use crate::diagnostics::escape::visible;
use crate::error::{Error, ErrorKind};
use crate::flag::Kind;

/// The most items of a page.
pub(super) const PAGE: usize = 1000;
/// More pages than that are no list.
const MOST_PAGES: usize = 1000;
/// More bytes than that are no list: nobody's project is so large, and all of it is kept until it is read whole.
const MOST_BYTES: u64 = 256 << 20;
/// How many keys that the lists missed are looked for one by one: those of new files.
const MOST_LOOKED_FOR: usize = 200;
/// How often a list is read whose first page changes meanwhile.
const MOST_READINGS: usize = 3;
/// The parts of an item that stand in answers of their own, and are wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Details {
    /// Names, descriptions and payloads of the variants.
    pub variants: bool,
    /// The variants whose inclusions are wanted.
    pub inclusions: BTreeSet<String>,
}

/// An id, and its item, if it has one that can be read.
type LookedUp = (String, Result<Option<Item>, Error>);

/// An item that a list tells of and that cannot be read.
#[derive(Clone, Debug)]
pub struct UnreadItem {
    pub id: Option<String>,
    pub key: Option<String>,
    /// Why it cannot be read.
    pub error: Error,
}

/// The items of a project, as far as they can be read.
#[derive(Debug, Default)]
pub struct ListedItems {
    pub items: Vec<Item>,
    pub unread: Vec<UnreadItem>,
    /// Why a whole page could not be read, so that nobody knows what else there is.
    pub broken: Option<Error>,
}

impl ListedItems {
    /// All of them, if each could be read.
    ///
    /// # Errors
    /// Why one could not be.
    pub fn whole(self) -> Result<Vec<Item>, Error> {
        let unread = self.unread.into_iter().map(|unread| unread.error);
        self.broken.into_iter().chain(unread).next().map_or(Ok(self.items), Err)
    }
}

impl AmplitudeClient {
    /// Every flag and experiment of a project, archived ones too.
    ///
    /// # Errors
    /// Why a page, or an item in it, could not be had. Half a list is none.
    pub fn items(&self, project: &str) -> Result<Vec<Item>, Error> {
        self.listed(project)?.whole()
    }

    /// The items of a project, as far as they can be read.
    ///
    /// # Errors
    /// If Amplitude cannot be asked, or the key may not read the project.
    pub fn listed(&self, project: &str) -> Result<ListedItems, Error> {
        let mut items: BTreeMap<String, Item> = BTreeMap::new();
        let mut found = ListedItems::default();
        let mut open: BTreeMap<String, (Kind, String)> = BTreeMap::new();
        for kind in [Kind::Flag, Kind::Experiment] {
            let objects = match self.objects(kind, &format!("projectId={}", url_segment(project))) {
                Err(error) if error.kind.is_of_an_answer() && error.kind != ErrorKind::Denied => {
                    found.broken.get_or_insert(error);
                    continue;
                }
                objects => objects?,
            };
            for object in objects {
                match read(&object, kind) {
                    // A server that does not know the filter tells all of them. A later answer is newer.
                    Ok(item) if item.project == project && !wire::tells_enough(&object) => {
                        open.insert(item.id, (kind, item.key));
                    }
                    Ok(item) if item.project == project => drop(items.insert(item.id.clone(), item)),
                    Ok(_) => {}
                    Err(error) => {
                        let text_of = |member: &str| json::text(&object, member);
                        if text_of("projectId").is_none_or(|of| of == project) {
                            found.unread.push(UnreadItem {
                                id: text_of("id").filter(|id| is_id(id)),
                                key: text_of(fields::KEY),
                                error,
                            });
                        }
                    }
                }
            }
        }
        // The answer about the item says what its list leaves open.
        let ids = open.iter().map(|(id, (kind, _))| (id.clone(), *kind)).collect();
        for (id, answer) in self.by_ids(ids)? {
            match answer {
                Ok(item) => items.extend(item.filter(|item| item.project == project).map(|item| (id, item))),
                Err(error) => {
                    let key = open.remove(&id).map(|(_, key)| key);
                    found.unread.push(UnreadItem { id: Some(id), key, error });
                }
            }
        }
        found.items = items.into_values().collect();
        Ok(found)
    }

    /// Looks for the items of these ids and of these keys that a list does not have, each by itself: only what is
    /// missing there too is not there. An item that its list does not tell in full may be whole by itself.
    ///
    /// # Errors
    /// If Amplitude cannot be asked any more.
    pub fn look_for(
        &self,
        list: &mut ListedItems,
        project: &str,
        known: &BTreeMap<String, Kind>,
        keys: &BTreeSet<&str>,
    ) -> Result<(), Error> {
        // Nothing that the lock file knows is called gone before it was looked for.
        let listed: BTreeSet<&str> = list.items.iter().map(|item| item.id.as_str()).collect();
        let missing = known.iter().filter(|(id, _)| !listed.contains(id.as_str()));
        let mut ids: BTreeMap<String, Kind> = missing.map(|(id, kind)| (id.clone(), *kind)).collect();
        for id in list.unread.iter().filter_map(|unread| unread.id.clone()) {
            ids.entry(id).or_insert(Kind::Flag);
        }
        for (id, found) in self.by_ids(ids)? {
            match found {
                Ok(found) => {
                    list.unread.retain(|unread| unread.id.as_ref() != Some(&id));
                    list.items.extend(found.filter(|item| item.project == project));
                }
                Err(error) => match list.unread.iter_mut().find(|unread| unread.id.as_ref() == Some(&id)) {
                    Some(unread) => unread.error = error,
                    None => list.unread.push(UnreadItem { id: Some(id), key: None, error }),
                },
            }
        }
        let ListedItems { items, unread, .. } = list;
        unread.retain(|one| one.id.is_some() || !items.iter().any(|item| one.key.as_deref() == Some(&item.key)));
        let has = |list: &ListedItems, key: &str| {
            list.items.iter().any(|item| item.key == key)
                || list.unread.iter().any(|unread| unread.key.as_deref() == Some(key))
        };
        let unknown: Vec<&&str> = keys.iter().filter(|key| !has(list, key)).collect();
        for key in unknown.into_iter().take(MOST_LOOKED_FOR) {
            match self.items_of_key(project, key) {
                Ok(found) => list.items.extend(found),
                Err(error) if error.kind.is_of_an_answer() => {
                    list.unread.push(UnreadItem { id: None, key: Some((*key).to_owned()), error });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Items by their ids, in either list, several at once.
    fn by_ids(&self, ids: BTreeMap<String, Kind>) -> Result<Vec<LookedUp>, Error> {
        let (mut found, mut open) = (Vec::new(), ids.into_iter().collect::<Vec<(String, Kind)>>());
        for last in [false, true] {
            let paths: Vec<String> = open.iter().map(|(id, kind)| path_of(*kind, id)).collect();
            let mut elsewhere = Vec::new();
            for ((id, kind), answer) in open.into_iter().zip(self.get_all(&paths, &|| {})?) {
                // Some say 400 of an id that they do not have.
                let answer = match answer {
                    Err(error) if error.kind == ErrorKind::Refused => Ok(None),
                    answer => answer,
                };
                match answer.and_then(|object| object.map(|object| of_id(&object, kind, &id)).transpose()) {
                    Ok(None) if !last => elsewhere.push((id, other(kind))),
                    Err(error) if !error.kind.is_of_an_answer() => return Err(error),
                    known => found.push((id, known)),
                }
            }
            open = elsewhere;
        }
        Ok(found)
    }

    /// The items of a key in a project, in both lists.
    ///
    /// # Errors
    /// Why a list could not be had.
    pub fn items_of_key(&self, project: &str, key: &str) -> Result<Vec<Item>, Error> {
        let mut found = Vec::new();
        let query = format!("projectId={}&key={}", url_segment(project), url_segment(key));
        for kind in [Kind::Flag, Kind::Experiment] {
            for object in self.objects(kind, &query)? {
                let item = read(&object, kind)?;
                let whole = if wire::tells_enough(&object) { Some(item) } else { self.item(kind, &item.id)? };
                found.extend(whole);
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

    pub(super) fn pages(
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
            path = format!("{first}&cursor={}", url_segment(&cursor));
        }
        if most < MOST_PAGES { Ok(()) } else { Err(unexpected(&format!("{first} has no end"))) }
    }

    /// An item by its id, in either list: a converted one keeps its id.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn item(&self, kind: Kind, id: &str) -> Result<Option<Item>, Error> {
        self.by_ids(BTreeMap::from([(id.to_owned(), kind)]))?.pop().map_or(Ok(None), |(_, found)| found)
    }

    /// Reads what is wanted of each item besides the item itself. `step` is called for each answer.
    ///
    /// # Errors
    /// Why a part could not be had: an item that is half read is none.
    pub fn detail(&self, items: &mut [Item], wanted: &[Details], step: &dyn Fn()) -> Result<(), Error> {
        self.detail_or(items, wanted, step, &mut |_, error| Err(error))
    }

    /// Answers about many items, where one that cannot be read does not stop the others: the items of which one could
    /// not be, by their places, each with why.
    ///
    /// # Errors
    /// If Amplitude cannot be asked any more.
    pub fn detail_each(
        &self,
        items: &mut [Item],
        wanted: &[Details],
        step: &dyn Fn(),
    ) -> Result<BTreeMap<usize, Error>, Error> {
        let mut unread: BTreeMap<usize, Error> = BTreeMap::new();
        self.detail_or(items, wanted, step, &mut |at, error| {
            if !error.kind.is_of_an_answer() {
                return Err(error);
            }
            unread.entry(at).or_insert(error);
            Ok(())
        })?;
        Ok(unread)
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
                (Some(item), Ok(Some(answer))) => {
                    item.take_variants(&answer).or_else(|what| failed(*at, unexpected(&what)))?;
                }
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
            .filter_map(|(at, key)| Some(format!("{}/{}", own(items.get(*at)?), url_segment(key))))
            .flat_map(|path| [fields::USERS, fields::COHORTS].map(|list| format!("{path}/{list}")))
            .collect();
        let mut answers = self.get_all(&paths, step)?.into_iter();
        for (at, key) in each {
            let mut next = || answers.next().unwrap_or(Ok(None)).map(|answer| answer.unwrap_or(Value::Null));
            match (next(), next(), items.get_mut(at)) {
                (Ok(users), Ok(cohorts), Some(item)) => {
                    let taken = item.take_inclusions(&key, &users, &cohorts);
                    taken.or_else(|what| failed(at, unexpected(&what)))?;
                }
                (Err(error), ..) | (_, Err(error), _) => failed(at, error)?,
                (.., None) => {}
            }
        }
        Ok(())
    }

    /// The names of groups for mutual exclusion and of holdouts, by their ids. A key that may not read them leaves them
    /// unnamed.
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
                Err(error) if error.kind.is_of_an_answer() => {}
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
}

fn other(kind: Kind) -> Kind {
    if kind == Kind::Flag { Kind::Experiment } else { Kind::Flag }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The item that an answer about one id tells: what is written goes to the id that the answer has.
fn of_id(object: &Value, kind: Kind, id: &str) -> Result<Item, Error> {
    let item = read(object, kind)?;
    if item.id == id {
        return Ok(item);
    }
    Err(unexpected(&format!("asked for {}, it tells {}", visible(id), visible(&item.id))))
}

fn read(object: &Value, kind: Kind) -> Result<Item, Error> {
    wire::item(object, kind).map_err(|why| unexpected(&why))
}
