//! Structured text, read strictly: YAML, JSON and TOML into one tree in which every value knows its place.
//!
//! In: the bytes of a file and its path. Out: a [`Node`] or [`Diagnostic`](crate::diagnostics::Diagnostic)s, all of
//! them. It refuses whatever two readers could understand differently, since an approval of a string is worth nothing
//! if the service that loads it reads another. Not taken: deserialising straight into types, which loses places and
//! stops at the first error.

pub mod alignment;
pub mod canonical;
pub mod date;
pub mod decimal;
pub mod field;
pub mod inline;
pub mod items;
mod json;
pub mod node;
pub mod schema;
pub mod shape;
mod split;
pub mod synonyms;
pub mod toml;
mod unknown;
pub mod yaml;

pub use decimal::Decimal;
pub use field::{Display, Field, FieldImpact, Role};
pub use node::{Data, Entry, Map, Node};
pub use shape::Shape;
