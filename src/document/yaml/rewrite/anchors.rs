//! The anchor of a comment: the entry or item that it stands above, behind or below.
//!
//! In: a tree and the comments of its lines. Out: the comments of each entry and item, to be taken when that is
//! written. A comment that stands deeper than what comes next belongs to what stands before it.

use std::collections::BTreeMap;

use super::comments::{self, YamlComment};
use crate::diagnostics::Place;
use crate::document::{Data, Node};

/// The place of an entry or an item in the text, counted from 0. An item that is a map starts where its first entry
/// does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CommentSite {
    line: usize,
    column: usize,
    /// Whether it is an entry: the item that starts at the same place comes before.
    entry: bool,
}

impl CommentSite {
    pub fn of(place: Place) -> CommentSite {
        CommentSite { line: place.line as usize - 1, column: place.column as usize - 1, entry: true }
    }

    pub fn of_item(place: Place) -> CommentSite {
        CommentSite { entry: false, ..CommentSite::of(place) }
    }
}

/// A site, the dash before it, and the line in which the brackets around it open.
type Anchor = (CommentSite, Option<(usize, usize)>, Option<usize>);

/// The comments of one entry or item.
#[derive(Default)]
struct Attached {
    above: Vec<YamlComment>,
    right: Vec<String>,
    below: Vec<YamlComment>,
    /// Whether an empty line stands right above it.
    blank: bool,
}

/// The comments of a document, each at the value that it stays with.
pub struct Anchors {
    all: BTreeMap<CommentSite, Attached>,
    /// Comments above everything, and whether an empty line stands below them.
    top: Vec<YamlComment>,
    top_blank: bool,
    /// Comments below everything.
    bottom: Vec<YamlComment>,
}

impl Anchors {
    pub fn new(node: &Node, found: &[YamlComment], lines: &[Vec<char>]) -> Self {
        let mut sites = Vec::new();
        collect(node, lines, None, &mut sites);
        sites.sort();
        let mut anchors = Anchors { all: BTreeMap::new(), top: Vec::new(), top_blank: false, bottom: Vec::new() };
        for (site, dash, _) in &sites {
            // A blank line between a comment and what it stands above is one above that.
            let line = dash.map_or(site.line, |(line, _)| line);
            let attached = Attached { blank: comments::empty(lines, line), ..Attached::default() };
            anchors.all.insert(*site, attached);
        }
        if let Some(attached) = sites.first().and_then(|(site, ..)| anchors.all.get_mut(site)) {
            anchors.top_blank = std::mem::take(&mut attached.blank);
        }
        let first = sites.first().map_or(usize::MAX, |(site, dash, _)| dash.map_or(site.line, |(line, _)| line));
        for comment in found {
            let (line, column) = comment.at;
            // A node that starts in the line of a dash or of a bracket is part of that.
            let starts = |(site, dash, _): &&Anchor| match dash {
                Some((line, column)) => (*line, *column),
                None => (site.line, site.column),
            };
            if line < first && comment.alone {
                anchors.top.push(comment.clone());
                continue;
            }
            let before = |one: &&Anchor| starts(one) < (line, column);
            let next = sites.iter().filter(|one| starts(one) > (line, column)).min_by_key(|one| (starts(one), one.0));
            if !comment.alone {
                let here = |one: &&Anchor| starts(one).0 == line && before(one) && one.2 != Some(line);
                if let Some((site, ..)) = sites.iter().filter(here).max_by_key(|one| (starts(one), one.0)) {
                    anchors.attach(*site).right.push(comment.text.clone());
                    continue;
                }
            }
            let deeper = next.is_none_or(|next| column > starts(&next).1);
            let owner = sites.iter().filter(|one| before(one) && starts(one).1 <= column);
            let owner = owner.max_by_key(|one| (starts(one), one.0)).or_else(|| sites.iter().rfind(before));
            match (next, owner) {
                (Some((next, ..)), _) if !deeper && comment.alone => anchors.attach(*next).above.push(comment.clone()),
                (_, Some((owner, ..))) if deeper && column > 0 || next.is_some() || !comment.alone => {
                    anchors.attach(*owner).below.push(comment.clone());
                }
                _ => anchors.bottom.push(comment.clone()),
            }
        }
        anchors
    }

    fn attach(&mut self, site: CommentSite) -> &mut Attached {
        self.all.entry(site).or_default()
    }

    /// The comments above everything, and whether a blank line follows them.
    pub fn top(&mut self) -> (Vec<YamlComment>, bool) {
        (std::mem::take(&mut self.top), self.top_blank)
    }

    pub fn bottom(&mut self) -> Vec<YamlComment> {
        std::mem::take(&mut self.bottom)
    }

    /// The comments above, and whether a blank line follows them.
    pub fn above(&mut self, site: CommentSite) -> (Vec<YamlComment>, bool) {
        let attached = self.attach(site);
        (std::mem::take(&mut attached.above), attached.blank)
    }

    pub fn has_above(&self, site: CommentSite) -> bool {
        self.all.get(&site).is_some_and(|attached| !attached.above.is_empty())
    }

    pub fn right(&mut self, site: CommentSite) -> Vec<String> {
        std::mem::take(&mut self.attach(site).right)
    }

    pub fn below(&mut self, site: CommentSite) -> Vec<YamlComment> {
        std::mem::take(&mut self.attach(site).below)
    }

    /// Whether an entry or item within this has a comment.
    pub fn any_within(&self, node: &Node) -> bool {
        let commented = |site: CommentSite| {
            let attached = self.all.get(&site);
            attached.is_some_and(|one| !(one.above.is_empty() && one.right.is_empty() && one.below.is_empty()))
        };
        match &node.data {
            Data::Map(map) => {
                map.iter().any(|one| commented(CommentSite::of(one.place)) || self.any_within(&one.value))
            }
            Data::List(items) => {
                items.iter().any(|one| commented(CommentSite::of_item(one.place)) || self.any_within(one))
            }
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
        }
    }
}

/// Every entry and item: its site, the dash before it, and the line in which the brackets around it open.
fn collect(node: &Node, lines: &[Vec<char>], within: Option<usize>, sites: &mut Vec<Anchor>) {
    let (line, column) = (node.place.line as usize - 1, node.place.column as usize - 1);
    let bracket = matches!(lines.get(line).and_then(|line| line.get(column)), Some('{' | '['));
    let collection = matches!(&node.data, Data::Map(_) | Data::List(_));
    // The outermost of those that open in one line counts.
    let within = if bracket && collection && within != Some(line) { Some(line) } else { within };
    match &node.data {
        Data::Map(map) => {
            for entry in map.iter() {
                sites.push((CommentSite::of(entry.place), None, within));
                collect(&entry.value, lines, within, sites);
            }
        }
        Data::List(items) => {
            for item in items {
                let dash = if within.is_none() { dash(item, lines) } else { None };
                sites.push((CommentSite::of_item(item.place), dash, within));
                collect(item, lines, within, sites);
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// Where the dash of an item stands: before it in its line, or at the end of a line above.
fn dash(item: &Node, lines: &[Vec<char>]) -> Option<(usize, usize)> {
    let (line, column) = (item.place.line as usize - 1, item.place.column as usize - 1);
    let before = lines.get(line)?.get(..column.min(lines.get(line)?.len()))?;
    let last = before.iter().rposition(|char| *char != ' ');
    if let Some(at) = last.filter(|at| before.get(*at) == Some(&'-')) {
        return Some((line, at));
    }
    (0..line).rev().find_map(|line| {
        let text: String = lines.get(line)?.iter().collect();
        let said = text.find(" #").and_then(|at| text.get(..at)).unwrap_or(&text).trim_end();
        let dash = said.trim_start().starts_with('-') && !said.trim_start().starts_with('#');
        let at = said.chars().take_while(|char| *char == ' ').count();
        dash.then_some((line, at))
    })
}
