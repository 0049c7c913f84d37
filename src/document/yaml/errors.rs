//! The YAML parser's errors, in the words of those who run into them.

use granit_parser::{ErrorKind, ScanError};

use super::profile::LONGEST_KEY;
use super::{TextDiagnostics, shown};
use crate::diagnostics::Lines;
use crate::diagnostics::lints;

/// Reports the error at which the parser gave up.
pub fn report(error: &ScanError, lines: &Lines<'_>, diagnostics: &mut TextDiagnostics<'_, '_>) {
    let at = error.marker().byte_offset().unwrap_or(0);
    let place = lines.place(at, at + 1);
    let (lint, message, remedy) = match error.kind() {
        ErrorKind::RecursionLimitExceeded => return diagnostics.too_deep(place),
        ErrorKind::DirectiveDisallowed => {
            (lints::DIRECTIVE, "a `%` directive changes how the rest of the file is read".to_owned(), "delete the line")
        }
        ErrorKind::UndeclaredTagHandle => (lints::TAG, "a tag that is declared nowhere".to_owned(), "remove the tag"),
        // The parser looks no farther than 1,024 bytes for the colon of a key.
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey if long_key(lines, place.line).is_some() => {
            let bytes = long_key(lines, place.line).unwrap_or_default();
            let message = format!("a key of {bytes} bytes, and some readers find no key in it");
            return diagnostics.add(lints::COMPLEX_KEY, place, message, format!("write at most {LONGEST_KEY} bytes"));
        }
        kind => {
            let slip = lines.line(place.line).and_then(|line| slip(kind, line, place.column));
            let (message, remedy) = slip.map_or_else(|| human(kind), |(message, help)| (message.to_owned(), help));
            (lints::SYNTAX, message, remedy)
        }
    };
    diagnostics.add(lint, place, message, remedy);
}

/// The message and the remedy where the line itself shows what happened. The error is in this column of it.
fn slip(kind: &ErrorKind, line: &str, column: u32) -> Option<(&'static str, &'static str)> {
    let before: String = line.chars().take(usize::try_from(column).unwrap_or_default().saturating_sub(1)).collect();
    let key = before.trim_start().trim_start_matches("- ");
    match kind {
        ErrorKind::MappingValueNotAllowed if !key.contains(": ") && before.starts_with(' ') => Some((
            "a key that is deeper than the line above, which has a value already",
            "indent it as the keys around it, or take the value away from the line above",
        )),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey if line.contains(':') && !line.contains(": ") => {
            Some(("a key and its value without a space behind the `:`", "write a space behind it, as in `key: value`"))
        }
        ErrorKind::ExpectedBlockMappingKey if before.trim_end().ends_with([']', '}']) => Some((
            "something behind the bracket that closes the value",
            "delete it, or put the whole value in quotes if it is a string",
        )),
        _ => None,
    }
}

/// How long the key of a line is, if that is too long.
fn long_key(lines: &Lines<'_>, line: u32) -> Option<usize> {
    let (key, _) = lines.line(line)?.split_once(':')?;
    Some(key.trim().len()).filter(|bytes| *bytes > LONGEST_KEY)
}

/// The message and the remedy of a syntax error.
fn human(kind: &ErrorKind) -> (String, &'static str) {
    let (message, remedy) = match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => ("a tab where YAML allows only spaces", "indent with spaces"),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            ("a string without its closing quote", "add the closing quote")
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            return (format!("a `{open}` that is not closed"), "add the closing bracket");
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("a `{open}` that is closed by `{close}`"), "close it with its own bracket");
        }
        ErrorKind::MisplacedFlowCollectionEnd => ("a closing bracket with none open", "delete it, or open one before"),
        ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence => ("the file ends before it is complete", "close what is open"),
        ErrorKind::ExpectedFlowMappingSeparator => ("`,` or `}` was expected here", "add a comma, or close the map"),
        ErrorKind::ExpectedFlowSequenceSeparator => ("`,` or `]` was expected here", "add a comma, or close the list"),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            ("a `:` where no key can stand", "put a string that holds `: ` in quotes, or start a new line")
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            ("a line that should be `key: value` has no `:`", "add the `:` after the key")
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => {
            ("the indentation fits no line above", "indent keys of one map alike")
        }
        ErrorKind::ExpectedBlockSequenceEntry => ("a `- ` was expected here", "indent items of one list alike"),
        ErrorKind::InvalidTrailingSingleQuotedScalar => (
            "something behind the quote that closes the string",
            "write `''` for a quote inside of the string, or put all of it in double quotes",
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "something behind the quote that closes the string",
            "write `\\\"` for a quote inside of the string, or delete what stands behind it",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed => (
            "a `- ` behind something else in its line",
            "put the list on lines of its own below its key, or the value in quotes if it is a string",
        ),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidUnicodeEscape => {
            ("an escape that YAML does not know", "write `\\\\` for a backslash, or use single quotes")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            return (format!("`{}` cannot start a string", character.escape_debug()), "put it in quotes");
        }
        other => return (format!("not well-formed YAML: {}", shown(&other.to_string())), "rewrite the line"),
    };
    (message.to_owned(), remedy)
}
