//! Every diagnostic that can be reported, one row each: its id, its level and what it means. The README's table,
//! `countersign rules` and the SARIF output are made from these rows.

use super::diagnostic::Level;

/// A kind of diagnostic.
#[derive(Debug, PartialEq, Eq)]
pub struct Lint {
    pub id: &'static str,
    pub level: Level,
    /// What is wrong and why it matters, in one sentence.
    pub about: &'static str,
}

macro_rules! lints {
    ($($name:ident, $id:literal, $level:ident, $about:literal;)*) => {
        $(pub const $name: &Lint = &Lint { id: $id, level: Level::$level, about: $about };)*
        /// All of them, in the order in which a file is read.
        pub const LINTS: &[&Lint] = &[$($name),*];
    };
}

lints! {
    // The tree: what stands under a managed path.
    NOT_A_FILE, "not-a-file", Error, "a symlink or submodule stands where a flag file should be, so what is reviewed is not what is read";
    CASE_COLLISION, "case-collision", Error, "two paths differ only in case, so one of them hides the other on some machines";
    PATH_CHARACTERS, "path-characters", Error, "a path is not UTF-8 or holds characters that cannot be shown as they are";
    NO_FORMAT, "no-format", Error, "a file under a managed path is in no format that can be read";
    TWO_PROJECTS, "two-projects", Error, "a file belongs to two projects, so two sets of approvers would be right";
    TWO_FORMATS, "two-formats", Error, "a file changes together with the format it is read in, so what is compared is not what will be read";
    NO_PROJECT, "no-project", Error, "a flag file in a named format belongs to no project, so nobody would be asked";
    CONFLICT, "conflict", Error, "the base branch and the proposal both changed a file, and git cannot merge them";
    LIVE_UNREADABLE, "live-unreadable", Warning, "the file on the base branch cannot be read, so what is replaced is not known and an admin has to approve it";
    TOO_MUCH, "too-much", Error, "more needs approval than one comment can show, so nobody could read what they approve";
    // The bytes.
    TOO_BIG, "too-big", Error, "a file is larger than any flag file has reason to be";
    NOT_UTF8, "not-utf8", Error, "a file is not UTF-8, so readers guess at what it says";
    BYTE_ORDER_MARK, "byte-order-mark", Error, "a file starts with a byte-order mark, which some readers take for text";
    LFS_POINTER, "lfs-pointer", Error, "the repository holds a pointer to the file, not the file";
    CONTROL_CHARACTER, "control-character", Error, "a control character that some readers take for a line break, or that cannot be seen";
    BIDI_CONTROL, "bidi-control", Error, "a bidirectional control makes an editor show something else than what is there";
    // The syntax.
    EMPTY_FILE, "empty-file", Error, "a flag file says nothing";
    SYNTAX, "syntax", Error, "a file is not well-formed YAML or JSON";
    TOO_DEEP, "too-deep", Error, "a file is nested deeper than any flag has reason to be";
    TOO_MANY_NODES, "too-many-nodes", Error, "a file holds more values than a flag file has reason to";
    DUPLICATE_KEY, "duplicate-key", Error, "a key stands twice in one map; readers differ in which of the two they take";
    ANCHOR, "anchor", Error, "an anchor or alias makes one place change what another says";
    MERGE_KEY, "merge-key", Error, "a merge key means something in YAML 1.1 and nothing in YAML 1.2";
    TAG, "tag", Error, "a tag makes readers construct different values, or run code";
    DIRECTIVE, "directive", Error, "a directive changes how the rest of the file is read";
    SEVERAL_DOCUMENTS, "several-documents", Error, "a file holds several documents; some readers take only the first";
    COMPLEX_KEY, "complex-key", Error, "a key is not a plain text";
    AMBIGUOUS_SCALAR, "ambiguous-scalar", Error, "a value or key without quotes that not all readers take for the same";
    READERS_DISAGREE, "readers-disagree", Error, "readers in use understand the layout of a file, or a value of its format, differently";
    // What a format has words for.
    MISSING_FIELD, "missing-field", Error, "a field that must be there is not";
    UNKNOWN_FIELD, "unknown-field", Warning, "a field no schema has a word for; on a live flag it needs approval";
    UNKNOWN_KEY, "unknown-key", Error, "a key the configuration has no word for, so what was meant would not hold";
    WRONG_TYPE, "wrong-type", Error, "a value is of another type than its field";
    WRONG_WORD, "wrong-word", Error, "a value is not one of the words its field allows";
    UNKNOWN_WORD, "unknown-word", Warning, "a value is none of the words known for its field";
    BAD_KEY, "bad-key", Error, "a key holds characters that keys cannot have or that look like others";
    BAD_DATE, "bad-date", Error, "a date is not an ISO 8601 date or date-time";
    OUT_OF_RANGE, "out-of-range", Error, "a number is outside of what its field can mean";
    DUPLICATE_ITEM, "duplicate-item", Error, "two variants have the same key or two segments the same name, so neither can be pointed at";
    // What it means.
    WEIGHTS_WITHOUT_VARIANT, "weights-without-variant", Error, "a weight names no variant of the flag";
    WEIGHTS_ALL_ZERO, "weights-all-zero", Error, "all weights are zero, so there is nothing to distribute";
    VARIANT_NAMED_OFF, "variant-named-off", Error, "`off` is reserved for users who get no variant";
    STICKY_LOCAL, "sticky-local", Error, "sticky bucketing does not exist in local evaluation";
    SCHEDULED_WITHOUT_START, "scheduled-without-start", Error, "a scheduled item has no start date";
    START_AFTER_END, "start-after-end", Error, "an item ends before it starts";
    SEGMENT_TAKES_EVERYONE, "segment-takes-everyone", Warning, "a segment without conditions takes every user, and segments below it take none";
    UNEVEN_SEGMENTS, "uneven-segments", Warning, "segments of one experiment distribute differently, which biases its results";
    TOO_MANY_INCLUSIONS, "too-many-inclusions", Error, "a variant includes more than 2,000 users by name";
    UNKNOWN_VARIANT, "unknown-variant", Error, "a field names a variant the flag does not have";
    UNKNOWN_EVALUATOR, "unknown-evaluator", Error, "targeting refers to a shared evaluator that the file does not have";
    MISSING_DEPENDENCY, "missing-dependency", Error, "a flag depends on one that its project does not have, or on a variant that one lacks";
    CYCLIC_DEPENDENCY, "cyclic-dependency", Error, "flags depend on each other in a circle";
    INACTIVE_DEPENDENCY, "inactive-dependency", Warning, "a live flag depends on one that is not live, so it reaches nobody";
    DEPENDENCY_MODE, "dependency-mode", Error, "a locally evaluated flag depends on a remotely evaluated one";
    DUPLICATE_FLAG, "duplicate-flag", Error, "the same key stands twice in one project; which one is served depends on who reads";
    FILE_NAME, "file-name", Warning, "a flag's file is not named after its key, so nobody finds it";
    // The policy.
    NO_CONFIG, "no-config", Error, "the base branch has no `.countersign/config.yaml`, so there is no policy to judge by";
    NO_APPROVERS, "no-approvers", Error, "a project asks for named approvers and the base branch has no `.countersign/APPROVERS`";
    BAD_PATTERN, "bad-pattern", Error, "a path pattern cannot match what its author meant";
    BAD_APPROVER, "bad-approver", Error, "an approver is neither `@user` nor `@org/team`";
    BAD_SECTION, "bad-section", Error, "a section heading of APPROVERS is malformed";
    SECTIONS_DIFFER, "sections-differ", Warning, "two headings of one section ask for different things, and the stricter holds";
    EMPTY_SECTION, "empty-section", Warning, "a section of APPROVERS has no line, so it asks for nothing";
    DUPLICATE_APPROVER, "duplicate-approver", Warning, "an approver stands twice on one line and counts once";
    BAD_RELAX, "bad-relax", Error, "a rule that cannot be relaxed, or one that does not exist";
    DEAD_PATTERN, "dead-pattern", Warning, "a pattern matches no file";
    SHADOWED_PATTERN, "shadowed-pattern", Warning, "a later line of the same section takes every path of this one";
    UNCOVERED_FLAG, "uncovered-flag", Error, "a live flag of a project with named approvers is covered by no line of APPROVERS";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct_and_every_row_has_a_reason() {
        let mut ids: Vec<_> = LINTS.iter().map(|lint| lint.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), LINTS.len());
        for lint in LINTS {
            assert!(lint.about.len() > 20 && !lint.about.ends_with('.'), "{}", lint.id);
        }
    }
}
