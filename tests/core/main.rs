//! Everything that needs no git and no network: the decision, what it is written as, and the rules of the house.

#[path = "../support/case_file.rs"]
mod case_file;
#[path = "../support/files.rs"]
mod files;
#[path = "../support/patch.rs"]
mod patch;
#[path = "../support/tool.rs"]
mod tool;

mod approvers;
mod cases;
mod configuration;
mod covers;
mod drafts;
mod examples;
mod fields;
mod flagd;
mod html;
mod impact;
mod lints;
mod mapped;
mod one_run;
mod placeholders;
mod policy_change;
mod privileges;
mod properties;
mod remedies;
mod render;
mod rewrite;
mod schemas;
#[path = "../strict/main.rs"]
mod strict;
mod threats;
mod thresholds;
mod walls;
mod wild;
mod words;
