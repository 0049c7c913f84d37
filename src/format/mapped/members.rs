//! The members of a mapping, one row each: what the reader knows, and what an editor gets of it.

use super::fields::STATES;
use super::language::GIVES;

/// The type of a member.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    Text,
    Texts,
    Switch,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words, or several.
    Words(&'static [&'static str]),
    /// A string, or strings under the names of the parts of a field.
    TextByPart,
    /// A form of values, or forms under the names of the parts of a field.
    Form,
    /// Strings, at least one.
    SomeTexts,
    Path,
    Paths,
    /// Paths, at least one.
    SomePaths,
    /// A path, or where else a value may come from, or several of these.
    Sources,
    /// Sources, or sources under names.
    Parts,
    /// A list of parts, each a source or several.
    Joined,
    /// A map from path to what a string there is divided by.
    Dividers,
    /// Strings, or a map from path to strings.
    TextsByPath,
    /// A map from path to anything.
    Implied,
    /// Tests, at least one.
    Tests,
    /// A path of a file with one `*`.
    FilePattern,
    /// A map with the members of this row.
    Map(&'static str),
    /// A map with the members of this row, or a list of such maps.
    Row(&'static str),
    Fields,
    /// Names of fields.
    FieldNames,
    Anything,
    Number,
    /// How many MiB a file may have.
    Size,
    /// The members of `each`.
    Scopes,
    /// The members of `depends`.
    Dependencies,
    /// The members of `refs`.
    References,
    /// Tests with a state each, or a state alone.
    States,
    /// The meaning of the order of lists, or that under the names of the parts of a field.
    ListKinds,
    /// The name of a model, or a map with the members of `impact`.
    Impact,
}

/// Names with `/` between them, each with one `*` at most, or `**`. The first may be a place to start from.
pub const PATH: &str = concat!(
    r"^(@(env|doc)",
    r"|(@(env|doc)/([^/*{][^/*]*",
    r"|\{(flags|environment|flag-or-environment|switch|off-switch|default|percentage|seed|everywhere|notes|rest|stamps|takes-away|flag-name|flag-list)\}",
    r"|([^/*{][^/*]*)?\*[^/*]*|\*\*)",
    r"|[^/*@{][^/*]*(\*[^/*]*)?",
    r"|\{(flags|environment|flag-or-environment|switch|off-switch|default|percentage|seed|everywhere|notes|rest|stamps|takes-away|flag-name|flag-list)\}",
    r"|\*[^/*]*|\*\*)",
    r"(/([^/*{][^/*]*",
    r"|\{(flags|environment|flag-or-environment|switch|off-switch|default|percentage|seed|everywhere|notes|rest|stamps|takes-away|flag-name|flag-list)\}",
    r"|([^/*{][^/*]*)?\*[^/*]*|\*\*))*)$"
);

/// The kinds of entities.
pub const KINDS: &[&str] =
    &["flag", "experiment", "segment", "schema", "strategy", "resource", "annotation", "group", "target", "flagd"];

/// Where a value may come from besides a path.
pub const NO_PATH: &str =
    r"^(@key[0-9]{0,9}|@name|@item|@value|@file|@file-camel|@file-scope|@env-key|=[\s\S]+|@path:[^*]*\*[^*]*)$";

pub const LIST_KIND: &str = r"^(ordered|set|append|positional|keyed\(.+\))$";

/// A member: its name, what it holds and what it means.
pub type Member = (&'static str, Holds, &'static str);

/// The members of each part of a mapping, in the order in which the documents list them.
pub const MEMBERS: &[(&str, &[Member])] = &[
    (
        "the mapping",
        &[
            ("about", Holds::Text, "One sentence, for lists and messages."),
            ("files", Holds::Texts, "Patterns of the files in this format; without any the configuration names them."),
            ("syntax", Holds::Map("`syntax`"), "How the files are written."),
            (
                "outside",
                Holds::Word(&["unknown", "fine"]),
                "The class of a change outside of all flags: one nobody knows, or fine.",
            ),
            (
                "stamps",
                Holds::Paths,
                "Members outside of all flags that are written anew at each edit, such as `lastUpdated`: they are \
                 passed over. `{stamps}` are the usual names.",
            ),
            (
                "equal-keys",
                Holds::Word(&["refused", "fine"]),
                "Whether flags of one file may have the same key, as studies with other filters do; they are numbered \
                 then.",
            ),
            (
                "layers",
                Holds::Word(&["apart", "joined"]),
                "The meaning of a file for one scope that stands over one for all: `apart` takes each flag from one \
                 of the two, `joined` joins them member by member, and lists by the place of each item.",
            ),
            (
                "once",
                Holds::Map("`once`"),
                "The names by which readers know a document: of two with the same names in one folder they keep the \
                 later one, so that both are an error.",
            ),
            ("entities", Holds::Row("an entity"), "Where flags are, and what their parts mean."),
            ("without", Holds::FieldNames, "Fields that the format does not have."),
        ],
    ),
    (
        "`syntax`",
        &[
            (
                "is",
                Holds::Word(&["yaml", "json", "jsonc", "json5", "toml"]),
                "The language; `jsonc` is JSON with comments. A file whose name ends in `.toml` is TOML anyway, and \
                 one in `.json` is JSON where YAML is meant.",
            ),
            (
                "readers",
                Holds::Words(&["core", "go", "kubernetes", "js", "ruby", "python"]),
                "The readers whose YAML it is; a scalar that they take for different things is refused.",
            ),
            ("documents", Holds::Word(&["one", "many"]), "Whether a file may hold documents divided by `---`."),
            (
                "keys",
                Holds::Word(&["text", "any-case"]),
                "`text`: keys are strings whatever they look like. `any-case`: their letter case says nothing.",
            ),
            ("largest", Holds::Size, "How many MiB a file may have, from 1 (without it) to 8."),
            ("bom", Holds::Switch, "Whether a byte-order mark may stand first."),
            ("templates", Holds::Word(&["refused", "unknown"]), "The meaning of a template in the place of a value."),
            (
                "strings",
                Holds::Paths,
                "Where its reader takes scalars for strings whatever they look like, by paths of the document.",
            ),
            (
                "known",
                Holds::Paths,
                "More members that its reader knows, wherever they stand; those of `metadata/*` are people's own. With \
                 `readers: [go]` one in another letter case is refused in JSON and TOML, where Go takes both for one.",
            ),
            ("embedded", Holds::Row("embedded"), "Strings that hold a document of their own."),
        ],
    ),
    (
        "`once`",
        &[
            ("key", Holds::Joined, "The names; a document without one of them is passed over."),
            ("apart", Holds::Joined, "Names that tell documents with the same `key` apart, where both have them."),
        ],
    ),
    (
        "embedded",
        &[
            ("at", Holds::Path, "The path of the string."),
            ("is", Holds::Word(&["yaml", "json"]), "The language of what it holds."),
        ],
    ),
    (
        "an entity",
        &[
            (
                "kind",
                Holds::Word(KINDS),
                "Its kind: a flag, an experiment, a segment or a schema that flags refer to, a resource or an \
                 annotation that may decide about flags and that none of them names, a group or a target that \
                 refers to flags, or flagd's own file inside of this one.",
            ),
            (
                "inherits",
                Holds::Word(&["above"]),
                "`above`: members that are not named here are those of the entity above, but for `at`.",
            ),
            ("only", Holds::Map("a test"), "A test that a document has to pass."),
            ("at", Holds::SomePaths, "The path of the flags; `.` if the file is one."),
            ("where", Holds::Map("a test"), "A test that each of them has to pass, or it is none."),
            (
                "key",
                Holds::Joined,
                "The key: a list is joined by points, and a list in it is tried in turn. `@key` is the name in the \
                 file, `@file` that of the \
                 file, `@file-camel` the same in camel case.",
            ),
            ("counted-by", Holds::Joined, "Members of an item: `@key` counts those alone that say the same there."),
            ("scope", Holds::Joined, "The part of the key after an `@`: a platform, a namespace."),
            (
                "each",
                Holds::Scopes,
                "A path, or a map with `at` and `key`: one flag for each environment, channel or platform there. \
                 `@env` begins the paths in it, and those in the flag where there is no `each`.",
            ),
            (
                "live",
                Holds::States,
                "Tests, the first that holds decides: `{when: TEST, is: STATE}`, or a state alone. `above` stands for \
                 all tests of the entity that this one inherits from.",
            ),
            ("fields", Holds::Fields, "The meaning of the parts of a flag."),
            (
                "refs",
                Holds::References,
                "Where it names segments; a segment that changes is a change of each flag that names it. A group names \
                 the flags it decides about.",
            ),
            ("schemas", Holds::Paths, "Where it names schemas; one that changes is a change of each such flag."),
            ("strategies", Holds::Paths, "Where it names strategies; one that changes is a change of each such flag."),
            (
                "depends",
                Holds::Dependencies,
                "Where it names flags that it depends on, without the scope that both have: where one of them is off, \
                 it is served to nobody.",
            ),
            (
                "gives-back",
                Holds::Map("a test"),
                "A test of whether it takes something from its users: where it ends they get that back, so that it is \
                 not simply off.",
            ),
            (
                "absent",
                Holds::Word(&["unknown", "inactive"]),
                "The state of one that goes from its file while it was off: inactive, or unknown where the application \
                 has a default of its own.",
            ),
            (
                "lets-in",
                Holds::Paths,
                "Paths to those who may get it while it is off, such as `users`: one more there needs approval.",
            ),
            (
                "may-let-in",
                Holds::Paths,
                "The same of names that may be for people, such as `tags`: those of a new flag need none.",
            ),
            (
                "switch",
                Holds::Word(&["shown", "alike"]),
                "`alike`: its readers take a switch in all of the shapes that `live` knows for the same (`true`, \
                 `\"true\"`, `{enabled: true}`), so that another shape of it is no change.",
            ),
            (
                "required",
                Holds::Joined,
                "Parts without which its tools refuse it; of those in an inner list one has to be there.",
            ),
            (
                "impact",
                Holds::Impact,
                "How users are divided: `everyone`, a map with `percentage` or `weights`, or the evaluator of a \
                 format. Without it the impact is unknown.",
            ),
            (
                "rest",
                Holds::Word(&["unknown", "payload", "nothing"]),
                "The treatment of the parts that no field names.",
            ),
        ],
    ),
    (
        "`refs`",
        &[
            ("at", Holds::SomePaths, "The path of what names segments."),
            ("names", Holds::Switch, "Whether the members there have the names of segments."),
            (
                "order",
                Holds::Path,
                "The path of the names of all segments, where the first of several counts: another order of those that \
                 it names is a change of the flag.",
            ),
        ],
    ),
    (
        "`each`",
        &[
            ("at", Holds::SomePaths, "The path of the environments, channels or platforms."),
            ("key", Holds::Sources, "The name of each of them; without it its name in a map."),
            ("also", Holds::Paths, "Paths under which more of them are named, that may have nothing at `at`."),
            (
                "others",
                Holds::Paths,
                "Where a flag says what holds in all environments that it does not name: then it is one flag more, \
                 without a scope.",
            ),
            (
                "absent",
                Holds::Word(&["unknown", "inactive"]),
                "The state of a flag in one that is taken away while it was off there: unknown, since something else \
                 may say that it is on, or inactive.",
            ),
        ],
    ),
    (
        "`depends`",
        &[
            ("at", Holds::SomePaths, "The path of what names a flag, one for each."),
            ("key", Holds::Sources, "The key in it; without it what stands there."),
            ("variants", Holds::Paths, "The variants in it, one of which a user has to have."),
            ("while-off", Holds::Paths, "The variant that a flag gives while it is off; without it that is none."),
            ("inverted", Holds::Map("a test"), "A test of what stands there: whether it asks for that one to be off."),
        ],
    ),
    (
        "a state",
        &[
            ("when", Holds::Map("a test"), "The test that has to hold."),
            ("is", Holds::Word(STATES), "The state if it does."),
        ],
    ),
    (
        "`impact`",
        &[
            (
                "percentage",
                Holds::Paths,
                "The path of the percentage of users; the last one counts, and without any it is 100. Of several paths \
                 the first that is there.",
            ),
            ("weights", Holds::Path, "The path of the weights that divide users, in the order of the file."),
            ("by", Holds::Text, "The member by which items with weights are named."),
            (
                "gives",
                Holds::Word(GIVES),
                "The part of an item with a weight that users are given: its name, or its other members; then one \
                 without any changes nothing.",
            ),
            (
                "any-of",
                Holds::Paths,
                "Lists in the segments of which a user has to meet one. All parts of the segments have to hold then.",
            ),
            ("none-of", Holds::Paths, "The same of which a user may meet none."),
            ("at-least", Holds::Paths, "The lowest version, or number, that a user may have."),
            ("at-most", Holds::Paths, "The highest; `*` at its end stands for any."),
        ],
    ),
    (
        "a field",
        &[
            ("at", Holds::Parts, "The path of it, the first of several that is there, or a map of paths under names."),
            ("except", Holds::Paths, "Paths in it that are said elsewhere."),
            (
                "implied",
                Holds::Implied,
                "Paths in it, each with a value (or several) that says the same as its absence: `{\"*/disabled\": \
                 false}`; of one part alone under its name: `{rules: {\"*/disabled\": false}}`.",
            ),
            ("unordered", Holds::Paths, "Paths in it to lists whose order says nothing."),
            (
                "follows",
                Holds::Dividers,
                "Paths in it to strings that are paths of the same document, each with what divides names there: \
                 `{\"*/settings\": \":\"}`. The value there is a part of the field.",
            ),
            (
                "list",
                Holds::ListKinds,
                "The meaning of the order of lists: `ordered`, `set`, `append`, `positional` or `keyed(name)`; or a \
                 map with the names of `at`.",
            ),
            (
                "by",
                Holds::TextByPart,
                "The member that names the items of lists on the way, or a map with the names of `at`.",
            ),
            (
                "as",
                Holds::Form,
                "The form of values, or a map with the names of `at`. Of a `share` only the ratio counts; `logic` is \
                 conditions under `and`, `or` and `not`, and so is `conditions`, of which not all may hold under \
                 `not`; \
                 `segment-names` a name, a list, or a map with `key` or `keys`; `hash-keys` attributes to hash, where \
                 `x`, `[x]` and `{or: [x]}` are one; `variables` values by name, as a list or as maps, and \
                 `overrides` those for some users.",
            ),
            ("default", Holds::Anything, "The meaning of absence; with names, a default for each."),
            ("names", Holds::Word(&["variants"]), "Names in it have to be variants."),
            ("words", Holds::TextsByPath, "The only words that are allowed, or a map with those of paths in it."),
        ],
    ),
    (
        "a test",
        &[
            ("at", Holds::Sources, "The path that is asked about."),
            ("is", Holds::Anything, "The value has to be this."),
            ("in", Holds::Anything, "The value has to be one of these."),
            (
                "has",
                Holds::Anything,
                "The list has to hold this, or the map: as a key, or as a value if it is no string. \
                 A `disabled` or the like that is true holds no `true`.",
            ),
            ("over", Holds::Number, "The number has to be larger."),
            ("absent", Holds::Switch, "Whether nothing may be there, or something has to."),
            (
                "sentence",
                Holds::Switch,
                "Whether it has to be a string that describes something, and no word that may be a switch.",
            ),
            ("members", Holds::Texts, "It has to be a map with no members but these."),
            (
                "like",
                Holds::SomeTexts,
                "It has to be such a string in any letter case, where `*` stands for anything. `{takes-away}` is a \
                 name that says it, such as `disable_checkout`; `{flag-name}` a setting that is called like a flag, \
                 such as `CART_ENABLED`; `{flag-list}` what is called like a list of flags.",
            ),
            ("with", Holds::Map("a test"), "The value there, or one of its items, has to pass this test."),
            (
                "named",
                Holds::Sources,
                "The path of a name: only the items that it names have to pass `with`, all of them and at least one.",
            ),
            ("by", Holds::Sources, "The member of an item that is its name, for `named`."),
            ("all", Holds::Tests, "All of these tests have to hold."),
            ("any", Holds::Tests, "One of these tests has to hold."),
            ("not", Holds::Map("a test"), "This test must not hold."),
            ("env", Holds::SomeTexts, "The scope that `each` gives has to be one of these."),
            ("file", Holds::FilePattern, "The path of the file has to be so, with one `*`."),
        ],
    ),
];
