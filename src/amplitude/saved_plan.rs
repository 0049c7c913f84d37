//! Saved plan: a document that `plan --format json` wrote, held against the plan of now.
//!
//! In: the document, and a plan made afresh. Out: what of it is no longer so, in words. It refuses a document of
//! another form, of another commit or lock file, one that was edited, and one that was made without asking Amplitude.
//! Not taken: carrying out the calls that it lists; each is planned anew, and has to be the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::digest_of;
use super::lock::LOCK_PATH;
use super::plan::{AmplitudePlan, Finding, SCHEMA};

/// The characters of a commit or a hash that tell it from others.
const SHORT: usize = 8;

/// A plan as it was written down.
#[derive(Debug)]
pub struct SavedPlan {
    commit: Value,
    lock: Value,
    items: Vec<Value>,
}

/// The parts of a saved plan that are no longer so.
#[derive(Debug, Default)]
pub struct StalePlan {
    /// The flags of the plan that are another by now, each with what is another.
    pub changed: BTreeMap<String, String>,
    /// The flags about which something is to be done, and which are not in the plan.
    pub unplanned: BTreeSet<String>,
}

impl SavedPlan {
    /// Reads a plan.
    ///
    /// # Errors
    /// The error in it, as the rest of a sentence about it.
    pub fn parse(text: &str) -> Result<SavedPlan, String> {
        let saved: Value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
        let member = |name: &str| saved.get(name).cloned().unwrap_or_default();
        if member("schema") != SCHEMA {
            return Err("is no plan that is known".to_owned());
        }
        if member("fromAmplitude") != Value::Bool(true) {
            return Err("was made without asking Amplitude".to_owned());
        }
        let (commit, lock, items) = (member("commit"), member("lock"), member("items"));
        let digest = digest_of(&commit, &lock, &items);
        if member("digest") != digest.as_str() {
            return Err(format!(
                "was edited: its digest is {}, and what it says has {}",
                short(&member("digest")),
                short(&Value::String(digest))
            ));
        }
        let Value::Array(items) = items else { return Err("is no plan that is known".to_owned()) };
        Ok(SavedPlan { commit, lock, items })
    }

    /// Holds it against the plan of now.
    ///
    /// # Errors
    /// The commit or lock file that is another by now, as the rest of a sentence about it.
    pub fn compared(&self, now: &AmplitudePlan) -> Result<StalePlan, String> {
        let differs = |saved: &Value, now: Option<&String>| saved.as_str() != now.map(String::as_str);
        let now_is = |now: Option<&String>| short(&now.cloned().map_or(Value::Null, Value::String));
        if differs(&self.commit, now.commit.as_ref()) {
            return Err(format!(
                "is of another commit: it is of {}, and what is applied is {}",
                short(&self.commit),
                now_is(now.commit.as_ref())
            ));
        }
        if differs(&self.lock, now.lock.as_ref()) {
            return Err(format!(
                "was made with another `{LOCK_PATH}`: its digest was {}, and is {}",
                short(&self.lock),
                now_is(now.lock.as_ref())
            ));
        }
        let mut stale = StalePlan::default();
        let mut planned = BTreeSet::new();
        for saved in &self.items {
            let Some(name) = saved.get("flag").and_then(Value::as_str) else { continue };
            planned.insert(name);
            let Some(item) = now.items.iter().find(|item| item.name == name) else {
                stale.changed.insert(name.to_owned(), "it is not among the flags of this run".to_owned());
                continue;
            };
            // A call that is carried out already is no less than a planned one.
            if item.finding == Finding::Same {
                continue;
            }
            if let Some(what) = another(saved, &item.json()) {
                stale.changed.insert(name.to_owned(), what);
            }
        }
        let listed = now.listed().filter(|item| item.finding != Finding::Same && !planned.contains(item.name.as_str()));
        stale.unplanned = listed.map(|item| item.name.clone()).collect();
        Ok(stale)
    }
}

/// The members of a flag in a plan that say why it is another, the plainest first.
const MEMBERS: [(&str, &str); 6] = [
    ("/id", "it is the item NOW in Amplitude, and was WAS"),
    ("/version", "it is at version NOW in Amplitude, and the plan was made from WAS"),
    ("/hash", "Amplitude has other content of it: its hash was WAS, and is NOW"),
    ("/finding/is", "it was found `WAS`, and is `NOW`"),
    ("/base", "the commit that Amplitude has of it was WAS, and is NOW"),
    ("/lockVersion", "the lock file had version WAS of it, and has NOW"),
];

/// The difference in a flag of a plan: the first one that says why.
fn another(saved: &Value, now: &Value) -> Option<String> {
    if saved == now {
        return None;
    }
    let member = |side: &Value, name: &str| side.pointer(name).cloned().unwrap_or_default();
    let difference = MEMBERS.iter().find_map(|(name, words)| {
        let (was, is) = (member(saved, name), member(now, name));
        (was != is).then(|| words.replace("WAS", &short(&was)).replace("NOW", &short(&is)))
    });
    Some(difference.unwrap_or_else(|| "it takes other calls than were planned".to_owned()))
}

/// A value in a few visible characters.
fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => return "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let most = if text.len() > 20 { SHORT } else { 20 };
    crate::diagnostics::escape::visible(&text.chars().take(most).collect::<String>())
}
