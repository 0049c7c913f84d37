//! Tests of a flag: whether it is live, and what of a document is a flag at all.

use std::borrow::Cow;

use super::flag_place::At;
use super::language::{NamedItem, Path, PathStep, Root, Source, Test, TestQuestion};
use super::notes::may_be_note;
use super::path::without_mark;
use super::project::is_scalar;
use crate::document::yaml::UNQUOTED;
use crate::document::{Data, Decimal, Entry, Node};
use crate::format::names::{NameSet, says_off};

impl Test {
    /// Calls a function for each of its questions, with the places that it asks about. Every flag of a file asks, so
    /// that no list of them is made.
    pub fn each_question<'t>(&'t self, each: &mut dyn FnMut(&'t [Source], &'t TestQuestion)) {
        match self {
            Test::Always | Test::Env(_) | Test::File(..) => {}
            Test::All(tests) | Test::Any(tests) => tests.iter().for_each(|test| test.each_question(each)),
            Test::Not(test) => test.each_question(each),
            Test::At(sources, question) => each(sources, question),
        }
    }

    /// Whether one of its questions is so.
    fn asks(&self, what: &dyn Fn(&[Source], &TestQuestion) -> bool) -> bool {
        match self {
            Test::Always | Test::Env(_) | Test::File(..) => false,
            Test::All(tests) | Test::Any(tests) => tests.iter().any(|test| test.asks(what)),
            Test::Not(test) => test.asks(what),
            Test::At(sources, question) => what(sources, question),
        }
    }

    /// The places that it asks about.
    #[must_use]
    pub fn sources(&self) -> Vec<&Source> {
        let mut all = Vec::new();
        self.each_question(&mut |sources, _| all.extend(sources));
        all
    }

    /// Whether it holds for what stands here.
    pub fn holds(&self, at: &At<'_>) -> bool {
        match self {
            Test::Always => true,
            Test::All(tests) => tests.iter().all(|test| test.holds(at)),
            Test::Any(tests) => tests.iter().any(|test| test.holds(at)),
            Test::Not(test) => !test.holds(at),
            Test::Env(names) => at.env_key.as_ref().is_some_and(|key| names.contains(key)),
            Test::File(before, after) => at.file_part(before, after).is_some(),
            Test::At(sources, question) => {
                let any = |so: &dyn Fn(&Node) -> bool| at.any(sources, so);
                match question {
                    TestQuestion::Absent(absent) => any(&|node| !node.is_null()) != *absent,
                    TestQuestion::Sentence(wanted) => any(&|node| is_sentence(node) == *wanted),
                    TestQuestion::Members(names) => any(&|node| {
                        let names_it = |entry: &Entry| at.named_by.is_some_and(|one| std::ptr::eq(one, entry));
                        let is_known = |entry: &Entry| is_among(entry, names) || names_it(entry);
                        node.as_map().is_some_and(|map| map.iter().all(is_known))
                    }),
                    TestQuestion::Like(patterns) => any(&|node| {
                        word(node).is_some_and(|text| {
                            let lower = text.to_lowercase();
                            patterns.iter().any(|pattern| is_like(&lower, pattern)) || is_of_set(&text, patterns)
                        })
                    }),
                    TestQuestion::In(those) => any(&|node| those.iter().any(|one| same(one, node))),
                    TestQuestion::With(test) => {
                        let found = sources.iter().map(|source| at.inside(source)).find(|found| !found.is_empty());
                        found.is_some_and(|found| found.iter().any(|inner| test.holds(inner)))
                    }
                    // Of several with one name, readers take either.
                    TestQuestion::Named(named) => {
                        let found = named.items(sources, at);
                        !found.is_empty() && found.iter().all(|inner| named.test.holds(inner))
                    }
                    TestQuestion::Has(one) => any(&|node| has(node, one)),
                    TestQuestion::Over(number) => any(&|node| over(node, number) == Some(true)),
                }
            }
        }
    }
}

impl TestQuestion {
    /// Whether the value at its place is the answer, and not how many values there are, or what parts of them say.
    #[must_use]
    pub fn is_of_value(&self) -> bool {
        match self {
            TestQuestion::In(_) | TestQuestion::Has(_) | TestQuestion::Over(_) | TestQuestion::Like(_) => true,
            TestQuestion::Absent(_)
            | TestQuestion::Sentence(_)
            | TestQuestion::Members(_)
            | TestQuestion::With(_)
            | TestQuestion::Named(_) => false,
        }
    }
}

impl NamedItem {
    /// The items that are named.
    fn items<'n>(&self, sources: &[Source], at: &At<'n>) -> Vec<At<'n>> {
        let Some(name) = at.text(&self.name) else { return Vec::new() };
        let inside = sources.iter().flat_map(|source| at.inside(source));
        inside.filter(|inner| inner.text(&self.by).as_ref() == Some(&name)).collect()
    }
}

/// Whether a member is called like one of these, or is of a set that is one of these.
fn is_among(entry: &Entry, those: &[String]) -> bool {
    let name = without_mark(&entry.key);
    let is_of = |set: NameSet| set.has(name) && (set != NameSet::Notes || may_be_note(name, &entry.value));
    those.iter().any(|one| one == name || NameSet::parse(one).is_some_and(is_of))
}

/// Whether a name is of a set that is one of these.
fn is_of_set(name: &str, those: &[String]) -> bool {
    those.iter().any(|one| NameSet::parse(one).is_some_and(|set| set.has(name)))
}

impl Test {
    /// Whether it asks for names of such a set.
    pub fn asks_for(&self, set: NameSet) -> bool {
        self.asks(&|_, question| match question {
            TestQuestion::Like(those) => those.iter().any(|one| NameSet::parse(one) == Some(set)),
            TestQuestion::With(test) => test.asks_for(set),
            _ => false,
        })
    }

    /// Whether it asks about members whose names are of such a set.
    pub fn asks_about(&self, set: NameSet) -> bool {
        let is_of = |source: &Source| source.path().is_some_and(|path| path.steps.contains(&PathStep::Named(set)));
        self.asks(&|sources, _| sources.iter().any(is_of))
    }

    /// Whether it asks for strings, of what stands here.
    pub fn asks_for_words(&self, here: &[Source]) -> bool {
        match self {
            Test::At(sources, TestQuestion::Like(_)) => sources == here,
            Test::All(tests) => tests.iter().any(|test| test.asks_for_words(here)),
            Test::Always | Test::Any(_) | Test::Not(_) | Test::Env(_) | Test::File(..) | Test::At(..) => false,
        }
    }

    /// Whether it asks for true or false of something that is neither, or about what readers take for different things:
    /// to some `yes` is true, and a string to others.
    pub fn is_unclear(&self, at: &At<'_>) -> bool {
        match self {
            Test::Always | Test::Env(_) | Test::File(..) => false,
            // Where one of them surely does not hold, all do not.
            Test::All(tests) => {
                let refuses = |test: &Test| !test.is_unclear(at) && !test.holds(at);
                !tests.iter().any(refuses) && tests.iter().any(|test| test.is_unclear(at))
            }
            // Where one of them surely holds, the others decide nothing.
            Test::Any(tests) => {
                let holds = |test: &Test| !test.is_unclear(at) && test.holds(at);
                tests.iter().any(|test| test.is_unclear(at)) && !tests.iter().any(holds)
            }
            Test::Not(test) => test.is_unclear(at),
            Test::At(sources, TestQuestion::In(those)) => {
                // The value of the flag itself may be a map with more to say.
                let whole = |node: &Node| sources.contains(&Source::Value) && !is_scalar(node);
                let neither = |node: &Node| node.as_bool().is_none() && !node.is_null() && !whole(node);
                let switch = those.iter().any(|one| one.as_bool().is_some());
                at.any(sources, &|node| switch && neither(node) || unsure(node))
            }
            // A number that is none, such as `50%`.
            Test::At(sources, TestQuestion::Over(_)) => at.any(sources, &|node| {
                node.as_text().is_some_and(|text| Decimal::parse(text).is_none())
                    || node.as_bool().is_some()
                    || !is_scalar(node)
            }),
            // Of something that has no members.
            Test::At(sources, TestQuestion::With(test)) => {
                let inner: Vec<At<'_>> = sources.iter().flat_map(|source| at.inside(source)).collect();
                inner.iter().any(|inner| test.is_unclear(inner) || is_scalar(inner.entity) && test.asks_for_members())
                    || sources.iter().any(|source| ends_before(source, at))
            }
            Test::At(sources, TestQuestion::Absent(_)) => sources.iter().any(|source| ends_before(source, at)),
            // A value that is no string; those that ask for switches find them in other shapes too.
            Test::At(sources, TestQuestion::Like(patterns)) => {
                let asks_for_switch = patterns.iter().any(|pattern| pattern == "true" || pattern == "false");
                let other = |node: &Node| !matches!(node.data, Data::Text(_) | Data::Null);
                !asks_for_switch && !sources.contains(&Source::Value) && !self.holds(at) && at.any(sources, &other)
            }
            Test::At(sources, TestQuestion::Named(named)) => {
                named.items(sources, at).iter().any(|inner| named.test.is_unclear(inner))
            }
            Test::At(_, TestQuestion::Has(_) | TestQuestion::Members(_) | TestQuestion::Sentence(_)) => false,
        }
    }

    /// Whether it asks for members of what it is asked about.
    fn asks_for_members(&self) -> bool {
        let inside =
            |source: &Source| source.path().is_some_and(|path| path.root == Root::Entity && !path.steps.is_empty());
        self.asks(&|sources, _| sources.iter().any(inside))
    }
}

/// Whether a string stands where members or items are asked for.
fn ends_before(source: &Source, at: &At<'_>) -> bool {
    let Source::Path(path) = source else { return false };
    let Some((PathStep::Any(..), around)) = path.steps.split_last() else { return false };
    let around = Path { root: path.root, steps: around.to_vec() };
    let says = |node: &&Node| node.as_text().is_some_and(|text| !text.is_empty());
    !around.steps.is_empty() && at.nodes(&around).iter().any(says)
}

/// Whether one of the tests up to the one that holds asks for something else than stands there. A string in the place
/// of a switch is one where that last test names it.
pub fn are_unclear(tests: &[(Test, &'static str)], at: &At<'_>) -> bool {
    let held = tests.last().map(|(test, _)| test).filter(|test| test.holds(at));
    let is_named =
        |test: &Test| matches!((test, held), (Test::At(sources, _), Some(held)) if held.asks_for_words(sources));
    tests.iter().any(|(test, _)| test.is_unclear(at) && !is_named(test))
}

/// Whether a value that tests ask for words is another one, or of another type, or is not there where tests ask for
/// both true and false: then nobody said what it means. A test that is one of several under `all` or `any` may ask
/// about something else.
pub fn is_unnamed(live: &[(Test, &'static str)], at: &At<'_>) -> bool {
    fn alone<'t>((test, _): &'t (Test, &'static str)) -> Option<(&'t [Source], &'t TestQuestion)> {
        match test {
            Test::At(sources, question) => Some((sources, question)),
            _ => None,
        }
    }
    let tests: Vec<(&[Source], &TestQuestion)> = live.iter().filter_map(alone).collect();
    let asks = |sources: &[Source], value: bool| {
        tests.iter().any(|(other, question)| {
            let TestQuestion::In(those) = question else { return false };
            *other == sources && those.iter().any(|one| one.as_bool() == Some(value))
        })
    };
    tests.iter().any(|(sources, question)| {
        let found = || at.values(sources).into_iter().filter(|node| !node.is_null());
        if found().next().is_none() && asks(sources, true) && asks(sources, false) {
            return true;
        }
        match question {
            TestQuestion::In(words) if words.iter().any(|word| word.as_bool().is_none()) => {
                let named = |node: &Node| {
                    tests.iter().any(|(other, question)| match question {
                        TestQuestion::In(words) => other == sources && words.iter().any(|word| same(word, node)),
                        _ => false,
                    })
                };
                found().any(|node| !named(&node))
            }
            // Of a list that has other names it is not one of them.
            TestQuestion::Has(_) => found().any(|node| match &node.data {
                Data::List(items) => !items.iter().all(is_scalar),
                Data::Map(_) => false,
                _ => true,
            }),
            _ => false,
        }
    })
}

/// Whether readers take it for different things.
fn unsure(node: &Node) -> bool {
    node.as_text().is_some_and(|text| text.ends_with(UNQUOTED))
}

/// A scalar as a string.
fn word(node: &Node) -> Option<Cow<'_, str>> {
    match &node.data {
        Data::Text(text) => Some(Cow::Borrowed(text)),
        Data::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
        Data::Number(number) => Some(Cow::Owned(number.to_string())),
        Data::Null | Data::List(_) | Data::Map(_) => None,
    }
}

/// Whether a string is so. Both are in lower case, and `*` in the pattern stands for anything.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// Whether it is a string of several words, the first of which is none that a switch has. A template is none.
pub fn is_sentence(node: &Node) -> bool {
    const FEWEST: usize = 3;
    let Some(text) = node.as_text().filter(|text| !text.contains("{{") && !text.contains("<%")) else { return false };
    let first = text.split_whitespace().next().unwrap_or_default();
    let word: String = first.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let switch = ["always", "default", "false", "never", "no", "none", "only", "true", "yes"].contains(&word.as_str());
    let says = word.chars().next().is_some_and(char::is_alphabetic);
    text.split_whitespace().count() >= FEWEST && says && !switch && super::draft::state_of(&word).is_none()
}

/// Whether two say the same, where a number may be written as another one.
pub fn same(one: &Node, two: &Node) -> bool {
    match (one.as_number(), two.as_number()) {
        (Some(one), Some(two)) => one == two,
        _ => one == two,
    }
}

fn has(node: &Node, one: &Node) -> bool {
    match &node.data {
        Data::List(items) => items.iter().any(|item| same(item, one)),
        Data::Map(map) => match one.as_text() {
            Some(key) => map.get(key).is_some(),
            None => map.iter().any(|entry| {
                // Neither a `disabled` that is true switches anything on, nor does a note that names no people.
                let name = without_mark(&entry.key);
                let is_note = NameSet::Notes.has(name) && !["group", "tags"].contains(&name);
                let is_none = one.as_bool() == Some(true) && (says_off(name) || is_note);
                !is_none && (same(&entry.value, one) || says_true(&entry.value, one))
            }),
        },
        _ => same(node, one),
    }
}

/// Whether a member says in a string what is asked for: true.
fn says_true(node: &Node, one: &Node) -> bool {
    let is_true = |text: &str| text.trim_end_matches(UNQUOTED).eq_ignore_ascii_case("true");
    one.as_bool() == Some(true) && node.as_text().is_some_and(is_true)
}

/// Whether it is a number over another, also one in a string as some formats have it; `None` if it is no number.
pub fn over(node: &Node, number: &Decimal) -> Option<bool> {
    match &node.data {
        Data::Number(found) => Some(found > number),
        Data::Text(text) => Decimal::parse(text).map(|found| found > *number),
        _ => None,
    }
}
