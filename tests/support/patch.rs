//! Patches as `git diff` prints them, applied strictly: what a hunk takes away must be in the file exactly as it says.
//!
//! **In**: a patch and the files it applies to. **Out**: the files with the patch applied.
//! **Refuses**: a hunk whose old lines are in the file nowhere or at two places, and a line that is no part of a patch.
//! **Not taken**: fuzz. A patch that nearly fits would make a case about something else than its reader sees.
//!
//! Beyond what git prints: a bare `@@` needs no line numbers, a file that is deleted needs no hunk, and after a line
//! `escaped` the next file writes `\x00` for a byte, `\u{202e}` for a character and `\\` for a backslash.

use std::collections::BTreeMap;

use countersign::flag::{File, FileKind};

/// The files of one side by their path.
pub type Files = BTreeMap<String, File>;

/// The mistake of a patch and in which of its lines, counted from 0.
pub type Wrong = (usize, String);

/// Lines that git prints and that say nothing the rest of the patch does not say.
const PASSED_OVER: &[&str] =
    &["diff --git ", "index ", "similarity index ", "rename ", "deleted file mode ", "old mode "];

/// Applies a patch, file by file in its order.
pub fn apply(patch: &str, files: &mut Files) -> Result<(), Wrong> {
    let lines: Vec<&str> = patch.lines().collect();
    let (mut at, mut kind, mut mode, mut escaped) = (0, FileKind::Regular, None, false);
    while let Some(line) = lines.get(at) {
        if let Some(old) = line.strip_prefix("--- ") {
            let Some(new) = lines.get(at + 1).and_then(|line| line.strip_prefix("+++ ")) else {
                return Err((at, format!("`{line}` without a line `+++ b/…` below it")));
            };
            let (old, new) = (side(old, "a/", at)?, side(new, "b/", at + 1)?);
            let before = match old {
                Some(path) => Some(files.remove(path).ok_or_else(|| (at, format!("there is no `{path}` to patch")))?),
                None => None,
            };
            let known = before.as_ref().map(|file| (file.kind, file.mode)).filter(|_| mode.is_none());
            let (kind, mode) = known.unwrap_or((kind, mode.unwrap_or(kind.mode())));
            let bytes = before.map_or_else(Vec::new, |file| file.bytes);
            let end = (at + 2..lines.len()).find(|at| !in_hunk(lines[*at])).unwrap_or(lines.len());
            let bytes = hunks(&lines[at + 2..end], at + 2, &bytes, escaped)?;
            match new {
                Some(path) if files.contains_key(path) => return Err((at + 1, format!("`{path}` is there already"))),
                Some(path) => {
                    files.insert(path.to_owned(), File { kind, mode, ..File::regular(path, bytes) });
                }
                None if end > at + 2 && !bytes.is_empty() => {
                    return Err((at + 1, "the file is deleted, but not all of its lines are".to_owned()));
                }
                None => {}
            }
            at = end;
            escaped = false;
        } else if let Some(octal) = ["new mode ", "new file mode "].iter().find_map(|start| line.strip_prefix(start)) {
            let new = u32::from_str_radix(octal, 8).map_err(|_| (at, format!("`{octal}` is no mode")))?;
            (mode, kind) = (Some(new), if new == 0o120_000 { FileKind::Symlink } else { FileKind::Regular });
            at += 1;
            continue;
        } else if *line == "escaped" {
            escaped = true;
            at += 1;
            continue;
        } else if line.is_empty() || PASSED_OVER.iter().any(|start| line.starts_with(start)) {
            at += 1;
            continue;
        } else {
            return Err((at, format!("`{line}` is no part of a patch")));
        }
        (kind, mode) = (FileKind::Regular, None);
    }
    Ok(())
}

/// The path of a `---` or `+++` line, without the prefix that git gives it; `None` for a file that is not there.
fn side<'t>(name: &'t str, prefix: &str, at: usize) -> Result<Option<&'t str>, Wrong> {
    match name.strip_prefix(prefix) {
        Some(path) if !path.is_empty() => Ok(Some(path)),
        None if name == "/dev/null" => Ok(None),
        _ => Err((at, format!("`{name}` starts neither with `{prefix}` nor is it `/dev/null`"))),
    }
}

/// Whether a line belongs to the hunks of the file above it.
fn in_hunk(line: &str) -> bool {
    let marked = line.starts_with([' ', '+', '-', '\\']) || line.starts_with("@@");
    marked && !line.starts_with("--- a/") && line != "--- /dev/null"
}

/// The content of a file with its hunks applied.
fn hunks(lines: &[&str], first: usize, before: &[u8], escaped: bool) -> Result<Vec<u8>, Wrong> {
    let have: Vec<&[u8]> = before.split_inclusive(|byte| *byte == b'\n').collect();
    let (mut after, mut done, mut at) = (Vec::new(), 0, 0);
    while let Some(header) = lines.get(at) {
        let start = at;
        if !header.starts_with("@@") {
            return Err((first + at, "a hunk starts with a line `@@`".to_owned()));
        }
        let (mut old, mut new): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
        at += 1;
        while let Some(line) = lines.get(at).filter(|line| !line.starts_with("@@")) {
            let (sign, text) = line.split_at(1);
            let mut text = if escaped { unescape(text).map_err(|why| (first + at, why))? } else { text.into() };
            let ended = lines.get(at + 1).is_some_and(|next| next.starts_with('\\'));
            if !ended {
                text.push(b'\n');
            }
            match sign {
                " " => {
                    old.push(text.clone());
                    new.push(text);
                }
                "-" => old.push(text),
                "+" => new.push(text),
                _ => return Err((first + at, "a line without a sign".to_owned())),
            }
            at += if ended { 2 } else { 1 };
        }
        let place = place(&have, &old).map_err(|why| (first + start, why))?;
        if place < done {
            return Err((first + start, "the hunks are not in the order of the file".to_owned()));
        }
        if let Some(said) = numbers(header) {
            let new_at = after.split_inclusive(|byte| *byte == b'\n').count() + place - done;
            let from = |count: usize, at: usize| if count == 0 { at } else { at + 1 };
            let found = [from(old.len(), place), old.len(), from(new.len(), new_at), new.len()];
            if said != found {
                return Err((first + start, format!("the numbers of the hunk are {said:?}, expected {found:?}")));
            }
        }
        after.extend(have[done..place].concat());
        after.extend(new.concat());
        done = place + old.len();
    }
    after.extend(have[done..].concat());
    Ok(after)
}

/// The only place where a file has these lines.
fn place(have: &[&[u8]], old: &[Vec<u8>]) -> Result<usize, String> {
    if old.is_empty() {
        return if have.is_empty() { Ok(0) } else { Err("nothing says where the new lines belong".to_owned()) };
    }
    let fits = |at: &usize| have[*at..].iter().zip(old).all(|(have, old)| *have == old);
    let mut places = (0..(have.len() + 1).saturating_sub(old.len())).filter(fits);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
        (None, _) => Err("the file does not have these lines".to_owned()),
        (Some(_), Some(_)) => Err("the file has these lines at two places: add some around them".to_owned()),
    }
}

/// First line and count of lines, of both sides, as git writes them: `@@ -12,3 +12,4 @@`. `None` for a bare `@@`.
fn numbers(header: &str) -> Option<[usize; 4]> {
    let (old, new) = header.strip_prefix("@@ -")?.split(" @@").next()?.split_once(" +")?;
    let range = |text: &str| {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let ((old, old_count), (new, new_count)) = (range(old)?, range(new)?);
    Some([old, old_count, new, new_count])
}

/// The bytes that an escaped line stands for.
fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('\\') {
        bytes.extend(plain.as_bytes());
        let wrong = || format!("`\\{after}` is no escape: write `\\\\`, `\\x00` or `\\u{{202e}}`");
        rest = if let Some(after) = after.strip_prefix('\\') {
            bytes.push(b'\\');
            after
        } else if let Some((code, after)) = after.strip_prefix("u{").and_then(|after| after.split_once('}')) {
            let char = u32::from_str_radix(code, 16).ok().and_then(char::from_u32).ok_or_else(wrong)?;
            bytes.extend(char.encode_utf8(&mut [0; 4]).as_bytes());
            after
        } else {
            let code = after.strip_prefix('x').and_then(|after| after.get(..2)).ok_or_else(wrong)?;
            bytes.push(u8::from_str_radix(code, 16).map_err(|_| wrong())?);
            &after[3..]
        };
    }
    bytes.extend(rest.as_bytes());
    Ok(bytes)
}
