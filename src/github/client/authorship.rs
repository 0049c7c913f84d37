//! The accounts behind a commit.
//!
//! In: a commit as GitHub gives it. Out: an [`Authorship`]. A bot is named in three forms: its address belongs to no
//! account, to an account with `[bot]` in its login, or to one of the kind `Bot`. It refuses to believe a commit that
//! names nobody but bots, since anyone can write their addresses into one, unless GitHub itself made and signed it for
//! that bot. Not taken: the bot that opened the pull request as its author; anyone with write access may push to its
//! branch.

use super::raw::{RawActor, RawCommit};
use crate::github::facts::{AuthorGap, Authorship};

/// The account GitHub commits with when somebody presses a button; it writes nothing itself.
const WEB: &str = "web-flow";

/// An author or committer of a commit.
enum Actor {
    Person(String),
    /// An App, by its login with `[bot]`.
    Bot(String),
    /// GitHub, for somebody who is named besides.
    Web,
    Unknown,
}

pub(super) fn authorship(raw: RawCommit) -> (String, Authorship) {
    let listed = raw.authors.nodes.len() as u64 == raw.authors.total_count;
    let mut actors: Vec<Actor> = raw.authors.nodes.into_iter().map(|one| one.map_or(Actor::Unknown, actor)).collect();
    if actors.is_empty() {
        actors.push(Actor::Unknown);
    }
    actors.push(if raw.committed_via_web { Actor::Web } else { raw.committer.map_or(Actor::Unknown, actor) });
    let made_by_github = raw.signature.is_some_and(|signature| signature.is_valid && signature.was_signed_by_git_hub);
    let people = actors.iter().any(|one| matches!(one, Actor::Person(_)));
    let unknown = actors.iter().any(|one| matches!(one, Actor::Unknown));
    let logins: Vec<String> = actors
        .into_iter()
        .filter_map(|one| match one {
            Actor::Person(login) | Actor::Bot(login) => Some(login),
            Actor::Web | Actor::Unknown => None,
        })
        .collect();
    let gap = if unknown || !listed || logins.is_empty() {
        Some(AuthorGap::NoAccount)
    } else if !people && !made_by_github {
        Some(AuthorGap::UnsignedBot(logins.join(", ")))
    } else {
        None
    };
    (raw.oid, Authorship { logins, gap })
}

fn actor(raw: RawActor) -> Actor {
    match raw.user {
        Some(user) if user.login == WEB => Actor::Web,
        Some(user) if user.login.ends_with("[bot]") => Actor::Bot(user.login),
        Some(user) if user.kind == "Bot" => Actor::Bot(format!("{}[bot]", user.login)),
        Some(user) => Actor::Person(user.login),
        None => raw.email.as_deref().and_then(bot).map_or(Actor::Unknown, Actor::Bot),
    }
}

/// The login of the bot that GitHub made an address for: `49699333+dependabot[bot]@users.noreply.github.com`.
fn bot(email: &str) -> Option<String> {
    let name = email.strip_suffix("@users.noreply.github.com")?;
    let name = name.split_once('+').map_or(name, |(_, name)| name);
    let plain = name.strip_suffix("[bot]")?;
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (!plain.is_empty() && plain.bytes().all(letters)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const DEPENDABOT: &str = "49699333+dependabot[bot]@users.noreply.github.com";

    fn of(authors: &[Value], committer: &Value, web: bool, signed: Option<bool>) -> Authorship {
        let signature = signed.map(|by_github| json!({"isValid": true, "wasSignedByGitHub": by_github}));
        let raw = json!({
            "oid": "1", "committedViaWeb": web, "authors": {"totalCount": authors.len(), "nodes": authors},
            "committer": committer, "signature": signature,
        });
        authorship(serde_json::from_value(raw).unwrap()).1
    }

    fn known(logins: &[&str]) -> Authorship {
        Authorship { logins: logins.iter().map(|login| (*login).to_owned()).collect(), gap: None }
    }

    #[test]
    fn a_bot_in_each_of_its_forms() {
        let web = json!({"email": "noreply@github.com", "user": {"__typename": "User", "login": "web-flow"}});
        let jo = json!({"email": "jo@example.com", "user": {"__typename": "User", "login": "jo"}});
        let nobody = json!({"email": "x@nowhere.example", "user": null});
        for form in [
            json!({"email": DEPENDABOT, "user": null}),
            json!({"email": "dependabot[bot]@users.noreply.github.com", "user": null}),
            json!({"email": DEPENDABOT, "user": {"__typename": "User", "login": "dependabot[bot]"}}),
            json!({"email": DEPENDABOT, "user": {"__typename": "Bot", "login": "dependabot"}}),
        ] {
            let one = std::slice::from_ref(&form);
            assert_eq!(of(one, &web, true, Some(true)), known(&["dependabot[bot]"]), "{form}");
            assert_eq!(of(one, &form, false, Some(true)), known(&["dependabot[bot]", "dependabot[bot]"]), "{form}");
            // Anybody may have written these.
            for (committer, web, signed) in
                [(&web, true, None), (&form, false, None), (&form, false, Some(false)), (&web, false, None)]
            {
                let found = of(one, committer, web, signed);
                assert!(matches!(found.gap, Some(AuthorGap::UnsignedBot(_))), "{form} {committer} {found:?}");
            }
            // A person is named besides.
            assert_eq!(of(one, &jo, false, None), known(&["dependabot[bot]", "jo"]));
            let both = [jo.clone(), form.clone()];
            assert_eq!(of(&both, &jo, false, None), known(&["jo", "dependabot[bot]", "jo"]));
            let strange = [form.clone(), nobody.clone()];
            assert_eq!(of(&strange, &jo, false, Some(true)).gap, Some(AuthorGap::NoAccount));
        }
    }

    #[test]
    fn nobody_is_behind_an_address_of_github() {
        let web = json!({"email": "noreply@github.com", "user": {"__typename": "User", "login": "web-flow"}});
        assert_eq!(of(std::slice::from_ref(&web), &web, true, Some(true)).gap, Some(AuthorGap::NoAccount));
        for email in ["[bot]@users.noreply.github.com", "1+a b[bot]@users.noreply.github.com", "x[bot]@example.com"] {
            assert_eq!(bot(email), None, "{email}");
        }
    }
}
