//! Remedies, followed to the letter: what a message says to write is written where it says so, and then nothing is
//! wrong.

use countersign::diagnostics::{Diagnostic, Diagnostics};
use countersign::flag::File;
use countersign::format::native::FORMAT;
use countersign::policy::{APPROVERS_PATH, CONFIG_PATH, Policy, PolicyFiles};

/// The acts of a person who follows a remedy; numbers count what stands in its backticks.
enum Follow {
    /// Writes that in the place of what is underlined.
    Write(usize),
    /// Writes the field that the remedy names, with the word it names.
    Field(usize, usize),
    /// Writes all that in the file, a line each.
    Fill,
    /// Deletes what is underlined.
    Delete,
    /// Deletes the line.
    DeleteLine,
    /// Puts that before the line.
    Before(usize),
    /// Writes that in the place of the line from what is underlined on.
    Rest(usize),
    /// Writes that in the place of the line.
    Line(usize),
    /// Keeps the first side of a conflict.
    FirstSide,
    /// Writes so many of the letters that are underlined.
    Shorten(usize),
}
use Follow::*;

const FLAG: &str = "flags/a.yaml";
const CONFIG: &str =
    "version: 1\nadmins: [\"@ann\", \"@bob\"]\nprojects:\n  p: {paths: [flags/], approvals: specific}\n";
const LINE: &str = "flags/ @ann\n";

/// A mistake in a flag, the configuration or APPROVERS.
fn wrong(path: &str, text: &str) -> Vec<Diagnostic> {
    if path == FLAG {
        let mut diagnostics = Diagnostics::of(path);
        let _ = FORMAT.flags_of(text.as_bytes(), path, &mut diagnostics);
        return diagnostics.finish(text);
    }
    let file = |name: &str, good: &str| Some(File::regular(name, if name == path { text } else { good }));
    let files = PolicyFiles {
        config: file(CONFIG_PATH, CONFIG),
        approvers: file(APPROVERS_PATH, LINE),
        formats: Vec::new(),
        trust: None,
    };
    let (policy, mut diagnostics) = Policy::read(&files);
    if let Some(policy) = policy {
        diagnostics.extend(policy.few_admins());
        diagnostics.extend(policy.few_approvers());
    }
    diagnostics
}

fn in_backticks(remedy: &str) -> Vec<&str> {
    remedy.split('`').skip(1).step_by(2).collect()
}

fn followed(text: &str, of: &Diagnostic, follow: &Follow) -> String {
    let said = in_backticks(&of.remedy);
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let at = usize::try_from(of.place.line).unwrap() - 1;
    let chars: Vec<char> = lines[at].chars().collect();
    let column = usize::try_from(of.place.column).unwrap() - 1;
    let end = (column + usize::try_from(of.place.width).unwrap()).min(chars.len());
    let [before, marked, after] = [&chars[..column], &chars[column..end], &chars[end..]].map(String::from_iter);
    match follow {
        Write(span) => lines[at] = format!("{before}{}{after}", said[*span]),
        Line(span) => lines[at] = said[*span].to_owned(),
        Rest(span) => lines[at] = format!("{before}{}", said[*span]),
        Field(name, word) => lines[at] = format!("{}: {}", said[*name], said[*word]),
        Fill => return format!("{}\n", said.join("\n")),
        Delete => lines[at] = format!("{before}{after}"),
        DeleteLine => drop(lines.remove(at)),
        Before(span) => lines[at] = format!("{before}{}{marked}{after}", said[*span]),
        Shorten(length) => lines[at] = format!("{before}{}{after}", &marked[..*length]),
        FirstSide => {
            let marks: Vec<&str> = said.clone();
            let mut keep = true;
            lines.retain(|line| {
                let mark = marks.iter().position(|mark| line.starts_with(mark));
                keep = match mark {
                    Some(0 | 3) => true,
                    Some(_) => false,
                    None => keep,
                };
                keep && mark.is_none()
            });
        }
    }
    lines.join("\n")
}

/// The file, the lint that is found first, words of the message or the remedy, and what a person does who follows the
/// remedy.
type Row = (&'static str, &'static str, &'static str, Follow);

#[test]
fn of_flags() {
    let long = "a".repeat(1_100);
    let long_key = format!("key: {long}\nkind: flag\nstate: inactive\n");
    let long_field = format!("{long}: 1\n");
    let rows: &[Row] = &[
        ("state: on", "ambiguous-scalar", "write `active`", Write(0)),
        ("state: Off", "ambiguous-scalar", "write `inactive`", Write(0)),
        ("state: \"on\"", "wrong-word", "write `active`", Write(0)),
        ("state: enabled", "wrong-word", "write `active`", Write(0)),
        ("state: running", "wrong-word", "write `active`", Write(0)),
        ("state: actve", "wrong-word", "write `active`", Write(0)),
        ("kind: experiment\nstate: on", "ambiguous-scalar", "write `running`", Write(0)),
        ("kind: experiment\nstate: active", "wrong-word", "write `running`", Write(0)),
        ("kind: toggle", "wrong-word", "write `flag`", Write(0)),
        ("enabled: true", "missing-field", "write `state` with one of", Field(0, 1)),
        ("state: active\nenabled: true", "unknown-field", "remove it, `state` is there for that", DeleteLine),
        ("state: active\nrollout: 20", "unknown-field", "write `rolloutPercentage`", Write(0)),
        ("state: active\npercentge: 20", "unknown-field", "write `rolloutPercentage`", Write(0)),
        ("state: active\nenvironments: [a]", "unknown-field", "write `deployments`", Write(0)),
        ("state: active\nfoo: 20", "unknown-field", "as a comment behind a `#`", Before(0)),
        ("state: active\nrolloutPercentage: 1e21", "ambiguous-scalar", "a number from 0 to 100", Write(0)),
        ("state: active\nrolloutPercentage: +20", "ambiguous-scalar", "in at most 15 plain digits", Write(0)),
        (
            "state: active\nrolloutWeights: {\"on\": 1e0}",
            "ambiguous-scalar",
            "of at least 0 in at most 15 plain digits",
            Write(0),
        ),
        ("state: active\nstickyBucketing: yes", "ambiguous-scalar", "write `true`", Write(0)),
        ("state: active\nname: yes", "ambiguous-scalar", "put it in quotes", Write(0)),
        ("state: active\nstartDate: 2026-1-2", "ambiguous-scalar", "write a date such as `2026-11-23`", Write(0)),
        ("state: active\nvariants: []", "no-variants", "write `state: inactive`", Line(1)),
        (
            "<<<<<<< HEAD\nstate: active\n=======\nstate: inactive\n>>>>>>> b",
            "conflict-marker",
            "nobody resolved",
            FirstSide,
        ),
    ];
    let key = |key: &str| format!("key: {key}\nkind: flag\nstate: inactive\n");
    let mut files: Vec<(String, &str, &str, &Follow)> = Vec::new();
    for (lines, id, says, follow) in rows {
        let mut text = String::from("key: a\n");
        for (field, line) in
            [("kind", "kind: flag\n"), ("state", "state: inactive\n"), ("variants", "variants: [{key: \"on\"}]\n")]
        {
            let missing = field == "state" && lines.starts_with("enabled");
            if !missing && !lines.contains(&format!("{field}: ")) {
                text.push_str(line);
            }
        }
        files.push((format!("{text}{lines}\n"), id, says, follow));
    }
    files.push((key("🚀"), "ambiguous-scalar", "ASCII letters", &Write(3)));
    files.push((key("\"🚀\""), "bad-key", "ASCII letters", &Shorten(0)));
    files.push((long_key, "bad-key", "1100 bytes", &Shorten(200)));
    files.push((format!("{}{long_field}", key("a")), "complex-key", "a key of 1100 bytes", &Shorten(1)));
    for (text, id, says, follow) in files {
        let found = wrong(FLAG, &text);
        let first = found.first().unwrap_or_else(|| panic!("nothing is wrong with {text}"));
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert_eq!(first.id.as_str(), id, "{text}");
        let message = format!("{}: {}", first.message, first.remedy);
        assert!(message.contains(says) && message.len() < 400, "{text}: {message}");
        // Letters that no remedy can choose: `a` for a key, half of a long field.
        let text = match follow {
            Shorten(0) => text.replace("🚀", "a"),
            Shorten(1) => text.replace(&long, "rolloutPercentage"),
            _ => followed(&text, first, follow),
        };
        assert_eq!(wrong(FLAG, &text), [], "{text}");
    }
}

#[test]
fn of_the_policy() {
    let rows: &[(&str, Row)] = &[
        (CONFIG_PATH, ("", "empty-file", "`projects: {all:", Fill)),
        (CONFIG_PATH, ("paths: [\"flags/a/*.{yaml,yml}\"]", "bad-pattern", "write one pattern for each", Rest(0))),
        (
            CONFIG_PATH,
            ("paths: [\"flags/[ab].yaml\"]", "bad-pattern", "`\"flags/a.yaml\"`, `\"flags/b.yaml\"`", Rest(1)),
        ),
        (CONFIG_PATH, ("paths: [\"./flags\"]", "bad-pattern", "write `flags`", Write(0))),
        (CONFIG_PATH, ("paths: [\"flags//a\"]", "bad-pattern", "write `flags/a`", Write(0))),
        (CONFIG_PATH, ("paths: ['flags\\a.yaml']", "bad-pattern", "write `flags/a.yaml`", Write(0))),
        (CONFIG_PATH, ("files: [\"flags/\"]", "missing-field", "write `paths`", Write(0))),
        (CONFIG_PATH, ("lock: {after: 2}", "wrong-type", "write a number of days, such as `14d`", Write(0))),
        (CONFIG_PATH, ("sections: {Pay: {only: [rollout]}}", "bad-section", "`sections` names `Pay`", DeleteLine)),
        (CONFIG_PATH, ("admins: []", "few-admins", "nobody is named", Rest(1))),
        (CONFIG_PATH, ("teams: {\"@acme/x\": []}", "empty-team", "has no members", DeleteLine)),
        (CONFIG_PATH, ("teams: {\"@acme/x\": [\"@ann\"]}", "unused-team", "is named by no line", DeleteLine)),
        (CONFIG_PATH, ("admins: [\"ann\", \"@bob\"]", "bad-approver", "write `\"@ann\"`", Write(0))),
        (CONFIG_PATH, ("approvals: owners", "wrong-word", "write `specific`", Write(0))),
        (CONFIG_PATH, ("distinct: yes", "ambiguous-scalar", "write `true`", Write(0))),
        (APPROVERS_PATH, ("flags/ @ann \\", "bad-approver", "a line does not go on in the next", Delete)),
        (APPROVERS_PATH, ("@acme/core", "bad-pattern", "names nobody", Rest(0))),
        (APPROVERS_PATH, ("flags/ https://github.com/ann", "bad-approver", "write `@ann`", Write(0))),
        (APPROVERS_PATH, ("flags/ github.com/orgs/acme/teams/core", "bad-approver", "write `@acme/core`", Write(0))),
        (
            APPROVERS_PATH,
            ("https://github.com/acme/x/blob/main/flags/ @ann", "bad-pattern", "an address, not a path", Write(0)),
        ),
        (APPROVERS_PATH, ("\"flags/my flag.yaml\" @ann", "bad-pattern", "without quotes", Write(0))),
        (APPROVERS_PATH, ("'flags/a.yaml' @ann", "bad-pattern", "without quotes", Write(0))),
        (APPROVERS_PATH, ("\"flags/a.yaml @ann", "bad-pattern", "without quotes", Write(0))),
        (APPROVERS_PATH, ("flags\\a.yaml @ann", "bad-pattern", "write `flags/a.yaml`", Write(0))),
        (APPROVERS_PATH, ("./flags/ @ann", "bad-pattern", "write `flags/`", Write(0))),
        (APPROVERS_PATH, ("- flags/ @ann", "bad-pattern", "a line starts with its path", Delete)),
        (APPROVERS_PATH, ("; a comment", "bad-pattern", "start a comment with `#`", Write(0))),
        (APPROVERS_PATH, ("flags/ = @ann", "bad-approver", "delete it", Delete)),
        (APPROVERS_PATH, ("flags/ @ann and @bob", "bad-approver", "stands between approvers", Delete)),
        (APPROVERS_PATH, ("flags/ @ann, @bob", "bad-approver", "write `@ann`", Write(0))),
        (APPROVERS_PATH, ("flags/ @ann,@bob", "bad-approver", "write `@ann @bob`", Write(0))),
        (APPROVERS_PATH, ("flags/ @ann (lead)", "bad-approver", "put a `#` before it", Before(1))),
        (APPROVERS_PATH, ("flags/ ann", "bad-approver", "write `@ann` if it is a name", Write(0))),
        (APPROVERS_PATH, ("[Pay] (2) @ann\nflags/", "bad-section", "`[Pay][2]`", Delete)),
        (APPROVERS_PATH, ("^ [Pay] @ann\nflags/", "bad-section", "`^[Pay] @ann`", Rest(0))),
        (
            APPROVERS_PATH,
            (
                "<<<<<<< HEAD\nflags/ @ann\n=======\nflags/ @bob\n>>>>>>> b",
                "conflict-marker",
                "nobody resolved",
                FirstSide,
            ),
        ),
    ];
    for (path, (lines, id, says, follow)) in rows {
        let name = lines.split(':').next().unwrap_or_default();
        let text = match *path {
            _ if lines.is_empty() => String::new(),
            APPROVERS_PATH => format!("{lines}\n"),
            // A line of the project, or one at the top in the place of its own.
            _ if ["paths", "files", "approvals"].contains(&name) => {
                let other = if name == "approvals" { "paths: [flags/]" } else { "approvals: specific" };
                format!("version: 1\nadmins: [\"@ann\", \"@bob\"]\nprojects:\n  p:\n    {other}\n    {lines}\n")
            }
            _ => {
                let rest: Vec<&str> = CONFIG.lines().filter(|line| !line.starts_with(name)).collect();
                format!("{}\n{lines}\n", rest.join("\n"))
            }
        };
        let found = wrong(path, &text);
        let first = found.first().unwrap_or_else(|| panic!("nothing is wrong with {text}"));
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert_eq!(first.id.as_str(), *id, "{text}");
        assert_ne!(first.place.line, 0, "{text}");
        let message = format!("{}: {}", first.message, first.remedy);
        assert!(message.contains(says), "{text}: {message}");
        let said = in_backticks(&first.remedy);
        let fixed = match (*id, follow) {
            // Patterns are a list already; each that is named stands in it.
            ("bad-pattern", Rest(_)) if said[0].starts_with('"') => {
                let at = text.rfind("paths:").unwrap();
                format!("{}paths: [{}]\n", &text[..at], said.join(", "))
            }
            ("bad-section", Delete) => text.replace("[Pay] (2)", said[0]),
            // It names itself, and with it the file that lacks the section.
            _ => followed(&text, first, follow),
        };
        let left = wrong(path, &fixed);
        // Filling an empty file makes a policy that has no admins yet, which is a warning of its own.
        let warned: Vec<&str> = left.iter().map(|one| one.id.as_str()).collect();
        let expected: &[&str] = if lines.is_empty() { &["few-admins"] } else { &[] };
        assert_eq!(warned, expected, "{fixed}: {left:#?}");
    }
}

/// The file whose word is wrong is the one that is reported, and not another that depends on its flag.
#[test]
fn the_cause_comes_first() {
    use std::collections::BTreeMap;
    let side = |state: &str| -> BTreeMap<String, File> {
        let parent = format!("key: parent\nkind: flag\nstate: {state}\nvariants: [{{key: a}}]\n");
        let child =
            "key: child\nkind: flag\nstate: active\nvariants: [{key: a}]\nparentDependencies: {flags: {parent: [a]}}\n";
        [(CONFIG_PATH, CONFIG), (APPROVERS_PATH, LINE), ("flags/parent.yaml", &parent), ("flags/child.yaml", child)]
            .into_iter()
            .map(|(path, text)| (path.to_owned(), File::regular(path, text)))
            .collect()
    };
    let report = crate::files::judge_files(&side("active"), &side("actve"), None, &[]).unwrap();
    let found: Vec<(&str, &str)> = report.diagnostics.iter().map(|one| (one.path.as_str(), one.id.as_str())).collect();
    assert_eq!(found, [("flags/parent.yaml", "wrong-word")]);
    let remedy = &report.diagnostics[0].remedy;
    assert!(remedy.starts_with("write `active`") && !remedy.contains("running"), "{remedy}");
}

#[test]
fn slips_of_yaml_that_are_followed() {
    const GOOD: &str = "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: new}]\nrolloutWeights: {new: 1}\n";
    for (from, slip, remedy, followed) in [
        ("kind: flag", "  kind: flag", "indent it as the keys around it", "kind: flag"),
        ("kind: flag", "kind:flag", "write a space behind it, as in `key: value`", "kind: flag"),
        ("kind: flag", "kind: flag\nname: 'it's'", "write `''` for a quote", "kind: flag\nname: 'it''s'"),
        ("kind: flag", "kind: flag\nname: 'it's'", "put all of it in double quotes", "kind: flag\nname: \"it's\""),
        ("kind: flag", "kind: flag\nname: \"a\" b", "delete what stands behind it", "kind: flag\nname: \"a\""),
        (
            "kind: flag",
            "kind: flag\nname: \"C:\\Users\"",
            "`\\\\` for a backslash",
            "kind: flag\nname: \"C:\\\\Users\"",
        ),
        ("kind: flag", "kind: flag\nname: - x", "the value in quotes", "kind: flag\nname: \"- x\""),
        ("kind: flag", "kind: flag\ntags: - x", "on lines of its own", "kind: flag\ntags:\n  - x"),
        ("kind: flag", "kind: flag\nname: [x] y", "put the whole value in quotes", "kind: flag\nname: \"[x] y\""),
        (
            "kind: flag",
            "kind: flag\nname: *bold*",
            "put it in quotes if it is a string",
            "kind: flag\nname: \"*bold*\"",
        ),
        (
            "{new: 1}",
            "{new: 1}\nrolloutPercentage: {{ pct }}",
            "what comes out of it",
            "{new: 1}\nrolloutPercentage: 10",
        ),
    ] {
        let first = &wrong(FLAG, &GOOD.replace(from, slip))[0];
        assert!(first.remedy.contains(remedy), "{slip}: {} {}", first.message, first.remedy);
        assert_eq!(wrong(FLAG, &GOOD.replace(from, followed)), [], "{followed}");
    }
}
