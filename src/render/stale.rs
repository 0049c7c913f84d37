//! The differences since an approval that no longer counts, in sentences.

use crate::diagnostics::words::{short, whole_in_backticks};
use crate::report::{ContentKind, SinceApproval, SinceChange};

/// Characters of a value around the place where two differ.
const AROUND: usize = 24;

/// Characters of a value that is shown whole, or of its middle.
const WHOLE: usize = 160;

/// "approved `1a2b3c4d`".
#[must_use]
pub fn approved(one: &SinceApproval) -> String {
    format!("approved {}", short(&one.digest).escape_debug())
}

/// A sentence for each difference, without its full stop, names and values in backticks.
#[must_use]
pub fn sentences(one: &SinceApproval) -> Vec<String> {
    match &one.unknown {
        Some(why) => vec![format!("what changed since is not known: {why}")],
        None => one.changes.iter().map(sentence).collect(),
    }
}

fn sentence(change: &SinceChange) -> String {
    let what = match change.kind {
        ContentKind::Location => "its place".to_owned(),
        ContentKind::FileMode => "its file mode".to_owned(),
        ContentKind::Rules => "the rules that ask".to_owned(),
        ContentKind::Field | ContentKind::File => format!("`{}`", change.name.escape_debug()),
        ContentKind::Impact => "the impact".to_owned(),
    };
    // A sentence of our own is no value.
    if change.kind == ContentKind::Impact && change.approved_after != change.after {
        return format!("the impact: approved as {}, now {}", change.approved_after, change.after);
    }
    let differ = |old: &str, new: &str| {
        let (old, new) = middles(old, new);
        format!("{} and is {} now", quoted(&old), quoted(&new))
    };
    let base = (change.approved_before != change.before)
        .then(|| format!("on the base branch it was {}", differ(&change.approved_before, &change.before)));
    let proposed = (change.approved_after != change.after)
        .then(|| format!("it was approved as {}", differ(&change.approved_after, &change.after)));
    let said: Vec<String> = proposed.into_iter().chain(base).collect();
    if said.is_empty() {
        return format!("{what}: another one than was displayed");
    }
    format!("{what}: {}", said.join("; "))
}

fn quoted(value: &str) -> String {
    if value.is_empty() { "absent".to_owned() } else { whole_in_backticks(value) }
}

/// Two values; of long ones the part in which they differ, with dots for the rest.
fn middles(old: &str, new: &str) -> (String, String) {
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    if old.len() <= WHOLE && new.len() <= WHOLE {
        return (old.into_iter().collect(), new.into_iter().collect());
    }
    let above = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - above;
    let below = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let cut = |value: &[char]| {
        let (from, to) = (above.saturating_sub(AROUND), (value.len() - below + AROUND).min(value.len()));
        let shown: String = value.iter().skip(from).take((to - from).min(WHOLE)).collect();
        let (start, end) =
            (if from > 0 { "…" } else { "" }, if from + WHOLE < to || to < value.len() { "…" } else { "" });
        format!("{start}{shown}{end}")
    };
    (cut(&old), cut(&new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_values_the_middle() {
        let long = |middle: &str| format!("{}{middle}{}", "a".repeat(300), "z".repeat(300));
        let (old, new) = middles(&long("1"), &long("22"));
        assert_eq!(old, format!("…{}1{}…", "a".repeat(24), "z".repeat(24)));
        assert_eq!(new, format!("…{}22{}…", "a".repeat(24), "z".repeat(24)));
        assert_eq!(middles("1", "2"), ("1".to_owned(), "2".to_owned()));
        let (old, new) = middles("", &"b".repeat(400));
        assert_eq!((old, new), (String::new(), format!("{}…", "b".repeat(160))));
        assert_eq!(middles(&"é".repeat(200), &"é".repeat(201)).1.chars().count(), 26);
    }
}
