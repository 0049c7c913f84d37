//! Words of the policy that are no approver and no path: what was meant, so that a message can say what to write.
//!
//! In: a word that could not be read. Out: the word to write instead, or a [`Misread`]. Refuses: to read one for the
//! other; the line counts as it is written. Not taken: skipping the line, as CODEOWNERS does.

use super::approver::Approver;
use super::misread::Misread;
use crate::diagnostics::words::in_backticks;

/// Signs around a name that are no part of it.
const AROUND: &[char] = &['"', '\'', '`', '(', ')', '<', '>', '[', ']', '{', '}', ',', ';', ':', '.', '!', '|'];

/// The approver that somebody meant who wrote this, as it is written.
pub fn approver(text: &str) -> Option<String> {
    let bare = text.trim_matches(AROUND);
    let names: Vec<&str> = bare.split([',', ';', '|', '&', '+']).map(|name| name.trim_matches(AROUND)).collect();
    if names.len() > 1 {
        let all = names.iter().all(|name| name.starts_with('@') && Approver::read(name).is_ok());
        return all.then(|| names.join(" "));
    }
    if let Some(path) = of_address(bare.trim_start_matches('@')) {
        let name = match path.as_slice() {
            [user] => format!("@{user}"),
            ["orgs", org, "teams", team] => format!("@{org}/{team}"),
            _ => return None,
        };
        return Approver::read(&name).is_ok().then_some(name);
    }
    let name = if bare.starts_with('@') { bare.to_owned() } else { format!("@{bare}") };
    Approver::read(&name).is_ok().then_some(name)
}

/// The path of the address of a page of a forge, part by part; without `https://` only a team's is known for one.
fn of_address(text: &str) -> Option<Vec<&str>> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let (host, path) = rest.unwrap_or(text).split_once('/')?;
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    (rest.is_some() || host.contains('.') && parts.first() == Some(&"orgs")).then_some(parts)
}

/// The misread of a word in the place of an approver that has no `@`.
pub(super) fn without_at(text: &str) -> Misread {
    let neither = || format!("{} is neither `@user` nor `@org/team`", in_backticks(text));
    let plain = |c: char| c.is_alphanumeric();
    match approver(text) {
        _ if text == "\\" => Misread::new(
            "`\\` at the end of a line, and a line does not go on in the next",
            "delete it, and name everybody on this line",
        ),
        _ if ["and", "or", "&", "|", ",", "+"].contains(&text) => Misread::new(
            format!("{} stands between approvers, any of whom may approve", in_backticks(text)),
            "delete it, and write names apart by spaces",
        ),
        _ if !text.chars().any(plain) => Misread::new(neither(), "delete it"),
        Some(name) if text.starts_with(['(', '<', '{']) && !text.contains('@') => {
            let remedy =
                format!("write {} if it is a name, or put a `#` before it if it is a comment", in_backticks(&name));
            Misread::new(neither(), remedy)
        }
        // A name with signs around it, or the address of its page.
        Some(name) if name.trim_start_matches('@') != text => {
            Misread::new(neither(), format!("write {}", in_backticks(&name)))
        }
        _ if text.contains("://") => {
            let remedy = "name the account as `@user` or its team as `@org/team`";
            Misread::new(format!("{} is an address, not an account", in_backticks(text)), remedy)
        }
        _ if text.contains('@') => Misread::new(
            format!(
                "{} is an e-mail address, and no account can be checked against it to see who may respond",
                in_backticks(text)
            ),
            "name the account as `@user` or its team as `@org/team`",
        ),
        Some(name) => {
            let remedy = format!(
                "write {} if it is a name, or `\\ ` for each space that belongs to the path",
                in_backticks(&name)
            );
            Misread::new(neither(), remedy)
        }
        None if text.contains(['/', '.', '*']) => Misread::new(
            neither(),
            "put each path on a line of its own, or write `\\ ` for each space that belongs to it",
        ),
        None => Misread::new(
            neither(),
            "put a `#` before it if it is a comment, or write `\\ ` for each space that belongs to the path",
        ),
    }
}

/// The misread of a word in the place of a path that cannot be meant as one, though it could match.
pub(super) fn pattern(text: &str, alone: bool) -> Option<Misread> {
    let path = |c: char| c.is_alphanumeric() || matches!(c, '*' | '?' | '.' | '_' | '\\' | '!');
    // With approvers behind it, it may be the path of a folder such as `@types`.
    if alone && Approver::read(text).is_ok() {
        let name = in_backticks(text);
        return Some(Misread::new(
            format!("{name} stands where the path should, and names nobody"),
            format!("write the path before it, such as `** {text}`, or `/{text}` if it is a path"),
        ));
    }
    if let Some((_, rest)) = text.split_once("://") {
        let mut parts = rest.splitn(6, '/').skip(3);
        let below = matches!(parts.next(), Some("blob" | "tree")).then(|| parts.nth(1)).flatten();
        let remedy = match below {
            Some(path) => format!("write the path in the repository: {}", in_backticks(&format!("/{path}"))),
            None => "write the path in the repository, such as `/flags/`".to_owned(),
        };
        return Some(Misread::new(format!("{} is an address, not a path", in_backticks(text)), remedy));
    }
    // `/` alone has a message of its own.
    if text.chars().any(path) || text.is_empty() || text == "/" {
        return None;
    }
    let remedy = match text {
        "//" | ";" | "--" | "/*" => "start a comment with `#`",
        _ => "delete it: a line starts with its path",
    };
    Some(Misread::new(format!("{} is no path", in_backticks(text)), remedy))
}

/// The misread of a path in quotes, which would be a part of it; the line from the quote on.
pub(super) fn quoted(rest: &str) -> Option<(usize, Misread)> {
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    let inner = rest.get(1..)?;
    let (path, length) = match inner.find(quote) {
        Some(end) => (inner.get(..end)?, end + 2),
        None => (inner.split([' ', '\t']).next()?, 1 + inner.find([' ', '\t']).unwrap_or(inner.len())),
    };
    let unquoted = path.replace(' ', "\\ ");
    let message = format!("{} would be a path with quotes in its name", in_backticks(rest.get(..length)?));
    Some((length, Misread::new(message, format!("write it without quotes: `{unquoted}`"))))
}

/// At most so many patterns are written out for one with alternatives.
const MOST: usize = 8;

/// The patterns that one with `{a,b}` or `[ab]` stands for in other tools, if they are few.
pub fn alternatives(text: &str) -> Option<Vec<String>> {
    let mut patterns = vec![String::new()];
    let mut rest = text;
    while let Some(open) = rest.find(['{', '[']) {
        let (before, after) = rest.split_at(open);
        let (close, braces) = if after.starts_with('{') { ('}', true) } else { (']', false) };
        let (inner, behind) = after.get(1..)?.split_once(close)?;
        let choices: Vec<String> = if braces {
            inner.split(',').map(str::to_owned).collect()
        } else {
            inner.chars().map(String::from).collect()
        };
        let nested =
            inner.contains(['{', '[', '-', '!', '^', '\\', '/']) && !braces || inner.contains(['{', '[', '\\']);
        if nested || choices.is_empty() || choices.len() * patterns.len() > MOST || before.ends_with('\\') {
            return None;
        }
        let each = |start: &String| -> Vec<String> {
            choices.iter().map(|choice| format!("{start}{before}{choice}")).collect()
        };
        patterns = patterns.iter().flat_map(each).collect();
        rest = behind;
    }
    (patterns.len() > 1).then(|| patterns.iter().map(|start| format!("{start}{rest}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_were_meant() {
        for (text, name) in [
            ("ann", Some("@ann")),
            ("@ann,", Some("@ann")),
            ("(@ann)", Some("@ann")),
            ("@ann,@bob", Some("@ann @bob")),
            ("https://github.com/ann", Some("@ann")),
            ("https://git.acme.example/ann", Some("@ann")),
            ("@https://github.com/ann/", Some("@ann")),
            ("github.com/orgs/acme/teams/core", Some("@acme/core")),
            ("https://github.com/acme/core", None),
            ("acme/core", Some("@acme/core")),
            ("ann@example.com", None),
            ("flags/x.yaml", None),
        ] {
            assert_eq!(approver(text).as_deref(), name, "{text}");
        }
    }

    #[test]
    fn alternatives_that_were_meant() {
        let of = |text| alternatives(text).unwrap_or_default().join(" ");
        assert_eq!(of("f/*.{yaml,yml}"), "f/*.yaml f/*.yml");
        assert_eq!(of("{a,b}/[xy].yaml"), "a/x.yaml a/y.yaml b/x.yaml b/y.yaml");
        for none in ["f/*.yaml", "[a-z].yaml", "{a,{b,c}}", "{a", "\\{a,b}", "[0123456789]"] {
            assert_eq!(alternatives(none), None, "{none}");
        }
    }
}
