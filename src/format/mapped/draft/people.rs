//! Lists and maps of those who get a flag: customers, users, and other ids of the day, whose names stand in no mapping.
//!
//! **In**: names and values of a file. **Out**: whether they are ids, and when a flag that is a list of them is live.
//! **Refuses**: to take a plain name for one, unless what it stands in is called like people. **Not taken**: a list of
//! names that people have.

use super::entity::{MemberValues, comment};
use super::{quoted, words};
use crate::document::{Data, Node};

/// Members that list people or customers who get a flag, without signs and letter case.
const PEOPLE: &[&str] = &[
    "accounts",
    "allowedusers",
    "clients",
    "companies",
    "customers",
    "emails",
    "organisations",
    "organizations",
    "orgs",
    "tenants",
    "userids",
    "users",
    "workspaces",
];

/// Whether a member of this name holds people or customers.
pub fn holds_people(name: &str) -> bool {
    words::is_one_of(name, PEOPLE)
}

/// Whether a name is the id of a person, a customer or a day: an address, a UUID, a date, or a number at its end or all
/// of it.
pub fn is_id(name: &str) -> bool {
    is_person(name) || !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The same, but for plain numbers, by which flags may be called too.
fn is_person(name: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let address = name.split_once('@').is_some_and(|(user, domain)| !user.is_empty() && domain.contains('.'));
    let groups = |lengths: &[usize]| {
        let parts: Vec<&str> = name.split('-').collect();
        parts.iter().map(|part| part.len()).eq(lengths.iter().copied()) && parts.iter().all(|part| hex(part))
    };
    let date = name.get(..10).is_some_and(|day| {
        let is_date = |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
        day.bytes().enumerate().all(is_date)
    });
    let hash = [24, 32, 40].contains(&name.len()) && hex(name);
    // `cus_9f8a71`, `user-1042`
    let numbered = name.rsplit_once(['_', '-']).is_some_and(|(kind, number)| {
        let kinds = ["account", "acct", "client", "company", "cus", "customer", "org", "tenant", "user", "usr"];
        kinds.contains(&kind.to_ascii_lowercase().as_str()) && digits(number) > 0
    });
    address || groups(&[8, 4, 4, 4, 12]) || date || hash || numbered
}

/// Whether a map or a list has people and nothing else. Under the name of flags a number is a flag.
pub fn are_people(node: &Node, of_flags: bool) -> bool {
    let one = |name: &str| if of_flags { is_person(name) } else { is_id(name) };
    match &node.data {
        Data::Map(map) => !map.0.is_empty() && map.iter().all(|entry| one(&entry.key)),
        Data::List(items) => !items.is_empty() && items.iter().all(|item| item.as_text().is_some_and(one)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
    }
}

/// Whether a flag is a list of those who get it, by itself.
pub fn is_list(node: &Node) -> bool {
    let scalar = |item: &Node| item.as_text().is_some() || item.as_number().is_some();
    node.as_list().is_some_and(|items| items.iter().all(scalar))
}

/// Whether all of these flags are lists or maps of those who get them, so that the whole of each is one field.
pub fn are_all_people(flags: &[&Node]) -> bool {
    let some = flags.iter().any(|flag| !flag.as_list().is_some_and(<[Node]>::is_empty));
    some && flags.iter().all(|flag| is_list(flag) || are_people(flag, false))
}

/// The lines for flags that are given to those who are listed in them, and to nobody where nobody is listed.
pub fn for_nobody(flags: &[&Node], own: &MemberValues<'_>) -> String {
    let mut text = String::new();
    // Under `all`, since every other list is a value too that has a meaning.
    if flags.iter().any(|flag| is_list(flag)) {
        text.push_str("      - {when: {all: [{at: \".\", is: []}]}, is: inactive}\n");
    }
    if flags.iter().any(|flag| flag.as_map().is_some() && are_people(flag, false)) {
        text.push_str("      - {when: {at: \".\", members: []}, is: inactive}\n");
    }
    let held = |values: &[&Node]| values.iter().all(|node| is_list(node));
    let members = own.iter().filter(|(name, values)| holds_people(name) && words::can_be_named(name) && held(values));
    for (name, _) in members {
        let name = quoted(name);
        let nothing_else = format!("{{at: \".\", members: [{name}, \"{{notes}}\"]}}");
        text.push_str(&format!("      - {{when: {{all: [{{at: {name}, is: []}}, {nothing_else}]}}, is: inactive}}\n"));
    }
    text
}

/// Writes when flags are live that have no switch, if they are given to those who are listed in them.
pub fn live(flags: &[&Node], own: &MemberValues<'_>, text: &mut String) -> bool {
    let off = for_nobody(flags, own);
    if off.is_empty() {
        return false;
    }
    comment(text, "Decide: whether those who are listed get it, and nobody where the list is empty.");
    text.push_str("    live:\n");
    text.push_str(&off);
    if are_all_people(flags) {
        text.push_str("      - {when: {at: \"*\", absent: false}, is: live}\n");
    }
    true
}
