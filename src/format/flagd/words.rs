//! JsonLogic in words, if it is a question about a user: `email ends with "@acme.example"`.
//!
//! In: a rule as flagd's files have it. Out: visible text, or nothing if the rule computes rather than asks; then it is
//! shown as it is. Not taken: words for a part of a rule, around a rest that nobody reads.

use super::jsonlogic::operation;
use crate::document::inline::{alternatives, inline};
use crate::document::{Data, Node};

/// The words between two terms.
const BETWEEN: &[(&str, &str)] = &[
    ("==", "is"),
    ("===", "is"),
    ("!=", "is not"),
    ("!==", "is not"),
    ("<", "is less than"),
    ("<=", "is at most"),
    (">", "is more than"),
    (">=", "is at least"),
    ("starts_with", "starts with"),
    ("ends_with", "ends with"),
];

/// The comparisons of `sem_ver`.
const VERSIONS: &[(&str, &str)] = &[
    ("=", "is version"),
    ("!=", "is not version"),
    ("<", "is a version before"),
    ("<=", "is at most version"),
    (">", "is a version after"),
    (">=", "is at least version"),
    ("^", "has the major version of"),
    ("~", "has the minor version of"),
];

fn words(table: &[(&str, &'static str)], operator: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| *name == operator).map(|(_, words)| *words)
}

/// A rule in words, with at most so many values of a list.
pub fn condition(rule: &Node, most: usize) -> Option<String> {
    let (operator, value) = operation(rule)?;
    let arguments = value.as_list().unwrap_or(std::slice::from_ref(value));
    match (operator, arguments) {
        (operator @ ("and" | "or"), [_, _, ..]) => {
            let parts: Option<Vec<String>> = arguments.iter().map(|part| nested(part, most)).collect();
            Some(parts?.join(&format!(" {operator} ")))
        }
        ("!", [one]) => Some(format!("not ({})", condition(one, most)?)),
        ("in", [one, list]) if list.as_list().is_some() => {
            Some(format!("{} is {}", term(one)?, alternatives(scalars(list)?, most)?))
        }
        ("in", [part, whole]) => Some(format!("{} contains {}", term(whole)?, term(part)?)),
        ("sem_ver", [one, operator, other]) => {
            Some(format!("{} {} {}", term(one)?, words(VERSIONS, operator.as_text()?)?, term(other)?))
        }
        (operator, [one, other]) => Some(format!("{} {} {}", term(one)?, words(BETWEEN, operator)?, term(other)?)),
        _ => None,
    }
}

/// A rule as a part of another, in brackets if it could be taken for two.
fn nested(rule: &Node, most: usize) -> Option<String> {
    let said = condition(rule, most)?;
    let several = rule.get("and").is_some() || rule.get("or").is_some();
    Some(if several { format!("({said})") } else { said })
}

/// A term of a comparison: a property of the user by its name, or a plain value.
fn term(node: &Node) -> Option<String> {
    match &node.data {
        Data::Map(_) => {
            let (operator, value) = operation(node)?;
            let name = match value.as_list() {
                Some([name]) => name,
                Some(_) => return None,
                None => value,
            };
            (operator == "var")
                .then(|| name.as_text())
                .flatten()
                .filter(|name| !name.is_empty())
                .map(crate::document::inline::quoted)
        }
        Data::List(_) => None,
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => Some(inline(node)),
    }
}

fn scalars(list: &Node) -> Option<&Node> {
    let plain = |node: &Node| !matches!(node.data, Data::List(_) | Data::Map(_));
    list.as_list()?.iter().all(plain).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::document::yaml::{self, Dialect};

    #[test]
    fn rules_in_words() {
        let cases = [
            (r#"{"ends_with": [{"var": "email"}, "@acme.example"]}"#, "email ends with @acme.example"),
            (r#"{"==": [{"var": ["country"]}, "US"]}"#, "country is US"),
            (r#"{"!==": [{"var": "plan type"}, null]}"#, "\"plan type\" is not null"),
            (r#"{">=": [{"var": "age"}, 18]}"#, "age is at least 18"),
            (r#"{"in": [{"var": "country"}, ["US", "CA", "DE", "FR"]]}"#, "country is US, CA or 2 more"),
            (r#"{"in": ["@acme", {"var": "email"}]}"#, "email contains @acme"),
            (r#"{"sem_ver": [{"var": "app"}, "^", "1.2.0"]}"#, "app has the major version of 1.2.0"),
            (
                r#"{"and": [{"!": {"==": [{"var": "a"}, 1]}}, {"or": [{"==": [{"var": "b"}, true]}, {"<": [{"var": "c"}, 2]}]}]}"#,
                "not (a is 1) and (b is true or c is less than 2)",
            ),
            // Computed, of unknown form, or only partly a question.
            (r#"{"==": [{"%": [{"var": "n"}, 2]}, 0]}"#, ""),
            (r#"{"<": [1, {"var": "n"}, 3]}"#, ""),
            (r#"{"var": "beta"}"#, ""),
            (r#"{"==": [{"var": ["country", "US"]}, "US"]}"#, ""),
            (r#"{"==": [{"var": ""}, "US"]}"#, ""),
            (r#"{"in": [{"var": "a"}, [{"var": "b"}]]}"#, ""),
            (r#"{"sem_ver": [{"var": "app"}, "about", "1.2.0"]}"#, ""),
            (r#"{"and": [{"==": [{"var": "a"}, 1]}, {"some": [[], true]}]}"#, ""),
            (r#"{"==": [{"var": "a"}, 1], "!": false}"#, ""),
            (r#"["a", "b"]"#, ""),
        ];
        for (rule, said) in cases {
            let mut diagnostics = Diagnostics::of("rule.json");
            let node = yaml::read(rule.as_bytes(), &[Dialect::Json], &mut diagnostics).unwrap();
            assert_eq!(condition(&node, 2).unwrap_or_default(), said, "{rule}");
        }
    }
}
