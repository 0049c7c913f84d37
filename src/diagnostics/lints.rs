//! Every diagnostic that can be reported, one row each: its id, its level, the files whose checks find it, and its
//! meaning.
//!
//! In: nothing. Out: [`LINTS`], from which the tables of `docs/lints.md`, `countersign rules` and the SARIF output are
//! made. It refuses an id that is not in the table: only this file can make a [`LintId`]. **A new lint is one row
//! here**, and its check in the file that the row names; a test reads that file and looks for the lint.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::diagnostic::Level;

/// The id of a lint. Only the rows of [`LINTS`] make one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(transparent)]
pub struct LintId(&'static str);

impl LintId {
    /// Whether a file that has it is empty, or of another kind than its reader reads.
    #[must_use]
    pub fn tells_of_another_file(self) -> bool {
        [EMPTY_FILE, MISSING_FIELD].iter().any(|lint| lint.id == self)
    }

    /// The id as people and JSON have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for LintId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A plain string: the schema of the contract has no list of the ids, which grows without a new version.
impl JsonSchema for LintId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "LintId".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// A kind of diagnostic.
#[derive(Debug, PartialEq, Eq)]
pub struct Lint {
    pub id: LintId,
    pub level: Level,
    /// The files below `src/` that find it and nobody else.
    pub found_in: &'static [&'static str],
    /// Whether only a comparison shows it, and no file by itself.
    pub of_a_comparison: bool,
    /// The lint in words, and why it matters, in one sentence.
    pub about: &'static str,
}

macro_rules! lints {
    ($($name:ident, $id:literal, $level:ident, $found_in:expr, $($scope:ident,)? $about:literal;)*) => {
        $(pub const $name: &Lint = &Lint {
            id: LintId($id),
            level: Level::$level,
            found_in: &$found_in,
            of_a_comparison: lints!(@ $($scope)?),
            about: $about,
        };)*
        /// All of them, in the order in which a file is read.
        pub const LINTS: &[&Lint] = &[$($name),*];
    };
    (@) => { false };
    (@ OfAComparison) => { true };
}

lints! {
    // The tree: what stands under a managed path.
    NOT_A_FILE, "not-a-file", Error, ["policy/mod.rs", "review/read.rs"], "a symlink or submodule stands where a flag \
        file should be, so the reviewed content is not the one that is read";
    CASE_COLLISION, "case-collision", Error, ["git/inputs.rs", "review/cross_checks.rs"], "two paths differ only in \
        case, so one of them hides the other on some machines";
    PATH_CHARACTERS, "path-characters", Error, ["review/read.rs"], "a path is not UTF-8 or holds characters that \
        cannot be shown as they are";
    NO_FORMAT, "no-format", Error, ["review/read.rs"], "a file under a managed path is in no format that can be read";
    TWO_PROJECTS, "two-projects", Error, ["review/managed_files.rs"], "a file belongs to two projects, so two sets of \
        approvers would be right";
    TWO_MAPPINGS, "two-mappings", Error, ["review/managed_files.rs"], "two mappings take one file, and what they make \
        of it may differ";
    TWO_FORMATS, "two-formats", Error, ["review/managed_files.rs"], OfAComparison, "a file changes together with the \
        format it is read in, so the compared content is not the one that will be read";
    CONFLICT, "conflict", Error, ["review/read.rs"], OfAComparison, "the base branch and the proposal both changed a \
        file, and git cannot merge them";
    LIVE_UNREADABLE, "live-unreadable", Warning, ["review/read.rs"], OfAComparison, "the file on the base branch \
        cannot be read, so its flags are unknown and an admin has to approve the change";
    TOO_MUCH, "too-much", Error, ["review/size.rs"], OfAComparison, "more needs approval than one comment can show, so \
        approvers could not read all of it";
    OVER_BUDGET, "over-budget", Error, ["diagnostics/budgets.rs", "git/compare.rs", "git/inputs.rs"], OfAComparison, "a proposal has more of something than is judged, so that nobody can keep the judge busy";
    MORE_DIAGNOSTICS, "more-diagnostics", Warning, ["diagnostics/diagnostic.rs"], "a file has more diagnostics than \
        anybody reads, and only the first are listed";
    // The bytes.
    TOO_BIG, "too-big", Error, ["document/yaml/characters.rs", "format/mapped/read.rs", "policy/grammar.rs", "policy/mod.rs", "review/covers.rs", "review/read.rs"], "a file is larger than any flag file has reason to be";
    NOT_UTF8, "not-utf8", Error, ["document/yaml/characters.rs", "policy/grammar.rs"], "a file is not UTF-8, so \
        readers guess at what it says";
    BYTE_ORDER_MARK, "byte-order-mark", Error, ["document/yaml/characters.rs", "policy/grammar.rs"], "a file starts \
        with a byte-order mark, which some readers take for text";
    LFS_POINTER, "lfs-pointer", Error, ["document/yaml/characters.rs"], "the repository holds a pointer to the file, \
        not the file";
    CONTROL_CHARACTER, "control-character", Error, ["document/yaml.rs", "document/yaml/characters.rs", "policy/grammar.rs"], "a control character that some readers take for a line break, or that cannot be seen";
    BIDI_CONTROL, "bidi-control", Error, ["document/yaml/characters.rs", "policy/grammar.rs"], "a bidirectional \
        control makes an editor show something else than what is there";
    // The syntax.
    EMPTY_FILE, "empty-file", Error, ["document/toml.rs", "document/yaml.rs"], "a flag file says nothing";
    CONFLICT_MARKER, "conflict-marker", Error, ["document/yaml.rs", "policy/grammar.rs"], "a file still holds the \
        lines with which git marks a conflict, so it says two things";
    SYNTAX, "syntax", Error, ["document/toml.rs", "document/yaml/errors.rs", "document/json.rs", "document/json/json5.rs"], "a file is not well-formed YAML or JSON";
    LOOSE_JSON, "loose-json", Warning, ["document/json.rs"], "a `.json` file has a comment, or a comma before a \
        closing bracket, which strict readers refuse; a proposal that brings the first one is an error";
    TOO_DEEP, "too-deep", Error, ["document/toml.rs", "document/yaml.rs"], "a file is nested deeper than any flag has \
        reason to be";
    TOO_MANY_NODES, "too-many-nodes", Error, ["document/toml.rs", "document/yaml.rs", "format/flagd/read.rs", "format/mapped/document.rs", "format/mapped/flags.rs", "format/mapped/path_strings.rs", "format/mapped/parse.rs", "format/mapped/read.rs"], "a file holds more values than a flag file has reason to";
    DUPLICATE_KEY, "duplicate-key", Error, ["document/yaml.rs", "format/mapped/document.rs", "format/mapped/flags.rs", "policy/config.rs", "policy/narrowings.rs"], "a key stands twice in one map; readers differ in which of the two they take";
    ANCHOR, "anchor", Error, ["document/yaml/explain.rs", "document/yaml/foreign.rs"], "an anchor or alias makes one \
        place change what another says";
    MERGE_KEY, "merge-key", Error, ["document/yaml.rs", "document/yaml/foreign.rs", "document/yaml/foreign/merge.rs"], "a merge key means something in \
        YAML 1.1 and nothing in YAML 1.2";
    TAG, "tag", Error, ["document/yaml.rs", "document/yaml/errors.rs"], "a tag makes readers construct different \
        values, or run code";
    DIRECTIVE, "directive", Error, ["document/yaml/errors.rs"], "a directive changes how the rest of the file is read";
    SEVERAL_DOCUMENTS, "several-documents", Error, ["document/yaml.rs"], "a file holds several documents; some readers \
        take only the first";
    COMPLEX_KEY, "complex-key", Error, ["document/yaml.rs", "document/yaml/errors.rs", "document/yaml/explain.rs"], "a key is not a plain text";
    AMBIGUOUS_SCALAR, "ambiguous-scalar", Error, ["document/shape.rs", "document/yaml/explain.rs", "document/yaml/foreign.rs"], "a value or key without quotes that not all readers take for the same";
    READERS_DISAGREE, "readers-disagree", Error, ["document/toml.rs", "document/yaml/explain.rs", "document/yaml/explain/layout.rs", "document/yaml/foreign.rs", "document/yaml/foreign/merge.rs", "format/flagd/checks.rs", "format/flagd/jsonlogic.rs", "format/flagd/read.rs", "format/flagd/references.rs", "format/mapped/letter_case.rs"], "readers in use understand the layout of a file, or a value of its format, differently";
    // Lints about words that a format has for itself.
    MISSING_FIELD, "missing-field", Error, ["document/shape.rs", "format/flagd/read.rs", "format/mapped/parse.rs", "format/mapped/parse/field.rs", "policy/config.rs", "policy/narrowings.rs"], "a field that must be there is not";
    UNKNOWN_FIELD, "unknown-field", Warning, ["document/shape.rs", "format/flagd/read.rs"], "a field no schema has a \
        word for; on a live flag it needs approval";
    UNKNOWN_KEY, "unknown-key", Error, ["document/shape.rs", "format/mapped/parse.rs"], "a key the configuration has \
        no word for, so what was meant would not hold";
    WRONG_TYPE, "wrong-type", Error, ["document/shape.rs", "format/flagd/checks.rs", "format/flagd/jsonlogic.rs", "format/flagd/read.rs", "format/mapped/document.rs", "format/mapped/parse.rs", "policy/typed.rs"], "a value is of another type than its field";
    WRONG_WORD, "wrong-word", Error, ["document/shape.rs", "format/mapped/parse.rs", "format/mapped/project.rs", "format/native/mod.rs", "policy/amplitude.rs", "policy/config.rs", "policy/mappings.rs"], "a value is not one of the words its field allows";
    UNKNOWN_WORD, "unknown-word", Warning, ["document/shape.rs", "format/flagd/jsonlogic.rs"], "a value is none of the \
        words known for its field";
    BAD_KEY, "bad-key", Error, ["document/shape.rs", "format/flagd/checks.rs", "format/flagd/jsonlogic.rs", "format/mapped/document.rs", "format/mapped/flag.rs", "policy/mappings.rs"], "a key holds characters that keys cannot have or that look like others";
    BAD_DATE, "bad-date", Error, ["document/shape.rs"], "a date is not an ISO 8601 date or date-time";
    OUT_OF_RANGE, "out-of-range", Error, ["document/shape.rs", "document/yaml/foreign.rs", "document/json.rs", "document/json/json5.rs", "format/flagd/jsonlogic.rs", "policy/config.rs", "policy/narrowings.rs", "policy/trust.rs"], "a number is outside of what its field can mean";
    DUPLICATE_ITEM, "duplicate-item", Error, ["document/shape.rs"], "two variants have the same key or two segments \
        the same name, so neither can be pointed at";
    // Lints about the meaning of a flag.
    WEIGHTS_WITHOUT_VARIANT, "weights-without-variant", Error, ["format/native/checks.rs"], "a weight names no variant \
        of the flag";
    WEIGHTS_ALL_ZERO, "weights-all-zero", Error, ["format/flagd/jsonlogic.rs", "format/native/checks.rs"], "all weights are zero, so there is nothing to distribute";
    NO_VARIANTS, "no-variants", Warning, ["format/native/checks.rs"], "a live flag has no variants, so nobody gets \
        anything";
    VARIANT_NAMED_OFF, "variant-named-off", Error, ["format/native/checks.rs"], "`off` is reserved for users who get \
        no variant";
    STICKY_LOCAL, "sticky-local", Error, ["format/native/checks.rs"], "sticky bucketing does not exist in local \
        evaluation";
    SCHEDULED_WITHOUT_START, "scheduled-without-start", Error, ["format/native/checks.rs"], "a scheduled item has no \
        start date";
    START_AFTER_END, "start-after-end", Error, ["format/native/checks.rs"], "an item ends before it starts";
    SEGMENT_TAKES_EVERYONE, "segment-takes-everyone", Warning, ["format/native/checks.rs"], "a segment without \
        conditions takes every user, and segments below it take none";
    UNEVEN_SEGMENTS, "uneven-segments", Warning, ["format/native/checks.rs"], "segments of one experiment distribute \
        differently, which biases its results";
    TOO_MANY_INCLUSIONS, "too-many-inclusions", Error, ["format/native/checks.rs"], "a variant includes more than \
        2,000 users by name";
    UNKNOWN_VARIANT, "unknown-variant", Error, ["format/flagd/checks.rs", "format/native/checks.rs"], "a field names a \
        variant the flag does not have";
    BOOLEAN_KEY, "boolean-key", Warning, ["document/yaml/foreign.rs"], "a key without quotes, such as `on`, is `true` \
        or `false` to Kubernetes";
    NO_SUCH_VARIANT, "no-such-variant", Warning, ["format/mapped/checks.rs"], "a field names a variant that the flag \
        does not have, which the tools of its format let through";
    INCOMPLETE_FLAG, "incomplete-flag", Warning, ["format/mapped/checks.rs"], "a flag lacks a part without which the \
        tools of its format refuse it, or pass over it";
    MISPLACED_FLAG, "misplaced-flag", Warning, ["format/mapped/checks.rs", "format/mapped/read.rs"], "a map that looks \
        like a flag stands outside of the place where its format has flags";
    IMPOSSIBLE_PERCENTAGE, "impossible-percentage", Warning, ["format/mapped/checks.rs"], "a percentage is less than \
        0, more than 100, or no number";
    NO_SUCH_SEGMENT, "no-such-segment", Warning, ["format/mapped/links.rs"], "a flag names a segment that no file has; \
        whether it reaches everyone or nobody depends on who reads";
    UNKNOWN_EVALUATOR, "unknown-evaluator", Error, ["format/flagd/jsonlogic.rs"], "targeting refers to a shared \
        evaluator that the file does not have";
    MISSING_DEPENDENCY, "missing-dependency", Error, ["format/native/checks_together.rs"], "a flag depends on one that \
        its project does not have, or on a variant that one lacks";
    CYCLIC_DEPENDENCY, "cyclic-dependency", Error, ["format/native/checks_together.rs"], "flags depend on each other \
        in a circle";
    INACTIVE_DEPENDENCY, "inactive-dependency", Warning, ["format/native/checks_together.rs"], "a live flag depends on \
        one that is not live, so it reaches nobody";
    DEPENDENCY_MODE, "dependency-mode", Error, ["format/native/checks_together.rs"], "a locally evaluated flag depends \
        on a remotely evaluated one";
    DUPLICATE_FLAG, "duplicate-flag", Error, ["format/flagd/read.rs", "review/cross_checks.rs"], "the same key stands \
        twice in one project; which one is served depends on who reads";
    DUPLICATE_DOCUMENT, "duplicate-document", Error, ["review/same_documents.rs"], "a resource of Kubernetes with \
        flags stands twice in one folder; a program that applies both keeps the later one, and nothing of the other";
    FILE_NAME, "file-name", Warning, ["review/cross_checks.rs"], "a flag's file is not named after its key, so nobody \
        finds it";
    // The policy.
    NO_CONFIG, "no-config", Error, ["policy/mod.rs"], "the base branch has no `.countersign/config.yaml`, so there is \
                                                       no policy to judge by";
    NO_APPROVERS, "no-approvers", Error, ["policy/mod.rs"], "a project asks for named approvers and the base branch \
        has no `.countersign/APPROVERS`";
    FEW_APPROVERS, "few-approvers", Warning, ["policy/few_people.rs"], "a section or a project asks for more people than \
        are named, so nothing there can ever be approved";
    FEW_ADMINS, "few-admins", Warning, ["policy/few_people.rs"], "fewer than two people may approve changes of the policy, \
                                                           and nobody approves their own";
    BAD_PATTERN, "bad-pattern", Error, ["policy/config.rs", "policy/grammar.rs", "policy/mappings.rs"], "a path pattern cannot match what its author meant";
    BAD_SIGNER, "bad-signer", Error, ["policy/trust.rs"], "a line of `trust.yaml` names no key whose signatures can be \
                                                           checked";
    NO_KEY_APPROVES, "no-key-approves", Warning, ["policy/key_approvers.rs"], "approvers have keys, and something could be \
        approved by none of them";
    BAD_APPROVER, "bad-approver", Error, ["policy/config.rs", "policy/grammar.rs"], "an approver is neither `@user` \
        nor `@org/team`";
    BAD_SECTION, "bad-section", Error, ["policy/grammar.rs", "policy/mod.rs"], "a section heading of APPROVERS is \
        malformed";
    SECTIONS_DIFFER, "sections-differ", Warning, ["policy/grammar.rs"], "two headings of one section ask for different \
        things, and the stricter holds";
    EMPTY_SECTION, "empty-section", Warning, ["policy/grammar.rs"], "a section of APPROVERS has no line, so it asks \
        for nothing";
    DUPLICATE_APPROVER, "duplicate-approver", Warning, ["policy/grammar.rs"], "an approver stands twice on one line \
        and counts once";
    EMPTY_TEAM, "empty-team", Warning, ["policy/mod.rs"], "a team is listed without members, so nobody can approve for \
                                                           it";
    UNUSED_TEAM, "unused-team", Warning, ["policy/mod.rs"], "the members of a team are listed that neither the \
        configuration nor APPROVERS names";
    BAD_RELAX, "bad-relax", Error, ["policy/config.rs"], "a rule that cannot be relaxed, or one that does not exist";
    EMPTY_PROJECT, "empty-project", Error, ["review/empty.rs"], "the paths of a project match no file, so it gates \
        nothing";
    UNMATCHED_PATH, "unmatched-path", Warning, ["format/mapped/survey.rs"], "a mapping finds no flag in its files, or \
        asks about what none of them has";
    UNMANAGED_FLAGS, "unmanaged-flags", Warning, ["review/managed_files.rs"], OfAComparison, "a file that is \
        new or changes looks like flags of a format that is reviewed, and no project manages it";
    UNREAD_FLAGS, "unread-flags", Error, ["review/unread_flags.rs"], OfAComparison, "a file that is new or changes \
        belongs to flags that are reviewed and may switch some on, and no project manages it";
    UNMATCHED_SCOPE, "unmatched-scope", Warning, ["review/cross_checks.rs"], "a section names a scope that no flag \
        has, so it is asked about none";
    DEAD_PATTERN, "dead-pattern", Warning, ["review/cross_checks.rs"], "a pattern matches no file";
    SHADOWED_PATTERN, "shadowed-pattern", Warning, ["policy/grammar.rs"], "a later line of the same section takes \
        every path of this one";
    UNCOVERED_FLAG, "uncovered-flag", Error, ["review/cross_checks.rs"], "a live flag of a project with named \
        approvers is covered by no line of APPROVERS";
}

/// Whether only a comparison shows this lint, and no file by itself.
#[must_use]
pub fn is_of_a_comparison(id: LintId) -> bool {
    LINTS.iter().any(|lint| lint.id == id && lint.of_a_comparison)
}

/// The lint of a base branch without a policy.
pub const WITHOUT_POLICY: LintId = NO_CONFIG.id;

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
            assert!(lint.about.len() > 20 && !lint.about.ends_with('.'), "{}", lint.id.as_str());
        }
    }
}
