//! Names that are nearly the same: of one flag in another spelling, or with a word more.
//!
//! In: two names. Out: whether most of their words are the same. Refuses: nothing. Not taken: a distance of letters, by
//! which `step_1` and `step_2` would be one.

use std::collections::BTreeSet;

/// Whether two names have the same letters, or more than two thirds of their words in common.
pub fn same_name(one: &str, other: &str) -> bool {
    let letters = |name: &str| -> String {
        name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (two, three) = (words(one), words(other));
    let common = two.intersection(&three).count();
    letters(one) == letters(other) || common > 1 && common * 3 > two.union(&three).count() * 2
}

/// The words of a name, in lower case: they begin after anything that is no letter or digit, and at a capital.
fn words(name: &str) -> BTreeSet<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut after_small = false;
    for char in name.chars() {
        if !char.is_alphanumeric() || (char.is_uppercase() && after_small) {
            words.push(String::new());
        }
        if let (true, Some(last)) = (char.is_alphanumeric(), words.last_mut()) {
            last.extend(char.to_lowercase());
        }
        after_small = char.is_lowercase() || char.is_ascii_digit();
    }
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::same_name;

    #[test]
    fn names_of_one_flag() {
        for (one, other, same) in [
            ("new-checkout", "new_checkout", true),
            ("newCheckout", "new-checkout", true),
            ("searchTokenExperiment", "searchTokenExperimentV2", true),
            ("example_feature", "new_mpc_links", false),
            ("checkout_step_1", "checkout_step_2", false),
            ("search", "search-beta", false),
            ("old_search", "dark_mode", false),
        ] {
            assert_eq!(same_name(one, other), same, "{one} {other}");
        }
    }
}
