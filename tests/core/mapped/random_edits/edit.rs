//! One random edit of one file.

use serde_json::{Value, json};

use super::Files;
use super::tree::{Place, Tree};

/// Numbers made of a list of bytes, so that a failure shrinks to a short list.
pub struct Dice<'d>(std::slice::Chunks<'d, u8>);

impl Dice<'_> {
    pub fn of(bytes: &[u8]) -> Dice<'_> {
        Dice(bytes.chunks(2))
    }

    /// A number below `sides`; 0 when the bytes are used up.
    fn roll(&mut self, sides: usize) -> usize {
        let number = self.0.next().unwrap_or_default().iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        number % sides
    }

    fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.roll(of.len())]
    }
}

/// Names that many formats have for something.
const NAMES: &[&str] = &[
    "enabled",
    "disabled",
    "disable",
    "state",
    "status",
    "on",
    "default",
    "value",
    "rollout",
    "percentage",
    "variation",
    "environments",
    "production",
    "rules",
    "users",
    "overrides",
    "x",
    "description",
    "archived",
    "type",
    "name",
    "key",
];

/// Another content for a place: something of the same file, or a value.
fn other(dice: &mut Dice, whole: &Tree, places: &[Place]) -> Tree {
    let texts = ["", "x", "on", "off", "true", "false"].map(Value::from);
    match dice.roll(10) {
        0 => Tree::Map(vec![]),
        1 => Tree::List(vec![]),
        2 => Tree::Leaf(dice.pick(&texts).clone()),
        3 => Tree::Leaf(dice.pick(&[json!(null), json!(0), json!(100), json!(1.5)]).clone()),
        4 => Tree::Leaf(json!(dice.roll(2) == 1)),
        _ => whole.at(&places[dice.roll(places.len())]).clone(),
    }
}

fn name(dice: &mut Dice, whole: &Tree, places: &[Place]) -> String {
    let maps = places.iter().filter_map(|place| match whole.at(place) {
        Tree::Map(members) => Some(members),
        _ => None,
    });
    let known: Vec<&str> = maps.flatten().map(|(name, _)| name.as_str()).chain(NAMES.iter().copied()).collect();
    (*dice.pick(&known)).to_owned()
}

/// Edits one place of one file, and says what it did.
pub fn edit(dice: &mut Dice, files: &mut Files) -> String {
    let paths: Vec<String> = files.keys().cloned().collect();
    let path = dice.pick(&paths);
    let whole = files[path].clone();
    let places = whole.places();
    let place = dice.pick(&places);
    let mut node = whole.at(place).clone();
    let what = match &mut node {
        Tree::Leaf(value) => {
            let next = near(dice, value).unwrap_or_else(|| other(dice, &whole, &places));
            let what = format!("to {next}");
            node = next;
            what
        }
        Tree::Map(members) => edit_map(dice, members, &whole, &places),
        Tree::List(items) => edit_list(dice, items, &whole, &places),
    };
    *files.get_mut(path).unwrap().at_mut(place) = node;
    format!("{path} {} {what}", whole.pointer(place))
}

/// Another value of the same kind.
fn near(dice: &mut Dice, value: &Value) -> Option<Tree> {
    let near = match value {
        _ if dice.roll(2) == 0 => return None,
        Value::Number(number) => {
            let other = number.as_f64().unwrap() + dice.pick(&[1.0, -1.0, 10.0]);
            if other.fract() == 0.0 { json!(format!("{other}").parse::<i64>().unwrap()) } else { json!(other) }
        }
        Value::Bool(value) => json!(!value),
        Value::String(text) => json!(format!("{text}x")),
        _ => return None,
    };
    Some(Tree::Leaf(near))
}

fn edit_map(dice: &mut Dice, members: &mut Vec<(String, Tree)>, whole: &Tree, places: &[Place]) -> String {
    let count = members.len();
    match dice.roll(4) {
        1 if count > 0 => {
            let (name, _) = members.remove(dice.roll(count));
            format!("without {name}")
        }
        2 if count > 1 => {
            let (one, other) = (dice.roll(count), dice.roll(count));
            members.swap(one, other);
            format!("{one} and {other} change places")
        }
        3 if count > 0 => {
            let (number, name) = (dice.roll(count), name(dice, whole, places));
            if members.iter().all(|(other, _)| *other != name) {
                members[number].0.clone_from(&name);
            }
            format!("{number} is called {name}")
        }
        _ => {
            let (name, tree) = (name(dice, whole, places), other(dice, whole, places));
            let what = format!("with {name}: {tree}");
            if members.iter().all(|(other, _)| *other != name) {
                members.insert(dice.roll(count + 1), (name, tree));
            }
            what
        }
    }
}

/// Moves a member of an item of a list, or of a map in it, to another item of the list: the files, and what it did.
pub fn move_member(dice: &mut Dice, files: &mut Files) -> Option<String> {
    let lists = |(path, whole): (&String, &Tree)| {
        let path = path.clone();
        let all =
            whole.places().into_iter().filter(|place| matches!(whole.at(place), Tree::List(items) if items.len() > 1));
        all.map(move |place| (path.clone(), place)).collect::<Vec<_>>()
    };
    let lists: Vec<(String, Place)> = files.iter().flat_map(lists).collect();
    if lists.is_empty() {
        return None;
    }
    let (path, place) = dice.pick(&lists);
    let whole = files.get_mut(path).unwrap();
    let pointer = whole.pointer(place);
    let Tree::List(items) = whole.at_mut(place) else { unreachable!("it is a list") };
    move_between(dice, items).map(|what| format!("{path} {pointer} {what}"))
}

fn move_between(dice: &mut Dice, items: &mut [Tree]) -> Option<String> {
    let from = dice.roll(items.len());
    let to = (from + 1 + dice.roll(items.len() - 1)) % items.len();
    let [mut one, mut other] = items.get_disjoint_mut([from, to]).ok()?;
    loop {
        let (Tree::Map(members), Tree::Map(others)) = (one, other) else { return None };
        if members.is_empty() {
            return None;
        }
        let number = dice.roll(members.len());
        let there = others.iter().position(|(name, _)| *name == members[number].0);
        let deeper = there.filter(|there| members[number].1.len() > 0 && others[*there].1.len() > 0);
        match deeper.filter(|_| dice.roll(4) > 0) {
            Some(there) => (one, other) = (&mut members[number].1, &mut others[there].1),
            None => {
                let (name, tree) = members.remove(number);
                let what = format!("{name}: {tree} goes from {from} to {to}");
                match there {
                    Some(there) => members.insert(number, (name, std::mem::replace(&mut others[there].1, tree))),
                    None => others.push((name, tree)),
                }
                return Some(what);
            }
        }
    }
}

fn edit_list(dice: &mut Dice, items: &mut Vec<Tree>, whole: &Tree, places: &[Place]) -> String {
    let count = items.len();
    match dice.roll(5) {
        4 if count > 1 => move_between(dice, items).unwrap_or_default(),
        1 if count > 0 => {
            let number = dice.roll(count);
            items.remove(number);
            format!("without {number}")
        }
        2 if count > 1 => {
            let (one, other) = (dice.roll(count), dice.roll(count));
            items.swap(one, other);
            format!("{one} and {other} change places")
        }
        3 if count > 0 => {
            let tree = dice.pick(items).clone();
            let what = format!("with {tree} again");
            items.insert(dice.roll(count + 1), tree);
            what
        }
        _ => {
            let tree = other(dice, whole, places);
            let what = format!("with {tree}");
            items.insert(dice.roll(count + 1), tree);
            what
        }
    }
}
