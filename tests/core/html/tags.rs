//! A page, read strictly: stricter than any browser, so that whatever passes is read alike by all of them.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

/// Every element a report may have, with the attributes it may have.
const KNOWN: &[&str] = &[
    "html lang",
    "head",
    "meta charset http-equiv name content",
    "title",
    "style",
    "body",
    "header",
    "main",
    "footer",
    "article class id aria-labelledby",
    "section class id aria-label aria-labelledby",
    "h1",
    "h2 id",
    "h3",
    "h4",
    "p class",
    "div class",
    "span class aria-hidden",
    "strong class",
    "b",
    "a href rel",
    "code class",
    "ins",
    "del",
    "mark",
    "wbr",
    "ul class aria-label",
    "li class",
    "dl class",
    "dt",
    "dd",
    "details class open",
    "summary",
    "table class",
    "caption class",
    "thead",
    "tbody",
    "tr",
    "th scope",
    "td",
    "svg class role aria-label aria-hidden focusable viewBox preserveAspectRatio",
    "rect class x y width height",
    "path class d",
];

const VOID: &[&str] = &["meta", "wbr"];

/// The attributes whose values may hold something of theirs: they are read aloud and do nothing.
const SAID: &[&str] = &["aria-label"];

struct Tag<'p> {
    name: &'p str,
    closes: bool,
    attributes: Vec<(&'p str, &'p str)>,
}

/// The text of the only element of this name, markup left out.
pub fn text_of(page: &str, name: &str) -> String {
    let mut found = texts_of(page, name);
    assert_eq!(found.len(), 1, "{name}");
    found.remove(0)
}

pub fn texts_of(page: &str, name: &str) -> Vec<String> {
    let (start, end) = (format!("<{name}"), format!("</{name}>"));
    let inside = page.split(&start).skip(1).filter(|rest| rest.starts_with(['>', ' ']));
    let inside = inside.filter_map(|rest| rest.split_once('>')?.1.split_once(&end));
    inside
        .map(|(markup, _)| markup.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect())
        .collect()
}

/// The first thing that is wrong with a page.
pub fn wrong(page: &str) -> Option<String> {
    read(page).err()
}

fn read(page: &str) -> Result<(), String> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").ok_or("no doctype")?;
    let (mut open, mut ids, mut links, mut policy): (Vec<&str>, BTreeSet<&str>, Vec<&str>, Option<&str>) =
        (Vec::new(), BTreeSet::new(), Vec::new(), None);
    loop {
        let (text, after) = rest.split_once('<').unwrap_or((rest, ""));
        check_text(text)?;
        if after.is_empty() {
            break;
        }
        let (tag, after) = tag(after)?;
        rest = after;
        if tag.closes {
            if open.pop() != Some(tag.name) {
                return Err(format!("</{}> closes nothing", tag.name));
            }
            continue;
        }
        known(&tag)?;
        for (name, value) in &tag.attributes {
            match *name {
                "id" if !ids.insert(value) => return Err(format!("two of {value}")),
                "href" if is_out(value) && tag.attributes.contains(&("rel", "noreferrer")) => {}
                "href" => links.push(value.strip_prefix('#').ok_or_else(|| format!("a link to {value}"))?),
                _ => {}
            }
        }
        if tag.attributes.contains(&("http-equiv", "Content-Security-Policy")) {
            policy = tag.attributes.iter().find(|(name, _)| *name == "content").map(|(_, value)| *value);
        }
        if tag.name == "style" {
            let (style, after) = rest.split_once("</style>").ok_or("a style without an end")?;
            check_policy(policy, style)?;
            rest = after;
        } else if !VOID.contains(&tag.name) {
            open.push(tag.name);
        }
    }
    if let Some(left) = open.pop() {
        return Err(format!("<{left}> is never closed"));
    }
    links.into_iter().find(|link| !ids.contains(link)).map_or(Ok(()), |link| Err(format!("a link to nothing: {link}")))
}

/// The address of the pull request, its author or its repository.
fn is_out(address: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ":/.-_?=#%".contains(c);
    address.starts_with("https://") && address.chars().all(plain)
}

/// Escaped, and nothing in it that moves, hides or reorders.
fn check_text(text: &str) -> Result<(), String> {
    let mut entities = text.split('&');
    entities.next();
    for entity in entities {
        if !["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)) {
            return Err(format!("a bare & in {text:?}"));
        }
    }
    if text.contains('>') {
        return Err(format!("a bare > in {text:?}"));
    }
    let acts = |c: char| {
        c != '\n' && c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
    };
    text.chars().find(|c| acts(*c)).map_or(Ok(()), |c| Err(format!("{c:?} in {text:?}")))
}

/// `name` or `/name` and attributes in double quotes with one blank between, and nothing else.
fn tag(text: &str) -> Result<(Tag<'_>, &str), String> {
    let bad = || format!("not a tag: <{:?}", text.chars().take(60).collect::<String>());
    let (inside, closes) = text.strip_prefix('/').map_or((text, false), |rest| (rest, true));
    let end = inside.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit()).ok_or_else(bad)?;
    let (name, mut rest) = inside.split_at(end);
    let mut attributes = Vec::new();
    while let Some(more) = rest.strip_prefix(' ').filter(|_| !closes) {
        let (key, value) = more.split_once("=\"").ok_or_else(bad)?;
        let (value, after) = value.split_once('"').ok_or_else(bad)?;
        let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
        if !plain || value.contains('<') {
            return Err(bad());
        }
        check_text(value)?;
        attributes.push((key, value));
        rest = after;
    }
    let rest = rest.strip_prefix('>').ok_or_else(bad)?;
    if name.is_empty() { Err(bad()) } else { Ok((Tag { name, closes, attributes }, rest)) }
}

fn known(tag: &Tag<'_>) -> Result<(), String> {
    let words = KNOWN.iter().map(|row| row.split(' ').collect::<Vec<_>>()).find(|row| row[0] == tag.name);
    let words = words.ok_or_else(|| format!("a stranger: <{}>", tag.name))?;
    for (name, value) in &tag.attributes {
        if !words[1..].contains(name) {
            return Err(format!("a stranger: <{} {name}>", tag.name));
        }
        let ours = |c: char| c.is_ascii_alphanumeric() || " -#.%".contains(c);
        let head = tag.name == "meta";
        let out = *name == "href" && is_out(value);
        if !head && !out && !SAID.contains(name) && !value.chars().all(ours) {
            return Err(format!("<{} {name}=\"{value}\"> is not ours", tag.name));
        }
    }
    Ok(())
}

/// Nothing but this style, by its hash.
fn check_policy(policy: Option<&str>, style: &str) -> Result<(), String> {
    let hash = base64(&Sha256::digest(style.as_bytes()));
    let expected = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    if policy == Some(&expected) { Ok(()) } else { Err(format!("the policy is {policy:?}, not {expected:?}")) }
}

/// RFC 4648, bit by bit, so that a mistake in the other one is none here.
fn base64(bytes: &[u8]) -> String {
    let digits: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    let digit = |six: &[u8]| digits[(0..6).fold(0, |sum, at| sum * 2 + usize::from(*six.get(at).unwrap_or(&0)))];
    let mut text: String = bits.chunks(6).map(digit).collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}
