//! The second opinion: an independent reader must find in the text what stands in our tree.
//!
//! The tree is compared while the other reader walks the text, in the order of the text; nothing is built.
//! Our own tree comes first because libyaml needs quadratic time for flow collections that are nested and not
//! closed, which the tree has refused by then.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Syntax, Told, shown};
use crate::diagnostics::Place;
use crate::diagnostics::lints;
use crate::document::{Data, Decimal, Node};

/// Whether the second reader of `syntax` understands `text` as `node`; tells where it doesn't.
pub fn agrees(node: &Node, text: &str, syntax: Syntax, told: &mut Told<'_, '_>) -> bool {
    let found = RefCell::new(None);
    let same = Same { node, found: &found };
    let error = match syntax {
        Syntax::Yaml | Syntax::OwnYaml => {
            same.deserialize(serde_yaml::Deserializer::from_str(text)).err().map(|error| {
                let place = error.location().map_or(Place::START, |at| at_place(at.line(), at.column()));
                (place, error.to_string())
            })
        }
        Syntax::Json => {
            let mut reader = serde_json::Deserializer::from_str(text);
            same.deserialize(&mut reader)
                .and_then(|()| reader.end())
                .err()
                .map(|error| (at_place(error.line(), error.column()), error.to_string()))
        }
    };
    let Some((place, error)) = error else { return true };
    let (place, message) = found.into_inner().unwrap_or_else(|| {
        let said = error.split(" at line ").next().and_then(|said| said.split(", while ").next()).unwrap_or_default();
        (place, format!("one reader understands the file and another says: {}", shown(said)))
    });
    // A block scalar at the very end is where this happens to honest people.
    let remedy = match syntax {
        Syntax::Yaml | Syntax::OwnYaml if !text.ends_with('\n') => "end the file with a line break",
        Syntax::Yaml | Syntax::OwnYaml | Syntax::Json => "write the value in another way",
    };
    told.add(lints::READERS_DISAGREE, place, message, remedy);
    false
}

fn at_place(line: usize, column: usize) -> Place {
    let at_least_one = |count: usize| u32::try_from(count.max(1)).unwrap_or(u32::MAX);
    Place { line: at_least_one(line), column: at_least_one(column), width: 1 }
}

/// Fails where another reader finds something else than `node`, and leaves the place and a message in `found`.
struct Same<'n> {
    node: &'n Node,
    found: &'n RefCell<Option<(Place, String)>>,
}

impl Same<'_> {
    fn differ<E: Error>(&self, place: Place, theirs: &str) -> E {
        let ours = match self.node.data {
            Data::Text(_) | Data::Number(_) | Data::Bool(_) => format!("`{}`", shown(&self.node.json())),
            Data::Null | Data::List(_) | Data::Map(_) => self.node.kind().to_owned(),
        };
        self.differ_as(place, format!("one reader finds {ours} here and another finds {theirs}"))
    }

    fn differ_as<E: Error>(&self, place: Place, message: String) -> E {
        self.found.borrow_mut().get_or_insert((place, message));
        E::custom("the readers disagree")
    }

    fn expect<E: Error>(self, same: bool, theirs: impl fmt::Display) -> Result<(), E> {
        if same { Ok(()) } else { Err(self.differ(self.node.place, &format!("`{}`", shown(&theirs.to_string())))) }
    }

    fn integer<E: Error>(self, theirs: impl fmt::Display + Copy, small: Option<i128>) -> Result<(), E> {
        let same = self.node.as_number().is_some_and(|ours| match small {
            Some(small) if ours.to_integer().is_some() => ours.to_integer() == Some(small),
            _ => Decimal::parse(&theirs.to_string()).as_ref() == Some(ours),
        });
        self.expect(same, theirs)
    }
}

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Same<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.node.kind())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        let same = self.node.is_null();
        self.expect(same, "null")
    }

    fn visit_bool<E: Error>(self, theirs: bool) -> Result<(), E> {
        let same = self.node.as_bool() == Some(theirs);
        self.expect(same, theirs)
    }

    fn visit_str<E: Error>(self, theirs: &str) -> Result<(), E> {
        let same = self.node.as_text() == Some(theirs);
        self.expect(same, format_args!("{theirs:?}"))
    }

    fn visit_u64<E: Error>(self, theirs: u64) -> Result<(), E> {
        self.integer(theirs, Some(i128::from(theirs)))
    }

    fn visit_i64<E: Error>(self, theirs: i64) -> Result<(), E> {
        self.integer(theirs, Some(i128::from(theirs)))
    }

    fn visit_u128<E: Error>(self, theirs: u128) -> Result<(), E> {
        self.integer(theirs, i128::try_from(theirs).ok())
    }

    fn visit_i128<E: Error>(self, theirs: i128) -> Result<(), E> {
        self.integer(theirs, Some(theirs))
    }

    /// Floats are compared as floats: serde_json may be off by a bit or two in the last place.
    fn visit_f64<E: Error>(self, theirs: f64) -> Result<(), E> {
        let same = self.node.as_number().is_some_and(|ours| {
            let distance = (ours.to_f64() - theirs).abs();
            distance <= 4.0 * f64::EPSILON * theirs.abs() || distance < f64::MIN_POSITIVE
        });
        self.expect(same, theirs)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut theirs: A) -> Result<(), A::Error> {
        let Some(items) = self.node.as_list() else { return Err(self.differ(self.node.place, "a list")) };
        for node in items {
            if theirs.next_element_seed(Same { node, found: self.found })?.is_none() {
                let message = "one reader finds an item here and another the end of the list";
                return Err(self.differ_as(node.place, message.into()));
            }
        }
        match theirs.next_element::<serde::de::IgnoredAny>()? {
            None => Ok(()),
            Some(_) => {
                Err(self.differ_as(self.node.place, "one reader finds more items in the list than another".into()))
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut theirs: A) -> Result<(), A::Error> {
        let Some(map) = self.node.as_map() else { return Err(self.differ(self.node.place, "a map")) };
        for entry in map.iter() {
            if theirs.next_key_seed(SameKey { key: &entry.key, place: entry.place, map: &self })?.is_none() {
                let message = format!("one reader finds the key `{}` here and another doesn't", shown(&entry.key));
                return Err(self.differ_as(entry.place, message));
            }
            theirs.next_value_seed(Same { node: &entry.value, found: self.found })?;
        }
        match theirs.next_key::<String>()? {
            None => Ok(()),
            Some(key) => {
                let message = format!("one reader finds a key `{}` in this map and another doesn't", shown(&key));
                Err(self.differ_as(self.node.place, message))
            }
        }
    }
}

/// The same for a key, which has to be a text.
struct SameKey<'s, 'n> {
    key: &'s str,
    place: Place,
    map: &'s Same<'n>,
}

impl<'de> DeserializeSeed<'de> for SameKey<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for SameKey<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is a text")
    }

    fn visit_str<E: Error>(self, theirs: &str) -> Result<(), E> {
        if theirs == self.key {
            return Ok(());
        }
        let message = format!("one reader finds the key `{}` here and another `{}`", shown(self.key), shown(theirs));
        Err(self.map.differ_as(self.place, message))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Syntax, Told, json, tree};
    use super::agrees;
    use crate::diagnostics::{Diagnostics, Lines};

    /// Reads `ours` with the first reader and `theirs` with the second; what is told, with line and column.
    fn compared(ours: &str, theirs: &str, syntax: Syntax) -> Option<(u32, u32, String)> {
        let mut diagnostics = Diagnostics::of("flags/tax.yaml");
        let mut told = Told { diagnostics: &mut diagnostics, count: 0 };
        let lines = Lines::new(ours);
        let node = match syntax {
            Syntax::Yaml => tree::read(ours, &lines, false, &mut told),
            Syntax::OwnYaml => tree::read(ours, &lines, true, &mut told),
            Syntax::Json => json::read(ours, &lines, &mut told),
        };
        let same = agrees(&node.expect("ours is read"), theirs, syntax, &mut told);
        let diagnostics = diagnostics.finish(ours);
        assert_eq!(same, diagnostics.is_empty());
        diagnostics
            .into_iter()
            .next()
            .map(|diagnostic| (diagnostic.place.line, diagnostic.place.column, diagnostic.message))
    }

    #[test]
    fn every_difference_is_found() {
        let same = [
            ("{\"a\": 1.50, \"b\": [null, true, \"x\"]}", "{\"a\": 1.5, \"b\": [null, true, \"x\"]}"),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("340282366920938463463374607431768211455", "340282366920938463463374607431768211455"),
            ("-170141183460469231731687303715884105728", "-170141183460469231731687303715884105728"),
            ("0.1", "0.10000000000000000000001"),
            ("-0.0", "0"),
        ];
        let other = [
            ("{\"a\": 1}", "{\"a\": 2}", 7, "one reader finds `1` here and another finds `2`"),
            ("{\"a\": 1}", "{\"a\": 1.25}", 7, "one reader finds `1` here and another finds `1.25`"),
            ("{\"a\": 1}", "{\"a\": \"1\"}", 7, "one reader finds `1` here and another finds `\"1\"`"),
            ("{\"a\": \"1\"}", "{\"a\": 1}", 7, "one reader finds `\"1\"` here and another finds `1`"),
            ("[true]", "[false]", 2, "one reader finds `true` here and another finds `false`"),
            ("[null]", "[0]", 2, "one reader finds nothing here and another finds `0`"),
            ("[[]]", "[{}]", 2, "one reader finds a list here and another finds a map"),
            ("[{}]", "[[]]", 2, "one reader finds a map here and another finds a list"),
            ("[1, 2]", "[1]", 5, "one reader finds an item here and another the end of the list"),
            ("[1]", "[1, 2]", 1, "one reader finds more items in the list than another"),
            ("{\"a\": 1}", "{\"b\": 1}", 2, "one reader finds the key `a` here and another `b`"),
            ("{\"a\": 1}", "{}", 2, "one reader finds the key `a` here and another doesn't"),
            ("{}", "{\"a\": 1}", 1, "one reader finds a key `a` in this map and another doesn't"),
            ("18446744073709551615", "18446744073709551614", 1, ""),
            ("340282366920938463463374607431768211455", "340282366920938463463374607431768211454", 1, ""),
            ("0.1", "0.10000000000001", 1, ""),
        ];
        for syntax in [Syntax::Yaml, Syntax::Json] {
            for (ours, theirs) in same {
                assert_eq!(compared(ours, theirs, syntax), None, "{ours} {theirs} {syntax:?}");
            }
            for (ours, theirs, column, message) in other {
                // serde_json reads what is beyond 64 bits as a float, and nearly equal floats are equal.
                if syntax == Syntax::Json && ours.len() > 30 {
                    continue;
                }
                let (line, at, said) = compared(ours, theirs, syntax).unwrap_or_default();
                assert_eq!((line, at), (1, column), "{ours} {theirs} {syntax:?}");
                assert!(message.is_empty() || said == message, "{said}");
            }
        }
        assert_eq!(
            compared("{}", "{", Syntax::Json),
            Some((1, 1, "one reader understands the file and another says: EOF while parsing an object".to_owned())),
        );
        assert_eq!(
            compared("a: b\n", "a: &x b\nc: *x\n", Syntax::Yaml),
            Some((1, 1, "one reader finds a key `c` in this map and another doesn't".to_owned())),
        );
    }
}
