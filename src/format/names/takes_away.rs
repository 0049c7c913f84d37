//! Names of flags that take something from users while they are on: `disable_checkout`, `maintenance_mode`.
//!
//! **In**: the name of a flag. **Out**: whether it says so. **Refuses**: to take part of a word for one.
//! **Not taken**: what such a flag takes away, which its name alone does not say.

use std::borrow::Cow;

/// Where the words of such a name stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WordPlace {
    Anywhere,
    First,
    Last,
}

use WordPlace::{Anywhere, First, Last};

/// Words, in lower case and divided by spaces, by which a name says that the flag takes something away.
const TAKING: &[(&str, WordPlace)] = &[
    ("block", First),
    ("blocked", Last),
    ("deactivate", Anywhere),
    ("deactivated", Last),
    ("deny", First),
    ("disable", Anywhere),
    ("disabled", Anywhere),
    ("disables", Anywhere),
    ("disallow", Anywhere),
    ("dont", First),
    ("dry run", Anywhere),
    ("dryrun", Anywhere),
    ("except", First),
    ("exclude", First),
    ("excluded", Last),
    ("forbid", First),
    ("freeze", First),
    ("frozen", Last),
    ("hidden", Last),
    ("hide", Anywhere),
    ("hides", Anywhere),
    ("kill", First),
    ("kill switch", Anywhere),
    ("killed", Last),
    ("killswitch", Anywhere),
    ("lockdown", Last),
    ("maintenance", Last),
    ("maintenance mode", Anywhere),
    ("no", First),
    ("only", Last),
    ("opt out", Anywhere),
    ("pause", First),
    ("paused", Last),
    ("prevent", First),
    ("read only", Anywhere),
    ("readonly", Anywhere),
    ("restrict", First),
    ("skip", First),
    ("stop", First),
    ("suppress", First),
    ("suspend", First),
    ("suspended", Last),
    ("turn off", Anywhere),
    ("without", First),
];

/// Words by which the name of a list, such as that of a file, says that all flags in it take something away.
const LISTS: &[(&str, WordPlace)] = &[
    ("banned", Anywhere),
    ("blacklist", Last),
    ("blocked", Anywhere),
    ("blocklist", Last),
    ("deactivated", Anywhere),
    ("denied", Anywhere),
    ("denylist", Last),
    ("disabled", Anywhere),
    ("disallowed", Anywhere),
    ("forbidden", Anywhere),
    ("hidden", Anywhere),
    ("kill switch", Anywhere),
    ("kill switches", Anywhere),
    ("killed", Anywhere),
    ("kills", Last),
    ("killswitch", Anywhere),
    ("killswitches", Anywhere),
    ("paused", Anywhere),
    ("suppressed", Anywhere),
    ("suspended", Anywhere),
];

/// Verbs that say so before a word for flags.
const VERBS: &[(&str, WordPlace)] = &[("block", First), ("disable", First), ("hide", First), ("kill", First)];

/// Whether the name of a list says that its flags take something away: that of a file, or of a map around flags. A word
/// such as `block` may begin any other name.
#[must_use]
pub fn lists_what_takes_away(name: &str) -> bool {
    let says = |part: &str| {
        let words = words(part);
        has_words(&words, LISTS) || has_words(&words, VERBS) && super::ends_as_flags(part)
    };
    name.split(['.', '/', ':']).any(says)
}

/// Whether the name of a flag says that it takes something away. Each part between points is a name of its own.
pub(super) fn takes_away(name: &str) -> bool {
    name.split(['.', '/', ':']).any(|part| has_words(&words(part), TAKING))
}

/// Whether one of these, which are in their order, stands among the words of a name, in its place.
pub(super) fn has_words(words: &[Cow<'_, str>], those: &[(&str, WordPlace)]) -> bool {
    words.iter().enumerate().any(|(at, first)| {
        let from = those.partition_point(|(known, _)| first_word(known) < first.as_ref());
        let mut begin = those.iter().skip(from).take_while(|(known, _)| first_word(known) == first);
        begin.any(|(known, place)| {
            let count = known.split(' ').count();
            let stands = match place {
                Anywhere => true,
                First => at == 0,
                Last => at + count == words.len(),
            };
            stands && known.split(' ').eq(words.iter().skip(at).take(count).map(Cow::as_ref))
        })
    })
}

fn first_word(known: &str) -> &str {
    known.split_once(' ').map_or(known, |(first, _)| first)
}

/// The words of a name in lower case: `disable_checkout`, `disable-checkout` and `disableCheckout` have two. Those of
/// every flag are looked at, so that what is in lower case is not copied.
pub(super) fn words<'n>(name: &'n str) -> Vec<Cow<'n, str>> {
    let (mut words, mut start, mut small) = (Vec::new(), 0, false);
    let mut push = |word: Option<&'n str>| words.extend(word.filter(|word| !word.is_empty()).map(lower));
    for (at, char) in name.char_indices() {
        if !char.is_alphanumeric() {
            push(name.get(start..at));
            start = at + char.len_utf8();
        } else if char.is_uppercase() && small {
            push(name.get(start..at));
            start = at;
        }
        small = char.is_lowercase() || char.is_numeric();
    }
    push(name.get(start..));
    words
}

fn lower(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(word.chars().flat_map(char::to_lowercase).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_the_order_of_first_words() {
        for table in [TAKING, LISTS, VERBS, super::super::single::WORDS] {
            for (one, next) in table.iter().zip(&table[1..]) {
                assert!(first_word(one.0) <= first_word(next.0), "{one:?} {next:?}");
            }
            for (known, _) in table {
                assert!(has_words(&words(known), table), "{known}");
            }
        }
    }
}
