//! The law of a repository: who may approve what (`APPROVERS`) and how projects are run (`config.yaml`).

pub mod approvers;
pub mod pattern;
