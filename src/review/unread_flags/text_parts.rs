//! Parts of the lines of a file that may hold flags, in any syntax: names with values, and what is around each.
//!
//! **In**: a string. **Out**: its lines with their parts, and whether one surely says on or off. **Refuses**: to know
//! what stands below a name that takes something away, or a value with more in it than a word. **Not taken**: the
//! syntax of any one language; indentation, brackets and headings as in TOML say what is around a part.

use crate::format::names::{
    NameSet, NamedPlace, ends_as_flags, holds_flags, item_name_rank, lists_what_takes_away, says_off, served_in,
};
use crate::format::{is_percentage, state_of, switch_of};

/// The state that a part gives a flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    On,
    Off,
    /// Nothing by itself: what follows is inside of it.
    Opens,
    /// Nobody knows.
    Unknown,
}

/// A name with its value, or one of both.
#[derive(Clone, Copy)]
pub struct LinePart<'t> {
    pub key: &'t str,
    pub value: &'t str,
    /// Whether a bracket follows.
    pub opens: bool,
}

/// The surroundings of a part.
#[derive(Clone, Copy, PartialEq)]
pub struct PartContext {
    takes_away: bool,
    in_flag: bool,
    /// Whether nothing is around but maps of flags and environments.
    is_top: bool,
}

impl PartContext {
    /// Nothing is known of what stands there.
    const UNKNOWN: PartContext = PartContext { takes_away: true, in_flag: true, is_top: false };

    /// Adds a part that stands before another one of its line, or in a line around it.
    pub fn add(&mut self, part: LinePart<'_>, is_flag: &dyn Fn(&str) -> bool) {
        let name = bare(part.key);
        self.add_name(name, is_flag);
        self.is_top &= holds_flags(name, NamedPlace::Member) || served_in(name).is_some() || ends_as_flags(name);
        self.add_own_name(part, is_flag);
    }

    /// Adds the name that an item says itself, if this is what says it.
    fn add_own_name(&mut self, part: LinePart<'_>, is_flag: &dyn Fn(&str) -> bool) {
        let key = bare(part.key);
        if key.is_empty() || item_name_rank(key).is_some() {
            self.add_name(bare(part.value), is_flag);
        }
    }

    fn add_name(&mut self, name: &str, is_flag: &dyn Fn(&str) -> bool) {
        self.takes_away = self.takes_away || takes_away(name);
        self.in_flag = self.in_flag || is_flag(name);
    }
}

impl<'t> LinePart<'t> {
    fn of(text: &'t str) -> Self {
        let opens = text.ends_with(['{', '[']);
        let text = text.trim_end_matches([',', '{', '}', '[', ']']).trim();
        let text = text.strip_prefix("- ").unwrap_or(text).trim();
        let (key, value) = text.rsplit_once([':', '=']).unwrap_or(("", text));
        LinePart { key: key.trim(), value: value.trim(), opens }
    }

    fn is_empty(self) -> bool {
        self.key.is_empty() && self.value.is_empty()
    }

    /// The state that this gives a flag.
    pub fn says(self, around: PartContext, is_flag: &dyn Fn(&str) -> bool) -> Says {
        let key = bare(self.key);
        if self.value.is_empty() {
            return if self.opens && !self.key.is_empty() { Says::Opens } else { Says::Unknown };
        }
        let switch = switch(key);
        let known = is_flag(key) || switch.is_some() || around.is_top;
        let nobody = self.value == "0" && is_percentage(last(key));
        let is_sure = !around.takes_away && !key.is_empty() && !key.contains(['\\', '"', '\'']);
        match self.word(switch.is_some()) {
            _ if !is_sure => Says::Unknown,
            _ if nobody => Says::Off,
            Some(on) if known => {
                let turned = switch == Some(false) || switch.is_none() && takes_away(key);
                if on == turned { Says::Off } else { Says::On }
            }
            _ => Says::Unknown,
        }
    }

    /// Whether the value is a word for on.
    fn word(self, is_switch: bool) -> Option<bool> {
        let tagged = self.value.strip_prefix("!!bool ").map(bare);
        let state = || match state_of(bare(self.value)).filter(|_| is_switch)? {
            "live" => Some(true),
            "inactive" => Some(false),
            _ => None,
        };
        match tagged.unwrap_or(self.value).to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            word if ["true", "yes", "on", "false", "no", "off", "0"].contains(&bare(word)) => None,
            _ => state(),
        }
    }

    /// Whether this switches a flag of a known name, and is no setting of something that is called so.
    pub fn is_switch_of_flag(self, around: PartContext, is_flag: &dyn Fn(&str) -> bool) -> bool {
        let key = bare(self.key);
        let names = is_flag(key) || around.in_flag && (switch(key).is_some() || is_percentage(key));
        let number = || self.value.parse::<f64>().is_ok_and(|number| (0.0..=100.0).contains(&number));
        names && (self.word(true).is_some() || number()) || self.opens && is_flag(key)
    }
}

/// Whether a member of this name is a switch, and says on by `true`.
fn switch(key: &str) -> Option<bool> {
    let name = last(key);
    if says_off(name) { Some(false) } else { switch_of(name) }
}

fn last(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// Whether a name says that what is below it takes something away.
fn takes_away(name: &str) -> bool {
    NameSet::TakesAway.has(name) || lists_what_takes_away(name) || switch(name) == Some(false)
}

/// A name or word without its quotes, if it has them on both sides.
fn bare(text: &str) -> &str {
    let quoted = |sign: char| text.strip_prefix(sign)?.strip_suffix(sign);
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text)
}

/// A line that says something.
pub struct LayerLine<'t> {
    pub text: &'t str,
    pub position: usize,
    /// The position of what follows a dash.
    inner: usize,
    region: usize,
    /// Whether the next line is inside of it.
    opens: bool,
}

impl<'t> LayerLine<'t> {
    pub fn parts(&self) -> impl Iterator<Item = LinePart<'t>> + use<'t, '_> {
        let mut pieces = self.text.split_inclusive([',', '{', '}', '[', ']']).map(LinePart::of).peekable();
        std::iter::from_fn(move || {
            let mut part = pieces.next()?;
            part.opens |= self.opens && pieces.peek().is_none();
            Some(part)
        })
        .filter(|part| !part.is_empty())
    }
}

/// The inside of a line, or of an item of a list.
struct LineRegion {
    around: usize,
    depth: usize,
    is: PartContext,
}

/// Nothing is known of what stands inside of more than so many.
const MOST_DEPTH: usize = 100;

/// Lines that others stand in, by their positions, and what is inside of each.
struct OpenLines(Vec<(usize, usize)>);

impl OpenLines {
    fn region(&self) -> usize {
        self.0.last().map_or(0, |(_, region)| *region)
    }

    /// Closes all that a line at this position is not inside of.
    fn close(&mut self, position: usize) {
        while self.0.last().is_some_and(|(open, _)| *open >= position) {
            self.0.pop();
        }
    }
}

/// The lines of a file, without comments.
pub struct LayerLines<'t> {
    pub lines: Vec<LayerLine<'t>>,
    regions: Vec<LineRegion>,
}

impl<'t> LayerLines<'t> {
    /// `takes_away` says that the name of the file says so of all flags in it.
    pub fn of(text: &'t str, takes_away: bool, is_flag: &dyn Fn(&str) -> bool) -> Self {
        let root = LineRegion { around: 0, depth: 0, is: PartContext { takes_away, in_flag: false, is_top: true } };
        let mut all = LayerLines { lines: Vec::new(), regions: vec![root] };
        let mut open = OpenLines(Vec::new());
        let says_something = |line: &&str| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#') && !line.starts_with("//")
        };
        for text in text.lines().filter(says_something) {
            all.add(text.trim_end(), &mut open, is_flag);
        }
        all
    }

    fn add(&mut self, text: &'t str, open: &mut OpenLines, is_flag: &dyn Fn(&str) -> bool) {
        let trimmed = text.trim_start();
        let indentation = text.len() - trimmed.len();
        let item = trimmed.strip_prefix("- ").map(str::trim_start);
        let is_heading = indentation == 0 && trimmed.starts_with('[') && trimmed.ends_with(']');
        // An item of a list stands in a name of the same indentation, and a line without any in a heading.
        let inner = match item {
            None if is_heading => 0,
            _ => 4 * (text.len() - item.unwrap_or(trimmed).len()) + 2,
        };
        let position = if item.is_some() { 4 * indentation + 4 } else { inner };
        let closes = trimmed.starts_with(['}', ']']);
        open.close(position);
        if let Some(last) = self.lines.last_mut() {
            // Without indentation a line stands in what a bracket opens, up to one that closes it.
            let after_bracket = position > 0 && !closes && last.text.ends_with(['{', '[']);
            last.opens = position > last.inner || after_bracket;
            if last.opens {
                let (around, at) = (last.region, last.inner.min(position.saturating_sub(1)));
                let parts: Vec<LinePart<'_>> = last.parts().collect();
                let region = self.inside(around, |is| parts.iter().for_each(|part| is.add(*part, is_flag)));
                open.0.push((at, region));
            } else if closes && open.0.last().is_some_and(|(around, _)| *around + 1 == position) {
                open.0.pop();
            }
        }
        if item.is_some() {
            let region = self.inside(open.region(), |is| is.is_top = false);
            open.0.push((position, region));
        }
        let line = LayerLine { text, position, inner, region: open.region(), opens: false };
        if let Some(region) = self.regions.get_mut(line.region) {
            let named = line.parts().filter(|part| !part.key.is_empty());
            named.for_each(|part| region.is.add_own_name(part, is_flag));
        }
        self.lines.push(line);
    }

    /// A region inside of another one.
    fn inside(&mut self, around: usize, change: impl FnOnce(&mut PartContext)) -> usize {
        let outer = self.regions.get(around).filter(|region| region.depth < MOST_DEPTH);
        let (mut is, depth) = outer.map_or((PartContext::UNKNOWN, MOST_DEPTH), |region| (region.is, region.depth + 1));
        change(&mut is);
        self.regions.push(LineRegion { around, depth, is });
        self.regions.len() - 1
    }

    /// The surroundings of a line. An item may say its name behind its members.
    pub fn around(&self, line: &LayerLine<'_>) -> PartContext {
        let mut region = self.regions.get(line.region);
        let mut is = region.map_or(PartContext::UNKNOWN, |region| region.is);
        while let Some(outer) = region.filter(|region| region.depth > 0 && region.depth < MOST_DEPTH) {
            region = self.regions.get(outer.around);
            let around = region.map_or(PartContext::UNKNOWN, |region| region.is);
            is.takes_away |= around.takes_away;
            is.in_flag |= around.in_flag;
        }
        is
    }

    /// Some lines in a row, each with whether what it opens is among them.
    pub fn between(&self, first: usize, end: usize) -> impl Iterator<Item = (&LayerLine<'t>, bool)> {
        let lines = self.lines.get(first..end).unwrap_or_default();
        let lowest = lines.iter().map(|line| line.position).min().unwrap_or_default();
        let closed = self.lines.get(end).is_none_or(|next| next.position <= lowest);
        lines.iter().map(move |line| (line, closed))
    }
}
