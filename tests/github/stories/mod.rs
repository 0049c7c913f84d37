//! The stories, by what they are about.

mod plain;
mod moved;
