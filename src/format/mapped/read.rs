//! Reading of a file by a mapping: its documents into flags.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::REST;
use super::checked_only::ReadFields;
use super::document::{Document, documents};
use super::environments::Environments;
use super::flag::{FlagNodes, flag};
use super::flag_place::{At, address};
use super::flags::{FlagList, MOST_ENVIRONMENTS, distinct};
use super::language::{Each, Entity, Mapping, Source};
use super::parse::LARGEST;
use super::path::PathMatch;
use super::sources::by_environment;
use super::unread_parts::{emptied, empty_around, of_another_format, unread, without};
use super::walk::walk;
use crate::diagnostics::{Diagnostics, Place, lints};
use crate::document::yaml::MAX_BYTES;
use crate::document::{Data, Node};
use crate::flag::{Flag, NoFlag};
use crate::format::{self, Format, FormatRef, flagd};

/// Reads a file.
pub fn read(
    format: &FormatRef,
    mapping: &Mapping,
    bytes: &[u8],
    path: &str,
    diagnostics: &mut Diagnostics<'_>,
) -> Option<Vec<Flag>> {
    let most = MAX_BYTES * mapping.syntax.times;
    if bytes.len() > most {
        let message = format!("the file has {} bytes; at most {most} are read", bytes.len());
        diagnostics.add(lints::TOO_BIG, Place::START, message, size_remedy(format, bytes.len()));
        return None;
    }
    let documents = documents(bytes, mapping, diagnostics)?;
    let mut flags = FlagList::new(mapping.syntax.times);
    // The readers of a built-in format are known.
    let first_alone = mapping.syntax.documents && !is_built_in(format);
    for document in &documents {
        // All that are flags by themselves, so that one around another does not have it as a part.
        let emptied = emptied(mapping, &document.node);
        let left = |found: &PathMatch<'_>| !emptied.contains(&address(found.node));
        let entities = mapping.entities.iter().map(|entity| found(entity, &document.node, path));
        let found: Vec<Vec<PathMatch<'_>>> = entities.map(|found| found.into_iter().filter(left).collect()).collect();
        let entries: BTreeSet<usize> = found.iter().flatten().map(|found| address(found.node)).collect();
        flags.read.reserve(entries.len());
        let mut reading = DocumentReading {
            format,
            mapping,
            document,
            whole: At { later: first_alone && document.later, ..At::document(&document.node, path) },
            entries: &entries,
            taken: emptied,
            fields: mapping.checked_only.as_ref().map_or(ReadFields::All, |only| only.fields(&document.node)),
            flags: &mut flags,
            diagnostics,
        };
        for (entity, found) in mapping.entities.iter().zip(found) {
            reading.entity(entity, &found)?;
        }
        reading.outside()?;
    }
    let mut flags = distinct(flags.read, mapping, diagnostics);
    super::needs::of_groups(&mut flags);
    Some(flags)
}

fn is_built_in(format: &Format) -> bool {
    format::ids().any(|id| id == format.id)
}

/// The remedy for a file of more bytes than its mapping lets it have, with the mapping that reads it.
pub fn size_remedy(format: &Format, size: usize) -> String {
    let (times, id) = (size.div_ceil(MAX_BYTES), &format.id);
    if times > LARGEST {
        "split it into several files".to_owned()
    } else if is_built_in(format) {
        format!(
            "split it into several files; or write what `countersign formats show {id}` prints to \
             `.countersign/formats/large-{id}.yaml` with `largest: {times}` in its `syntax`, and name `large-{id}` for \
             this file under `formats`"
        )
    } else {
        format!("split it into several files, or say `largest: {times}` in the `syntax` of the mapping `{id}`")
    }
}

/// The reading of one document: what it is read by, and what was read so far.
struct DocumentReading<'a, 'n, 'd> {
    format: &'a FormatRef,
    mapping: &'a Mapping,
    document: &'n Document,
    whole: At<'n>,
    /// The nodes of all flags.
    entries: &'a BTreeSet<usize>,
    /// The nodes of the flags that were read.
    taken: BTreeSet<usize>,
    fields: ReadFields,
    flags: &'a mut FlagList,
    diagnostics: &'a mut Diagnostics<'d>,
}

impl<'n> DocumentReading<'_, 'n, '_> {
    /// Reads the flags of one kind.
    fn entity(&mut self, entity: &Entity, found: &[PathMatch<'n>]) -> Option<()> {
        let places = self.places(entity);
        let items = if entity.key.iter().flatten().any(|source| *source == Source::Item) {
            super::item_keys::named_items(found)
        } else {
            BTreeMap::new()
        };
        for found in found {
            // Of two entities the first has it.
            if !self.taken.insert(address(found.node)) {
                continue;
            }
            let mut at = At { named_by: items.get(&address(found.node)).copied(), ..self.whole.at(found) };
            if let (Some(place), Some(key)) = (places.get(&address(found.node)), at.keys.last_mut()) {
                *key = place.to_string();
            }
            match &entity.each {
                _ if entity.flagd => self.flagd(entity, &at)?,
                Some(each) => self.by_environment(entity, each, &at)?,
                None => self.add(entity, at, &BTreeSet::new())?,
            }
        }
        Some(())
    }

    /// The places of items among those that `counted-by` takes together, whichever entity has them.
    fn places(&self, entity: &Entity) -> BTreeMap<usize, usize> {
        if entity.counted_by.is_empty() {
            return BTreeMap::new();
        }
        let mut counts: BTreeMap<Vec<Option<String>>, usize> = BTreeMap::new();
        let all = entity.at.iter().map(|path| walk(self.whole.document, &path.steps)).find(|found| !found.is_empty());
        let mut place = |found: PathMatch<'n>| {
            let at = self.whole.at(&found);
            let group = entity.counted_by.iter().map(|sources| at.text(sources)).collect();
            let count = counts.entry(group).or_default();
            *count += 1;
            (address(found.node), *count - 1)
        };
        all.unwrap_or_default().into_iter().map(&mut place).collect()
    }

    /// Reads one flag. `members` are the nodes that `each` stands on, of which only one is its own.
    fn add(&mut self, entity: &Entity, at: At<'n>, members: &BTreeSet<usize>) -> Option<()> {
        let nodes = FlagNodes { members, entries: self.entries, fields: self.fields };
        let flag = flag((self.format, self.mapping, entity), at, nodes, self.diagnostics);
        self.flags.add(flag, self.diagnostics)
    }

    /// Reads flagd's flags, which have the scope of what they stand in.
    fn flagd(&mut self, entity: &Entity, at: &At<'n>) -> Option<()> {
        let scope: Vec<String> = entity.scope.iter().filter_map(|sources| at.text(sources)).collect();
        if let Some(unread) = of_another_format(self.format, at) {
            let message =
                format!("`{}` looks like flags that are not read inside of this file", unread.key.escape_debug());
            self.diagnostics.add(
                lints::MISPLACED_FLAG,
                at.place,
                message,
                "keep them in a file of their own, if their changes are to be read",
            );
            return self.flags.add(scoped(unread, &scope.join("/")), self.diagnostics);
        }
        // An entry that cannot be read holds flags that nobody knows, and so does the file.
        for flag in flagd_flags(self.document, at.entity, self.diagnostics)? {
            self.flags.add(scoped(flag, &scope.join("/")), self.diagnostics)?;
        }
        Some(())
    }

    /// Reads one flag for each environment.
    fn by_environment(&mut self, entity: &Entity, each: &Each, at: &At<'n>) -> Option<()> {
        let found = Environments::of(each, at);
        // Each of them has a look at the whole of the flag.
        let count = found.members.len() + found.also.len();
        if count > MOST_ENVIRONMENTS {
            let message = format!("a flag with {count} environments, of which at most {MOST_ENVIRONMENTS} are judged");
            self.diagnostics.add(lints::TOO_MANY_NODES, at.place, message, "make several flags of it");
            return None;
        }
        let nodes: BTreeSet<usize> = found.own.iter().chain(&found.others).copied().collect();
        // Of one that is nowhere there is one flag all the same, or what it says would be passed over.
        if found.members.is_empty() && found.also.is_empty() {
            self.add(entity, at.clone(), &nodes)?;
        }
        let environments = Arc::new(by_environment(entity, at, &found.names()));
        let at = At { environments, ..at.clone() };
        for name in &found.also {
            self.add(entity, At { env_key: Some(name.clone()), ..at.clone() }, &nodes)?;
        }
        if !found.others.is_empty() {
            self.add(entity, At { env: Some(at.entity), ..at.clone() }, &found.own)?;
        }
        for (member, name) in found.members {
            let layout = format!("{}/{}", at.layout, super::path::layout(&member, true));
            let own = At { env: Some(member.node), place: member.place, env_key: name, layout, ..at.clone() };
            self.add(entity, own, &nodes)?;
        }
        Some(())
    }

    /// The content that no flag has. Empty maps and lists around flags are looked for only where something is left.
    fn left(&mut self) -> Option<Node> {
        without(&self.document.node, &self.taken)?;
        self.taken.extend(empty_around(self.mapping, &self.document.node, self.whole.path));
        without(&self.document.node, &self.taken)
    }

    /// Looks at what no flag has.
    fn outside(&mut self) -> Option<()> {
        self.taken.extend(super::unread_parts::stamps(self.mapping, &self.document.node));
        if self.mapping.outside_is_fine {
            super::checks::nearly_flags(self.mapping, &self.document.node, self.whole.path, self.diagnostics);
        } else if let Some(left) = self.left() {
            super::checks::misplaced(self.mapping, &left, self.diagnostics);
            let key = format!("{REST}{}", self.whole.path);
            let mut rest = unread(self.format, key, left);
            rest.links.no_flag = Some(NoFlag::Rest);
            self.flags.add(rest, self.diagnostics)?;
        }
        Some(())
    }
}

/// flagd's flags, which stand there or in a string.
fn flagd_flags(document: &Document, node: &Node, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Flag>> {
    let Data::Text(text) = &node.data else { return flagd::read_inside(node, diagnostics) };
    let place = document.text_place(text, node.place);
    let mut inner = Diagnostics::of(diagnostics.path());
    let flags = flagd::read_text(text, &mut inner);
    diagnostics.take_at(inner, |inner| place.place(inner), place.is_exact());
    let mut flags = flags?;
    for flag in &mut flags {
        place.put_flag(flag);
    }
    Some(flags)
}

/// The places where an entity is.
pub fn found<'n>(entity: &Entity, root: &'n Node, path: &'n str) -> Vec<PathMatch<'n>> {
    let whole = At::document(root, path);
    if entity.only.as_ref().is_some_and(|test| !test.holds(&whole)) {
        return Vec::new();
    }
    let all = entity.at.iter().map(|at| walk(root, &at.steps)).find(|found| !found.is_empty()).unwrap_or_default();
    match &entity.filter {
        Some(test) => all.into_iter().filter(|found| test.holds(&whole.at(found))).collect(),
        None => all,
    }
}

/// A flag of a part of the file that has a name.
fn scoped(flag: Flag, scope: &str) -> Flag {
    if scope.is_empty() {
        return flag;
    }
    Flag { key: format!("{}@{scope}", flag.key), scope: Some(scope.to_owned()), ..flag }
}
