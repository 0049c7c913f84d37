//! Words that people know from other tools for a word of ours, one row each.
//!
//! In: a word that was written, and the words that are allowed there. Out: the one that was meant. Refuses: to read one
//! for the other, since a file means what it says; a message names the word to write. Names of fields have theirs in
//! the row of the field (`also`).

/// A word, and the words that it may stand for: the first that is allowed where it was written.
const WORDS: &[(&str, &[&str])] = &[
    // Lifecycles.
    ("on", &["active", "running"]),
    ("true", &["active", "running"]),
    ("yes", &["active", "running"]),
    ("enabled", &["active", "running"]),
    ("enable", &["active", "running"]),
    ("live", &["active", "running"]),
    ("released", &["active", "running"]),
    ("started", &["running", "active"]),
    ("active", &["running"]),
    ("running", &["active"]),
    ("off", &["inactive", "planning"]),
    ("false", &["inactive", "planning"]),
    ("no", &["inactive", "planning"]),
    ("disabled", &["inactive", "planning"]),
    ("disable", &["inactive", "planning"]),
    ("inactive", &["planning"]),
    ("planning", &["inactive"]),
    ("planned", &["planning", "inactive"]),
    ("draft", &["planning", "inactive"]),
    ("new", &["planning", "inactive"]),
    ("paused", &["inactive", "completed"]),
    ("test", &["testing"]),
    ("stopped", &["completed", "inactive"]),
    ("done", &["completed", "archived"]),
    ("ended", &["completed", "archived"]),
    ("finished", &["completed", "archived"]),
    ("deleted", &["archived"]),
    ("deprecated", &["archived"]),
    ("retired", &["archived"]),
    // Kinds.
    ("feature", &["flag"]),
    ("feature-flag", &["flag"]),
    ("release", &["flag"]),
    ("boolean", &["flag"]),
    ("toggle", &["flag"]),
    ("test", &["experiment"]),
    ("ab-test", &["a-b-test", "experiment"]),
    ("a/b", &["a-b-test", "experiment"]),
    ("ab", &["a-b-test", "experiment"]),
    ("bandit", &["multi-arm-bandit"]),
    ("mab", &["multi-arm-bandit"]),
    ("server", &["remote"]),
    ("server-side", &["remote"]),
    ("client", &["local"]),
    ("client-side", &["local"]),
    // Operators.
    ("equals", &["is"]),
    ("equal", &["is"]),
    ("eq", &["is"]),
    ("=", &["is"]),
    ("==", &["is"]),
    ("in", &["is"]),
    ("one of", &["is"]),
    ("not", &["is not"]),
    ("not in", &["is not"]),
    ("neq", &["is not"]),
    ("ne", &["is not"]),
    ("!=", &["is not"]),
    ("not equals", &["is not"]),
    ("lt", &["less"]),
    ("<", &["less"]),
    ("less than", &["less"]),
    ("lte", &["less or equal"]),
    ("<=", &["less or equal"]),
    ("gt", &["greater"]),
    (">", &["greater"]),
    ("greater than", &["greater"]),
    ("gte", &["greater or equal"]),
    (">=", &["greater or equal"]),
    ("matches", &["glob match"]),
    ("includes", &["contains"]),
    // Approval modes.
    ("approvers", &["specific"]),
    ("named", &["specific"]),
    ("codeowners", &["specific"]),
    ("owners", &["specific"]),
    ("anyone", &["peer"]),
    ("any", &["peer"]),
    ("team", &["peer"]),
    ("required", &["approval"]),
    ("off", &["none"]),
    ("no", &["none"]),
];

/// The allowed word that somebody meant who wrote `text`.
#[must_use]
pub fn word(text: &str, allowed: &[&'static str]) -> Option<&'static str> {
    let rows = WORDS.iter().filter(|(word, _)| word.eq_ignore_ascii_case(text));
    let meant = rows.flat_map(|(_, meant)| meant.iter());
    meant.into_iter().find_map(|meant| allowed.iter().find(|word| *word == meant)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_allowed_word_is_meant() {
        for (text, allowed, meant) in [
            ("ON", &["inactive", "active"][..], Some("active")),
            ("on", &["planning", "running"], Some("running")),
            ("test", &["flag", "experiment"], Some("experiment")),
            ("test", &["testing"], Some("testing")),
            ("off", &["specific", "peer", "none"], Some("none")),
            ("on", &["remote", "local"], None),
            ("shade", &["active"], None),
        ] {
            assert_eq!(word(text, allowed), meant, "{text}");
        }
    }
}
