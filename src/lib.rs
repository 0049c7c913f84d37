//! Countersign: approvals for feature flags and experiments that live as files in git.

pub mod approval;
pub mod criticality;
pub mod diff;
pub mod flag;
pub mod format;
pub mod lint;
pub mod lock;
pub mod policy;
pub mod render;
pub mod repo;
pub mod report;
pub mod review;
pub mod rules;
pub mod text;
