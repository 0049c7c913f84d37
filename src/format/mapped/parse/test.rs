//! Tests of a mapping: one question each.

use super::{Parser, one_or_list};
use crate::document::{Map, Node};
use crate::format::mapped::language::{NamedItem, Test, TestQuestion};

impl Parser<'_, '_> {
    pub(super) fn test(&mut self, node: &Node) -> Option<Test> {
        const QUESTIONS: &[&str] = &[
            "all", "any", "not", "env", "file", "is", "in", "has", "over", "absent", "sentence", "members", "like",
            "with",
        ];
        const ASK_AT: &[&str] = &["is", "in", "has", "over", "absent", "sentence", "members", "like", "with"];
        if node.as_text() == Some("always") {
            return Some(Test::Always);
        }
        let map = self.members(node, "a test")?;
        // One question a test, so that none is passed over.
        let questions: Vec<&crate::document::Entry> =
            map.iter().filter(|entry| QUESTIONS.contains(&entry.key.as_str())).collect();
        if let [_, second, ..] = questions.as_slice() {
            let remedy = "ask one thing in each test, and put tests under `all` or `any`";
            self.refuse(second.place, format!("the test asks `{}` as well", second.key.escape_debug()), remedy);
            return None;
        }
        let asks_at = questions.iter().any(|entry| ASK_AT.contains(&entry.key.as_str()));
        if let (Some(at), false, [one]) = (map.entry("at"), asks_at, questions.as_slice()) {
            let message = format!("`{}` asks about no `at`", one.key.escape_debug());
            self.refuse(at.place, message, "remove `at`, or put two tests under `all`");
            return None;
        }
        if let Some(node) = map.get("all") {
            return Some(Test::All(self.tests(node)));
        }
        if let Some(node) = map.get("any") {
            return Some(Test::Any(self.tests(node)));
        }
        if let Some(node) = map.get("not") {
            return self.test(node).map(|test| Test::Not(Box::new(test)));
        }
        if let Some(node) = map.get("env") {
            let names = self.texts(Some(node), "`env`");
            if names.is_empty() {
                self.refuse(node.place, "`env` names no scope", "name one, such as `[production]`");
            }
            return Some(Test::Env(names));
        }
        if let Some(node) = map.get("file") {
            let parts = node.as_text().and_then(|text| text.split_once('*')).filter(|(_, after)| !after.contains('*'));
            if parts.is_none() {
                self.wrong_type(node, "`file`", "a path with one `*`, such as `features/*.yaml`");
            }
            return parts.map(|(before, after)| Test::File(before.to_owned(), after.to_owned()));
        }
        let Some(at) = map.get("at").map(|node| self.sources(node)) else {
            self.refuse(node.place, "the test has no `at`", "write `{at: enabled, is: true}`, or `always`");
            return None;
        };
        self.question(node, map).map(|question| Test::At(at, question))
    }

    /// The tests of `all` or `any`.
    fn tests(&mut self, node: &Node) -> Vec<Test> {
        let tests: Vec<Test> = one_or_list(node).iter().filter_map(|one| self.test(one)).collect();
        if one_or_list(node).is_empty() {
            self.refuse(node.place, "there are no tests in it", "name one, or remove it");
        }
        tests
    }

    /// The question about the values at a path.
    fn question(&mut self, node: &Node, map: &Map) -> Option<TestQuestion> {
        if let Some(wanted) = map.get("sentence") {
            return Some(TestQuestion::Sentence(self.flag(Some(wanted), "`sentence`")));
        }
        match (map.get("with"), map.get("named"), map.get("by")) {
            (None, None, None) => {}
            (Some(test), None, None) => return self.test(test).map(|test| TestQuestion::With(Box::new(test))),
            (Some(test), Some(name), Some(by)) => {
                let (name, by) = (self.sources(name), self.sources(by));
                let test = self.test(test)?;
                return Some(TestQuestion::Named(Box::new(NamedItem { name, by, test })));
            }
            (_, Some(one), _) | (_, None, Some(one)) => {
                let message = "`named` and `by` go with each other and with `with`";
                let remedy = "write `{at: \"variants/*\", named: PATH, by: name, with: TEST}`, or remove them";
                self.refuse(one.place, message.to_owned(), remedy);
                return None;
            }
        }
        if let Some(names) = map.get("members") {
            return Some(TestQuestion::Members(self.texts(Some(names), "`members`")));
        }
        if let Some(patterns) = map.get("like") {
            let place = patterns.place;
            let patterns: Vec<String> =
                self.texts(Some(patterns), "`like`").iter().map(|pattern| pattern.to_lowercase()).collect();
            if patterns.is_empty() {
                self.refuse(place, "`like` has no pattern", "name one, such as `feature_*`");
            }
            return Some(TestQuestion::Like(patterns));
        }
        Some(match (map.get("is"), map.get("in"), map.get("has"), map.get("over"), map.get("absent")) {
            (Some(is), ..) => TestQuestion::In(vec![is.clone()]),
            (_, Some(within), ..) => TestQuestion::In(one_or_list(within).to_vec()),
            (_, _, Some(has), ..) => TestQuestion::Has(has.clone()),
            (_, _, _, Some(over), _) => match over.as_number() {
                Some(number) => TestQuestion::Over(number.clone()),
                None => {
                    self.wrong_type(over, "`over`", "a number");
                    return None;
                }
            },
            (.., Some(absent)) => TestQuestion::Absent(self.flag(Some(absent), "`absent`")),
            _ => {
                self.refuse(node.place, "the test asks nothing", "add `is`, `in`, `has`, `over` or `absent`");
                return None;
            }
        })
    }
}
