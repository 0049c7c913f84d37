//! Files that no reader of flags takes, and that some service may read all the same.
//!
//! **In**: the text of such a file before and after a change. **Out**: whether it names one of some flags, and whether
//! a line changes that may switch something on. **Refuses**: to hold up lines that surely switch off. **Not taken**: a
//! second, lenient reader, which would take one file for something else than the service does.

use std::collections::BTreeSet;

use super::text_parts::{LayerLine, LayerLines, LinePart, PartContext, Says};

/// The bytes of a file as text. UTF-16 without its zeros is near enough.
pub fn text(bytes: &[u8]) -> String {
    let without_zeros: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&without_zeros).into_owned()
}

fn words(all: &str) -> impl Iterator<Item = String> + '_ {
    let words = all.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|word| !word.is_empty());
    words.map(str::to_lowercase)
}

/// Whether a file has all words of one of these names, or may spell them in escapes.
pub fn names_one_of<'n>(text: &str, mut names: impl Iterator<Item = &'n str>) -> bool {
    let known: BTreeSet<String> = words(text).collect();
    let escapes = text.contains("\\u") || text.contains("\\x");
    escapes || names.any(|name| words(name).all(|word| known.contains(&word)))
}

/// The lines of a file before and after a change.
pub struct ChangedLines<'t> {
    before: LayerLines<'t>,
    after: LayerLines<'t>,
    is_flag: &'t dyn Fn(&str) -> bool,
    /// Whether only switches of flags of known names are asked for, as in a file that has other settings too.
    only_switches: bool,
}

impl<'t> ChangedLines<'t> {
    /// `takes_away` says that the path of the file says so of all flags in it.
    pub fn of(
        [before, after]: [&'t str; 2],
        takes_away: bool,
        is_flag: &'t dyn Fn(&str) -> bool,
        only_switches: bool,
    ) -> Self {
        let [before, after] = [before, after].map(|text| LayerLines::of(text, takes_away, is_flag));
        ChangedLines { before, after, is_flag, only_switches }
    }

    /// Whether a line changes that may switch something on: all that comes has to be off, and all that goes has to be
    /// on.
    pub fn may_switch_on(&self) -> bool {
        let (was, is) = (&self.before.lines, &self.after.lines);
        if was.len() == is.len() {
            return was.iter().zip(is).any(|(before, after)| self.pair_may(before, after));
        }
        let same = |(one, other): &(&LayerLine<'_>, &LayerLine<'_>)| one.text == other.text;
        let first = was.iter().zip(is).take_while(same).count();
        let shorter = was.len().min(is.len());
        let last = was.iter().rev().zip(is.iter().rev()).take_while(same).count().min(shorter - first);
        let mut gone = self.before.between(first, was.len() - last);
        let mut come = self.after.between(first, is.len() - last);
        gone.any(|(line, closed)| self.says_otherwise(&self.before, line, closed, |says| says == Says::On))
            || come.any(|(line, closed)| self.says_otherwise(&self.after, line, closed, |says| says == Says::Off))
    }

    /// Whether a part of a line says anything else than it may. A part that opens others may, if `opens`.
    fn says_otherwise(
        &self,
        lines: &LayerLines<'_>,
        line: &LayerLine<'_>,
        opens: bool,
        may_say: impl Fn(Says) -> bool,
    ) -> bool {
        let mut around = lines.around(line);
        line.parts().any(|part| {
            let says = part.says(around, self.is_flag);
            let may = may_say(says) || says == Says::Opens && opens;
            let is_otherwise = !may && self.asks_for(part, around);
            around.add(part, self.is_flag);
            is_otherwise
        })
    }

    /// Whether a line in the place of another one may switch something on.
    fn pair_may(&self, before: &LayerLine<'_>, after: &LayerLine<'_>) -> bool {
        if before.text == after.text {
            return false;
        }
        let (was, is): (Vec<LinePart<'_>>, Vec<LinePart<'_>>) = (before.parts().collect(), after.parts().collect());
        let same_keys = was.iter().zip(&is).all(|(one, other)| one.key == other.key && one.opens == other.opens);
        if !same_keys || was.len() != is.len() || before.position != after.position {
            let same_name = was.first().map(|part| part.key) == is.first().map(|part| part.key);
            let may_go = |says| says == Says::On || same_name && says == Says::Unknown;
            return self.says_otherwise(&self.before, before, same_name, may_go)
                || self.says_otherwise(&self.after, after, false, |says| says == Says::Off);
        }
        let (mut around, mut now) = (self.before.around(before), self.after.around(after));
        was.into_iter().zip(is).any(|(one, other)| {
            let differs = one.value != other.value;
            let goes_off = || other.says(now, self.is_flag) == Says::Off && one.says(around, self.is_flag) != Says::Off;
            let asks = || self.asks_for(one, around) || self.asks_for(other, now);
            let may = differs && !goes_off() && asks();
            let same = !differs && around == now;
            around.add(one, self.is_flag);
            if same {
                now = around;
            } else {
                now.add(other, self.is_flag);
            }
            may
        })
    }

    fn asks_for(&self, part: LinePart<'_>, around: PartContext) -> bool {
        !self.only_switches || part.is_switch_of_flag(around, self.is_flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a change may switch something on where flags are called `cart`, `search` and `disable_x`.
    fn may(before: &str, after: &str, only_switches: bool) -> bool {
        let is_flag = |name: &str| ["cart", "search", "disable_x"].contains(&name);
        ChangedLines::of([before, after], false, &is_flag, only_switches).may_switch_on()
    }

    #[test]
    fn lines_that_may_switch_something_on() {
        for (before, after, expected) in [
            ("", "cart:\ttrue\n", true),
            ("cart: false\n", "cart: true\n", true),
            ("cart: false\n", "", true),
            ("cart: false\n", "#cart: false\n", true),
            ("cart:\n  enabled: false\nx: [", "cart:\n  enabled: true\nx: [", true),
            ("a:\n  enabled: false\nb:\n  enabled: true\n", "a:\n  enabled: true\nb:\n  enabled: false\n", true),
            ("cart: true # no\n", "search: false # no\n", true),
            ("cart: true\nx: [\n", "cart: false\nx: [\n", false),
            ("x: [\ncart: true\n", "x: [\ncart: false\n", false),
            ("\"cart\": true,\nx: [\n", "\"cart\": false,\n\nx: [\n", false),
            ("cart: true\nx: [\n", "x: [\n", false),
            ("x: [\n", "# a word\nx: [\n", false),
            ("x: [\n", "x: [\ncart: !!bool \"false\"\n", false),
            // By a switch that says off, or a name that takes something away.
            ("cart: {disabled: true}\n", "cart: {disabled: false}\n", true),
            ("cart: {disabled: false}\n", "cart: {disabled: true}\n", false),
            ("cart:\n  off: true\n", "cart:\n  off: false\n", true),
            ("cart:\n  killed: true\n", "cart:\n  killed: false\n", true),
            ("cart:\n  muted: true\n", "cart:\n  muted: false\n", true),
            ("disable_x: true\n", "disable_x: false\n", true),
            ("disable_x: false\n", "disable_x: true\n", false),
            ("disable_x: true\n", "", true),
            ("disable_x:\n  enabled: true\n", "disable_x:\n  enabled: false\n", true),
            ("disable_x: {\nenabled: true\n}\n", "disable_x: {\nenabled: false\n}\n", true),
            ("kill_switches:\n  cart: true\n", "kill_switches:\n  cart: false\n", true),
            ("kill_switches:\n- cart: true\n", "kill_switches:\n- cart: false\n", true),
            ("- name: disable_y\n  enabled: true\n", "- name: disable_y\n  enabled: false\n", true),
            ("- enabled: true\n  name: disable_y\n", "- enabled: false\n  name: disable_y\n", true),
            ("[disable_y]\nenabled = true\n", "[disable_y]\nenabled = false\n", true),
            ("[cart]\nenabled = true\n", "[cart]\nenabled = false\n", false),
            ("- name: cart\n  enabled: true\n", "- name: cart\n  enabled: false\n", false),
            ("{\"disable_y\": {\"enabled\": true}}", "{\"disable_y\": {\"enabled\": false}}", true),
            (
                "{\"cart\": {\"state\": \"ENABLED\"}, \"a\": 1}",
                "{\"cart\": {\"state\": \"DISABLED\"}, \"a\": 1}",
                false,
            ),
            // Another part of the line, and words that are no switch.
            ("cart: {enabled: false, seed: 0}\n", "cart: {enabled: true, seed: 0}\n", true),
            ("cart: {enabled: true, seed: 0}\n", "cart: {enabled: false, seed: 0}\n", false),
            ("", "cart: {enabled: true, seed: 0}\n", true),
            ("cart: {enabled: true}\n", "cart: false\n", false),
            ("cart: [jo]\n", "cart: false\n", false),
            ("cart: true\n", "cart: {true: true, no: false}\n", true),
            ("users:\n- a\ncart: false\n", "users:\n- a\n- 0\ncart: false\n", true),
            ("cart: true\n", "cart: \"false\"\n", true),
            ("cart:\n  percentage: 10\n", "cart:\n  percentage: 0\n", false),
            ("cart:\n  percentage: 10\n", "cart:\n", true),
            // Lines that stand in something else than before.
            ("eu:\n  cart: false\n", "eu:\nus:\n  cart: false\n", true),
            ("x: 1\n", "x: 1\ncart:\n  enabled: false\n", false),
            ("cart:\n  enabled: true\nx: 1\n", "x: 1\n", false),
            ("/*\ncart: true,\n*/\n", "cart: true,\n", true),
        ] {
            assert_eq!(may(before, after, false), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn switches_among_other_settings() {
        for (before, after, expected) in [
            ("x: @y\ncart: false\n", "x: @y\ncart: true\n", true),
            ("x: @y\ncart: {enabled: false}\n", "x: @y\ncart: {enabled: true}\n", true),
            ("x: @y\ncart:\n  disabled: true\n", "x: @y\ncart:\n  disabled: false\n", true),
            ("x: @y\ncart: 10\n", "x: @y\ncart: 100\n", true),
            ("x: @y\ncart: false\n", "x: @y\n", true),
            ("x: @y\neu:\n  enabled: true\n", "x: @y\ncart:\n  enabled: true\n", true),
            ("x: @y\nsearch: {host: a}\n", "x: @y\nsearch: {host: b}\n", false),
            ("x: @y\nsearch: Search\n", "x: @y\nsearch: Suche\ncart: Wagen\n", false),
            ("x: @y\nfast: false\n", "x: @y\nfast: true\n", false),
        ] {
            assert_eq!(may(before, after, true), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn names_of_flags() {
        let names = |text: &[u8]| names_one_of(&super::text(text), ["new-cart", "search"].into_iter());
        for text in ["new-cart:\ttrue", "Search: [", "\"new_x\": {\"cart\": 1, \"new\": 2}", "\"se\\u0061rch\": true"] {
            assert!(names(text.as_bytes()), "{text}");
        }
        let wide: Vec<u8> = "search: true".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(names(&wide));
        assert!(!names(b"research: true\nnew: 1"));
    }
}
