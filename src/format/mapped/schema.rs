//! The members of a mapping, one row each: what the reader knows, and what an editor gets of it.

use serde_json::{Map, Value, json};

use super::exposure::MODELS;
use super::fields::{FIELDS, names};
use super::language::{FORMS, GIVES};
use crate::document::schema::{DIALECT, id};

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
    /// A map from path to anything.
    Implied,
    /// Tests, at least one.
    Tests,
    /// A path of a file with one `*`.
    FilePattern,
    /// A map with the members of this row.
    Map(&'static str),
    /// The same, or a list of such maps.
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
    /// Tests with a state each, or a state alone.
    States,
    /// The meaning of the order of lists, or that under the names of the parts of a field.
    ListKinds,
    /// The name of a model, or a map with the members of `impact`.
    Impact,
}

/// Names with `/` between them, each with one `*` at most. The first may be a place to start from.
const PATH: &str = concat!(
    r"^(@(env|doc)",
    r"|(@(env|doc)/([^/*{][^/*]*|\{(flags|environment|switch|notes)\}|([^/*{][^/*]*)?\*[^/*]*)",
    r"|[^/*@{][^/*]*(\*[^/*]*)?|\{(flags|environment|switch|notes)\}|\*[^/*]*)",
    r"(/([^/*{][^/*]*|\{(flags|environment|switch|notes)\}|([^/*{][^/*]*)?\*[^/*]*))*)$"
);

/// Where a value may come from besides a path.
const NO_PATH: &str =
    r"^(@key[0-9]{0,9}|@name|@value|@file|@file-camel|@file-scope|@env-key|=[\s\S]+|@path:[^*]*\*[^*]*)$";

const LIST_KIND: &str = r"^(ordered|set|append|positional|keyed\(.+\))$";

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
                "What a change outside of all flags is: one nobody knows, or fine.",
            ),
            (
                "stamps",
                Holds::Paths,
                "What stands outside of all flags and is written anew at each edit, such as `lastUpdated`: it is passed over.",
            ),
            (
                "equal-keys",
                Holds::Word(&["refused", "fine"]),
                "Whether flags of one file may have the same key, as studies with other filters do; they are numbered then.",
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
                "The language; `jsonc` is JSON with comments. A file whose name ends in `.toml` is TOML anyway, and one in `.json` is JSON where YAML is meant.",
            ),
            (
                "readers",
                Holds::Words(&["core", "go", "kubernetes", "js", "ruby", "python"]),
                "Whose YAML it is; what they take for different things is refused.",
            ),
            (
                "documents",
                Holds::Word(&["one", "many"]),
                "Whether a file may hold several documents, divided by `---`.",
            ),
            (
                "keys",
                Holds::Word(&["text", "any-case"]),
                "`text`: keys are strings whatever they look like. `any-case`: their letter case says nothing.",
            ),
            ("largest", Holds::Size, "How many MiB a file may have, from 1 (without it) to 8."),
            ("bom", Holds::Switch, "Whether a byte-order mark may stand first."),
            ("templates", Holds::Word(&["refused", "unknown"]), "What a template in the place of a value is."),
            (
                "strings",
                Holds::Paths,
                "Where its reader takes scalars for strings whatever they look like, by paths of the document.",
            ),
            ("embedded", Holds::Row("embedded"), "Strings that hold a document of their own."),
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
                Holds::Word(&["flag", "experiment", "segment", "group", "flagd"]),
                "What it is: a flag, an experiment, a segment that flags refer to, a group that refers to flags, or flagd's own \
                 file inside of this one.",
            ),
            ("only", Holds::Map("a test"), "A test that a document has to pass."),
            ("at", Holds::SomePaths, "The path of the flags; `.` if the file is one."),
            ("where", Holds::Map("a test"), "A test that each of them has to pass, or it is none."),
            (
                "key",
                Holds::Joined,
                "The key: a list is joined by points, and a list in it is tried in turn. `@key` is the name in the file, `@file` that of the \
                 file, `@file-camel` the same in camel case.",
            ),
            ("scope", Holds::Joined, "What the key is followed by after an `@`: a platform, a namespace."),
            (
                "each",
                Holds::Scopes,
                "A path, or a map with `at` and `key`: one flag for each environment, channel or platform there.",
            ),
            (
                "live",
                Holds::States,
                "Tests, the first that holds decides: `{when: TEST, is: STATE}`, or a state alone.",
            ),
            ("fields", Holds::Fields, "What the parts of a flag mean."),
            (
                "refs",
                Holds::Paths,
                "Where it names segments; a segment that changes is a change of each flag that names it. A group names the flags it decides \
                 about.",
            ),
            (
                "required",
                Holds::Joined,
                "Parts without which its tools refuse it; of those in an inner list one has to be there.",
            ),
            (
                "impact",
                Holds::Impact,
                "How users are divided: `everyone`, a map with `percentage` or `weights`, or the evaluator of a format. Without it \
                 the impact is unknown.",
            ),
            ("rest", Holds::Word(&["unknown", "payload", "nothing"]), "What becomes of the parts that no field names."),
        ],
    ),
    (
        "`each`",
        &[
            ("at", Holds::SomePaths, "The path of the environments, channels or platforms."),
            ("key", Holds::Sources, "What each of them is called; without it its name in a map."),
            ("also", Holds::Paths, "Paths under which more of them are named, that may have nothing at `at`."),
            (
                "others",
                Holds::Paths,
                "Where a flag says what holds in all environments that it does not name: then it is one flag more, without a scope.",
            ),
            (
                "absent",
                Holds::Word(&["unknown", "inactive"]),
                "What a flag is in one that is taken away while it was off there: unknown, since something else may say that it is on, or inactive.",
            ),
        ],
    ),
    (
        "a state",
        &[
            ("when", Holds::Map("a test"), "The test that has to hold."),
            ("is", Holds::Word(super::fields::STATES), "The state if it does."),
        ],
    ),
    (
        "`impact`",
        &[
            (
                "percentage",
                Holds::Path,
                "The path of the percentage of users; the last one counts, and without any it is 100.",
            ),
            ("weights", Holds::Path, "The path of the weights that divide users, in the order of the file."),
            ("by", Holds::Text, "The member by which items with weights are named."),
            (
                "gives",
                Holds::Word(GIVES),
                "What users are given of an item with a weight: its name, or its other members; then one without any changes nothing.",
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
                "Paths in it, each with a value (or several) that says the same as its absence: `{\"*/disabled\": false}`.",
            ),
            ("unordered", Holds::Paths, "Paths in it to lists whose order says nothing."),
            (
                "follows",
                Holds::Dividers,
                "Paths in it to strings that are paths of the same document, each with what divides names there: \
                 `{\"*/settings\": \":\"}`. What stands there is a part of the field.",
            ),
            (
                "list",
                Holds::ListKinds,
                "What the order of lists means: `ordered`, `set`, `append`, `positional` or `keyed(name)`; or a map with the \
                 names of `at`.",
            ),
            (
                "by",
                Holds::TextByPart,
                "The member that names the items of lists on the way, or a map with the names of `at`.",
            ),
            (
                "as",
                Holds::Form,
                "The form of values, or a map with the names of `at`. Of a `share` only the ratio counts; `logic` is conditions \
                 under `and`, `or` and `not`; `segment-names` a name, a list, or a map with `key` or `keys`; `variables` values by name, as a list or as maps.",
            ),
            ("default", Holds::Anything, "What absence means; with names, a default for each."),
            ("names", Holds::Word(&["variants"]), "Names in it have to be variants."),
            ("words", Holds::Texts, "The only words that are allowed."),
        ],
    ),
    (
        "a test",
        &[
            ("at", Holds::Sources, "The path that is asked about."),
            ("is", Holds::Anything, "The value has to be this."),
            ("in", Holds::Anything, "The value has to be one of these."),
            ("has", Holds::Anything, "The list or map has to hold this."),
            ("over", Holds::Number, "The number has to be larger."),
            ("absent", Holds::Switch, "Whether nothing may be there, or something has to."),
            (
                "sentence",
                Holds::Switch,
                "Whether it has to be a string that describes something, and no word that may be a switch.",
            ),
            ("members", Holds::Texts, "It has to be a map with no members but these."),
            ("like", Holds::SomeTexts, "It has to be such a string in any letter case, where `*` stands for anything."),
            ("all", Holds::Tests, "All of these tests have to hold."),
            ("any", Holds::Tests, "One of these tests has to hold."),
            ("not", Holds::Map("a test"), "This test must not hold."),
            ("env", Holds::SomeTexts, "The scope that `each` gives has to be one of these."),
            ("file", Holds::FilePattern, "The path of the file has to be so, with one `*`."),
        ],
    ),
];

fn members(what: &str) -> &'static [Member] {
    MEMBERS.iter().find(|(name, _)| *name == what).map_or(&[], |(_, members)| members)
}

/// The names of the members of a part of a mapping.
pub fn known(what: &str) -> Vec<&'static str> {
    members(what).iter().map(|(name, ..)| *name).collect()
}

/// The JSON Schema of a mapping.
#[must_use]
pub fn schema() -> Value {
    let mut whole = record("the mapping");
    let parts = ["an entity", "a test"].map(|what| (definition(what), row(what)));
    let more = json!({
        "$schema": DIALECT,
        "$id": id("format"),
        "title": "Countersign mapping",
        "description": "A format of flag files in .countersign/formats: where a file has its flags, when each is live, and \
                        which part of it means what. Whatever it does not name is unknown, and a change of it needs approval.",
        "required": ["entities"],
        "$defs": Value::Object(parts.into_iter().collect()),
    });
    if let (Value::Object(whole), Value::Object(more)) = (&mut whole, more) {
        whole.extend(more);
    }
    whole
}

fn definition(what: &str) -> String {
    what.trim_start_matches("an ").trim_start_matches("a ").to_owned()
}

fn row(what: &str) -> Value {
    match what {
        "a test" => {
            let questions = known(what).into_iter().filter(|member| *member != "at");
            let one: Vec<Value> = questions.map(|member| json!({"required": [member]})).collect();
            json!({"anyOf": [{"const": "always"}, with(record(what), "oneOf", json!(one))]})
        }
        "an entity" | "`each`" | "a field" | "embedded" => with(record(what), "required", json!(["at"])),
        "a state" => with(record(what), "required", json!(["when"])),
        _ => record(what),
    }
}

fn record(what: &str) -> Value {
    let property = |(name, holds, about): &Member| ((*name).to_owned(), with(of(*holds), "description", json!(about)));
    let properties: Map<String, Value> = members(what).iter().map(property).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

/// A schema with a member more.
fn with(mut schema: Value, name: &str, value: Value) -> Value {
    if let Value::Object(map) = &mut schema {
        map.insert(name.to_owned(), value);
    }
    schema
}

fn one_or_more(one: &Value) -> Value {
    json!({"anyOf": [one, {"type": "array", "items": one}]})
}

fn some_or_one(one: &Value) -> Value {
    json!({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})
}

/// The schema of a place that a value comes from.
fn source() -> Value {
    json!({"anyOf": [of(Holds::Path), {"type": "string", "pattern": NO_PATH}]})
}

fn of(holds: Holds) -> Value {
    let text = json!({"type": "string"});
    match holds {
        Holds::Text => text,
        Holds::Texts => one_or_more(&text),
        Holds::SomeTexts => some_or_one(&text),
        Holds::Path => json!({"type": "string", "pattern": PATH}),
        Holds::Paths => one_or_more(&of(Holds::Path)),
        Holds::SomePaths => some_or_one(&of(Holds::Path)),
        Holds::Sources => one_or_more(&source()),
        Holds::FilePattern => json!({"type": "string", "pattern": r"^[^*]*\*[^*]*$"}),
        Holds::Implied => json!({"type": "object", "propertyNames": of(Holds::Path)}),
        Holds::Dividers => {
            let between = json!({"type": "string", "minLength": 1});
            json!({"type": "object", "propertyNames": of(Holds::Path), "additionalProperties": between})
        }
        Holds::Switch => json!({"type": "boolean"}),
        Holds::Word(words) => json!({"enum": words}),
        Holds::Words(words) => one_or_more(&json!({"enum": words})),
        Holds::TextByPart => json!({"anyOf": [text, {"type": "object", "additionalProperties": text}]}),
        Holds::Form => {
            let word = json!({"enum": FORMS.iter().map(|(word, _)| *word).collect::<Vec<_>>()});
            json!({"anyOf": [word, {"type": "object", "additionalProperties": word}]})
        }
        Holds::Parts => {
            let sources = of(Holds::Sources);
            json!({"anyOf": [sources, {"type": "object", "additionalProperties": sources}]})
        }
        Holds::Joined => json!({"anyOf": [source(), {"type": "array", "items": of(Holds::Sources)}]}),
        Holds::Row("an entity") => {
            let entity = json!({"$ref": "#/$defs/entity"});
            json!({"anyOf": [entity, {"type": "array", "items": entity, "minItems": 1}]})
        }
        Holds::Map(what @ "a test") => json!({"$ref": format!("#/$defs/{}", definition(what))}),
        Holds::Map(what) => row(what),
        Holds::Tests => some_or_one(&of(Holds::Map("a test"))),
        Holds::Row(what) => one_or_more(&row(what)),
        Holds::FieldNames => one_or_more(&json!({"enum": names().collect::<Vec<_>>()})),
        Holds::Size => json!({"type": "number", "minimum": 1, "maximum": 8}),
        Holds::Scopes => json!({"anyOf": [of(Holds::SomePaths), row("`each`")]}),
        Holds::States => one_or_more(&json!({"anyOf": [{"enum": super::fields::STATES}, row("a state")]})),
        Holds::ListKinds => {
            let kind = json!({"type": "string", "pattern": LIST_KIND});
            json!({"anyOf": [kind, {"type": "object", "additionalProperties": kind}]})
        }
        Holds::Number => json!({"type": "number"}),
        Holds::Impact => {
            let names: Vec<&str> = MODELS.iter().map(|model| model.name).chain(["everyone"]).collect();
            json!({"anyOf": [{"enum": names}, record("`impact`")]})
        }
        Holds::Anything => json!({}),
        Holds::Fields => {
            let field = json!({"anyOf": [of(Holds::Sources), row("a field")]});
            let property = |name: &'static str| {
                let about = FIELDS.iter().find(|field| field.name == name).map_or("", |field| field.doc);
                (name.to_owned(), with(field.clone(), "description", json!(about)))
            };
            let properties: Map<String, Value> = names().map(property).collect();
            json!({"type": "object", "additionalProperties": false, "properties": properties})
        }
    }
}
