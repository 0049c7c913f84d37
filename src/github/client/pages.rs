//! Lists in pages: read to their end, or not at all.
//!
//! In: the first page of a list and the way to the others. Out: the whole list. It refuses a list of which a page can't
//! be read, one that goes on and does not say where, and an item that GitHub does not show: a part of a list, taken for
//! the whole, would hide a rejection, an author or a member. Not taken: an end of the list at the first page with less
//! items than a page holds, since GitHub leaves out of a page what a token may not see.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::raw::{RawPage, at, read};
use super::requests::Client;
use crate::error::Error;

/// More pages than this are none of a repository's settings or comments.
const MOST_PAGES: u32 = 100;

/// A list that is being read.
pub(super) struct Pages<T> {
    all: Vec<T>,
    cursors: BTreeSet<String>,
}

impl<T> Pages<T> {
    pub(super) fn new() -> Self {
        Pages { all: Vec::new(), cursors: BTreeSet::new() }
    }

    /// Adds a page; returns where the list goes on, if it does.
    pub(super) fn add(&mut self, page: RawPage<T>) -> Result<Option<String>, Error> {
        for item in page.nodes {
            self.all.push(item.ok_or_else(|| Error::unexpected("a list has an item that is not shown"))?);
        }
        if !page.page_info.has_next_page {
            return Ok(None);
        }
        let cursor = page.page_info.end_cursor.filter(|cursor| self.cursors.insert(cursor.clone()));
        cursor.map(Some).ok_or_else(|| Error::unexpected("a list goes on and does not say where"))
    }

    /// The list, after a page that was the last.
    pub(super) fn whole(self) -> Vec<T> {
        self.all
    }
}

/// A whole list. `ask` gets the page that begins at a cursor, or the first one.
pub(super) fn pages<T>(
    first: Option<RawPage<T>>,
    mut ask: impl FnMut(Option<&str>) -> Result<RawPage<T>, Error>,
) -> Result<Vec<T>, Error> {
    let mut pages = Pages::new();
    let mut page = match first {
        Some(first) => first,
        None => ask(None)?,
    };
    while let Some(cursor) = pages.add(page)? {
        page = ask(Some(&cursor))?;
    }
    Ok(pages.whole())
}

impl Client {
    /// The whole of a list whose first page is here; `query` asks for the others.
    pub(super) fn rest<T: DeserializeOwned>(
        &self,
        first: RawPage<T>,
        query: &str,
        variables: &Value,
        place: &str,
    ) -> Result<Vec<T>, Error> {
        pages(Some(first), |after| {
            let data = self.query(query, &after_cursor(variables, after))?;
            read(at(&data, place)?.clone(), "a page")
        })
    }

    /// A list of the REST interface. `member` is where it is, if the answer is no list itself.
    ///
    /// # Errors
    /// If it can't be read whole.
    pub fn list(&self, path: &str, member: &str) -> Result<Vec<Value>, Error> {
        let mut all = Vec::new();
        let between = if path.contains('?') { '&' } else { '?' };
        for page in 1..=MOST_PAGES {
            let answer = self.get(&format!("{path}{between}per_page=100&page={page}"))?;
            let Some(some) = answer.pointer(member).and_then(Value::as_array) else {
                return Err(Error::unexpected(format!("{path} is no list")));
            };
            all.extend(some.iter().cloned());
            if self.goes_on.get() || some.len() >= 100 {
                continue;
            }
            let total = answer.get("total_count").and_then(Value::as_u64);
            return match total.filter(|total| *total > all.len() as u64) {
                Some(total) => Err(Error::unexpected(format!("{path} has {} of {total} items", all.len()))),
                None => Ok(all),
            };
        }
        Err(Error::unexpected(format!("{path} has more than {MOST_PAGES} pages")))
    }
}

/// Variables of a query with the cursor after which its page begins.
pub(super) fn after_cursor(variables: &Value, after: Option<&str>) -> Value {
    let mut variables = variables.clone();
    if let Some(variables) = variables.as_object_mut() {
        variables.insert("after".to_owned(), json!(after));
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: &Value, after: Option<&str>) -> RawPage<u64> {
        let info = json!({"hasNextPage": after.is_some(), "endCursor": after.filter(|after| !after.is_empty())});
        serde_json::from_value(json!({"pageInfo": info, "nodes": items})).unwrap()
    }

    /// The list of these pages, each after the cursor of the one before it.
    fn list(all: &[(Value, Option<&str>)]) -> Result<Vec<u64>, String> {
        let mut answers = all.iter();
        let ask = |_: Option<&str>| {
            let (items, after) = answers.next().ok_or_else(|| Error::missing("page"))?;
            Ok(page(items, *after))
        };
        pages(None, ask).map_err(|error| error.message)
    }

    #[test]
    fn whole_or_not_at_all() {
        let two = json!([1, 2]);
        let wrong = |what: &str| Err(format!("GitHub's answer is not what its documentation says: {what}"));
        assert_eq!(list(&[(two.clone(), None)]), Ok(vec![1, 2]));
        assert_eq!(list(&[(json!([]), Some("a")), (two.clone(), Some("b")), (json!([3]), None)]), Ok(vec![1, 2, 3]));
        assert_eq!(
            list(&[(two.clone(), Some("a"))]),
            Err("GitHub has no page, or this token may not see it".to_owned())
        );
        assert_eq!(list(&[(json!([1, null]), None)]), wrong("a list has an item that is not shown"));
        let nowhere = "a list goes on and does not say where";
        assert_eq!(list(&[(two.clone(), Some(""))]), wrong(nowhere));
        assert_eq!(list(&[(two.clone(), Some("a")), (two.clone(), Some("b")), (two, Some("a"))]), wrong(nowhere));
    }
}
