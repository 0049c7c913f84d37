//! The grammar of APPROVERS.
