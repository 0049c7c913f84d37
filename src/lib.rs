//! Countersign: approvals for feature flags and experiments that live as files in git.

pub mod criticality;
pub mod flag;
pub mod format;
pub mod policy;
pub mod render;
pub mod repo;
pub mod report;
pub mod text;
