//! Names of single settings among others that say that they are a switch of a flag: `FEATURE_CART`, `cart.enabled`.
//!
//! **In**: the name of a setting, or of what holds some. **Out**: whether it says so. **Refuses**: names that any
//! setting may have, such as `USE_PROXY`. **Not taken**: every setting that is true or false, most of which are about a
//! service and not about its users.

use super::takes_away::WordPlace::{Anywhere, First};
use super::takes_away::{WordPlace, has_words, words};

/// Parts of such a name, in lower case.
const PARTS: &[&str] = &["experiment", "feature", "flag", "toggle"];

/// Words of such a name.
pub(super) const WORDS: &[(&str, WordPlace)] = &[
    ("ab test", Anywhere),
    ("abtest", Anywhere),
    ("beta", Anywhere),
    ("canary", Anywhere),
    ("disable", Anywhere),
    ("disabled", Anywhere),
    ("enable", Anywhere),
    ("enabled", Anywhere),
    ("ff", First),
    ("kill switch", Anywhere),
    ("killswitch", Anywhere),
    ("rollout", Anywhere),
    ("switch", Anywhere),
];

/// Parts of the name of a list of flags. A file that is called after one flag has other settings too.
const LISTS: &[&str] = &[
    "experiments",
    "feature-config",
    "feature-flag",
    "feature-gate",
    "feature-settings",
    "feature-switch",
    "feature-toggle",
    "feature-values",
    "feature-vars",
    "featureflag",
    "features",
    "featuretoggle",
    "flag-config",
    "flag-settings",
    "flag-values",
    "flag-vars",
    "flags",
    "killswitches",
    "kill-switches",
    "switches",
    "toggle-config",
    "toggle-settings",
    "toggle-values",
    "toggles",
];

/// Whether a setting of this name is a switch of a flag.
pub(super) fn says_flag(name: &str) -> bool {
    let lower = name.to_lowercase();
    PARTS.iter().any(|part| lower.contains(part)) || has_words(&words(name), WORDS)
}

/// Whether all that stands under this name is flags.
pub(super) fn says_flags(name: &str) -> bool {
    let lower = name.to_lowercase().replace(['_', '.'], "-");
    LISTS.iter().any(|part| lower.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_so() {
        for name in
            ["FEATURE_CART", "NEW_CART_ENABLED", "cart.enabled", "enableCart", "DISABLE_CART", "IS_BETA", "FF_X"]
        {
            assert!(says_flag(name), "{name}");
        }
        for name in ["LOG_LEVEL", "USE_PROXY", "STUFF", "ENABLER"] {
            assert!(!says_flag(name), "{name}");
        }
        for (name, flags) in [
            ("feature-flags", true),
            ("config-features", true),
            ("shop.feature_toggles", true),
            ("open-feature-demo-env-flag-config", true),
            ("feature-config", true),
            ("shop-flag-values", true),
            ("flagd-config", false),
            ("feature-store", false),
            ("app-config", false),
        ] {
            assert_eq!(says_flags(name), flags, "{name}");
        }
    }
}
