//! Which of the changes matter: a class for each, and the rule it falls under.

pub mod rules;
