//! The referee: an independent reader must find in a string what stands in our tree. The tree is compared while the
//! other reader walks the text; nothing is built.

use std::cell::RefCell;
use std::fmt;

use countersign::diagnostics::Place;
use countersign::document::{Data, Decimal, Node};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The difference that libyaml's reader finds in `text` that isn't `node`.
pub fn differs_as_yaml(node: &Node, text: &str) -> Option<String> {
    let found = RefCell::new(None);
    let same = Same { node, found: &found };
    let error = same.deserialize(serde_yaml::Deserializer::from_str(text)).err()?.to_string();
    Some(found.into_inner().map_or(error, |(_, message)| message))
}

/// The difference that serde_json finds in `text` that isn't `node`.
pub fn differs_as_json(node: &Node, text: &str) -> Option<String> {
    let found = RefCell::new(None);
    let same = Same { node, found: &found };
    let mut reader = serde_json::Deserializer::from_str(text);
    let error = same.deserialize(&mut reader).and_then(|()| reader.end()).err()?.to_string();
    Some(found.into_inner().map_or(error, |(_, message)| message))
}

/// Fails where another reader finds something else than `node`, and leaves the place and a message in `found`.
struct Same<'n> {
    node: &'n Node,
    found: &'n RefCell<Option<(Place, String)>>,
}

impl Same<'_> {
    fn differ<E: Error>(&self, place: Place, theirs: &str) -> E {
        let ours = match self.node.data {
            Data::Text(_) | Data::Number(_) | Data::Bool(_) => format!("`{}`", short(&self.node.json())),
            Data::Null | Data::List(_) | Data::Map(_) => self.node.kind().to_owned(),
        };
        self.differ_as(place, format!("one reader finds {ours} here and another finds {theirs}"))
    }

    fn differ_as<E: Error>(&self, place: Place, message: String) -> E {
        self.found.borrow_mut().get_or_insert((place, message));
        E::custom("the readers disagree")
    }

    fn expect<E: Error>(self, same: bool, theirs: impl fmt::Display) -> Result<(), E> {
        if same { Ok(()) } else { Err(self.differ(self.node.place, &format!("`{}`", short(&theirs.to_string())))) }
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
                let message = format!("one reader finds the key `{}` here and another doesn't", short(&entry.key));
                return Err(self.differ_as(entry.place, message));
            }
            theirs.next_value_seed(Same { node: &entry.value, found: self.found })?;
        }
        match theirs.next_key::<String>()? {
            None => Ok(()),
            Some(key) => {
                let message = format!("one reader finds a key `{}` in this map and another doesn't", short(&key));
                Err(self.differ_as(self.node.place, message))
            }
        }
    }
}

/// The same for a key, which has to be a string.
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
        f.write_str("a key that is a string")
    }

    fn visit_str<E: Error>(self, theirs: &str) -> Result<(), E> {
        if theirs == self.key {
            return Ok(());
        }
        let message = format!("one reader finds the key `{}` here and another `{}`", short(self.key), short(theirs));
        Err(self.map.differ_as(self.place, message))
    }
}

/// A string as it can be shown in a message.
fn short(text: &str) -> String {
    text.escape_debug().to_string().replace("\\\"", "\"")
}

#[test]
fn every_difference_is_found() {
    use countersign::document::yaml::Dialect;
    let same = [
        ("{\"a\": 1.50, \"b\": [null, true, \"x\"]}", "{\"a\": 1.5, \"b\": [null, true, \"x\"]}"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("0.1", "0.10000000000000000000001"),
    ];
    let other = [
        ("{\"a\": 1}", "{\"a\": 2}", "one reader finds `1` here and another finds `2`"),
        ("{\"a\": 1}", "{\"a\": \"1\"}", "one reader finds `1` here and another finds `\"1\"`"),
        ("[true]", "[false]", "one reader finds `true` here and another finds `false`"),
        ("[null]", "[0]", "one reader finds nothing here and another finds `0`"),
        ("[[]]", "[{}]", "one reader finds a list here and another finds a map"),
        ("[1, 2]", "[1]", "one reader finds an item here and another the end of the list"),
        ("[1]", "[1, 2]", "one reader finds more items in the list than another"),
        ("{\"a\": 1}", "{\"b\": 1}", "one reader finds the key `a` here and another `b`"),
        ("{}", "{\"a\": 1}", "one reader finds a key `a` in this map and another doesn't"),
        ("0.1", "0.10000000000001", "one reader finds `0.1` here and another finds `0.10000000000001`"),
    ];
    for (ours, theirs) in same {
        let node = super::reading(ours.as_bytes(), &[Dialect::Json]).0.unwrap();
        assert_eq!((differs_as_json(&node, theirs), differs_as_yaml(&node, theirs)), (None, None), "{ours} {theirs}");
    }
    for (ours, theirs, message) in other {
        let node = super::reading(ours.as_bytes(), &[Dialect::Json]).0.unwrap();
        for found in [differs_as_json(&node, theirs), differs_as_yaml(&node, theirs)] {
            assert_eq!(found.as_deref(), Some(message), "{ours} {theirs}");
        }
    }
}
