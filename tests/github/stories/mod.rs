//! The stories, by what they are about.

mod moved;
mod plain;
