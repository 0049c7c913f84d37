//! What the strict reader refuses and where, and what it reads. Every row says all that is told about its text.

mod odd;
mod properties;
mod reads;
mod refuses;

use countersign::diagnostics::{Diagnostic, Diagnostics, Level};
use countersign::document::Node;
use countersign::document::yaml::{Syntax, read};

pub fn reading(bytes: &[u8], syntax: Syntax) -> (Option<Node>, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::of("flags/tax.yaml");
    let node = read(bytes, syntax, &mut diagnostics);
    (node, diagnostics.finish(bytes))
}

/// Lint, line and column of something that is told about a text.
pub type Told = (&'static str, u32, u32);

/// What a row is about, its text, and all that is told.
pub type Row<'r> = (&'r str, &'r [u8], &'r [Told]);

pub fn told(bytes: &[u8], syntax: Syntax) -> Vec<Told> {
    let (node, diagnostics) = reading(bytes, syntax);
    assert_eq!(node.is_none(), diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error));
    diagnostics
        .into_iter()
        .map(|diagnostic| (diagnostic.id.as_str(), diagnostic.place.line, diagnostic.place.column))
        .collect()
}

pub fn check(syntax: Syntax, rows: &[Row<'_>]) {
    let differing = |(name, bytes, expected): &Row<'_>| {
        let found = told(bytes, syntax);
        (found != *expected).then(|| format!("{name}: {found:?} instead of {expected:?}"))
    };
    let wrong: Vec<String> = rows.iter().filter_map(differing).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
