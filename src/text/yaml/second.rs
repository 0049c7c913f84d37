//! The second opinion: an independent reader must find in the text what stands in our tree.
//!
//! The tree is compared while the other reader walks the text, in the order of the text; nothing is built.
//! Our own tree comes first because libyaml needs quadratic time for flow collections that are nested and not
//! closed, which the tree has refused by then.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Syntax, Told, shown};
use crate::text::lints;
use crate::text::{Data, Decimal, Node, Place};

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
    let remedy = if text.ends_with('\n') { "write the value in another way" } else { "end the file with a line break" };
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
                return Err(self.differ(node.place, "the end of the list"));
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

impl<'de> Visitor<'de> for SameKey<'_, '_> {
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
