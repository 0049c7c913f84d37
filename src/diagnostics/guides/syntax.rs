//! Guides of the lints about the tree, the bytes and the syntax of a file.

use super::{FLAG, Guide, described, file, lines};
use crate::diagnostics::lints;

pub const GUIDES: &[Guide] = &[
    described(
        lints::NOT_A_FILE,
        "put the file itself in place of the link or the submodule",
        "$ git ls-files -s flags/\n120000 5f2a… flags/checkout/buy.yaml -> ../../common/buy.yaml",
        "$ git ls-files -s flags/\n100644 9c11… flags/checkout/buy.yaml",
    ),
    described(
        lints::CASE_COLLISION,
        "rename one of the two, so that they differ in more than capitals",
        "flags/checkout/Buy.yaml\nflags/checkout/buy.yaml",
        "flags/checkout/buy.yaml\nflags/checkout/buy-now.yaml",
    ),
    described(
        lints::PATH_CHARACTERS,
        "rename the file to letters, digits and signs that are seen",
        "flags/checkout/bu\u{202e}y.yaml",
        "flags/checkout/buy.yaml",
    ),
    described(
        lints::NO_FORMAT,
        "name its format under `formats`, write it in a format that can be read, or move it out of the paths of the \
         project",
        "flags/checkout/buy.toml",
        "flags/checkout/buy.yaml",
    ),
    described(
        lints::TWO_FORMATS,
        "change the format and the file in two pull requests",
        "M .countersign/config.yaml    formats: {\"flags/demo.json\": flagd}\nM flags/demo.json",
        "M .countersign/config.yaml    and flags/demo.json in the next pull request",
    ),
    described(
        lints::CONFLICT,
        "update the branch: merge the base branch into it, and choose what the flag should say",
        "<<<<<<< main\nrolloutPercentage: 20\n=======\nrolloutPercentage: 50\n>>>>>>> proposal",
        "rolloutPercentage: 50",
    ),
    described(
        lints::LIVE_UNREADABLE,
        "have an admin approve the file as it is proposed, and fix the base branch with it",
        "on the base branch: rolloutPercentage: 20\n                    rolloutPercentage: 30",
        "proposed:           rolloutPercentage: 20",
    ),
    described(
        lints::TOO_MUCH,
        "split the pull request, so that each part can be read",
        "a pull request that edits 1,000 live flags",
        "pull requests of a few dozen flags each",
    ),
    described(
        lints::OVER_BUDGET,
        "split the pull request, or take out what the message names",
        "a pull request that adds 50,000 lines to APPROVERS",
        "a pull request that adds the lines of one team",
    ),
    described(
        lints::MORE_DIAGNOSTICS,
        "fix those that are listed, and check again for the rest",
        "a file in which every line is wrong",
        "the file, after the first of them are fixed",
    ),
    described(
        lints::TOO_BIG,
        "take generated data out of the file; lists of users belong into a cohort",
        "a flag file of 3 MB",
        "a flag file of 3 KB that names a cohort",
    ),
    described(
        lints::NOT_UTF8,
        "save the file as UTF-8",
        "name: Caf\\xe9      saved as Latin-1",
        "name: Caf\u{e9}         saved as UTF-8",
    ),
    file(
        lints::BYTE_ORDER_MARK,
        "save the file as UTF-8 without a byte-order mark",
        FLAG,
        concat!("\u{feff}", "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n"),
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n",
    ),
    file(
        lints::LFS_POINTER,
        "take the path out of `.gitattributes`, then add the file anew, so that git keeps it itself",
        FLAG,
        "version https://git-lfs.github.com/spec/v1\noid \
         sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 120\n",
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n",
    ),
    lines(
        lints::CONTROL_CHARACTER,
        "delete the character, or write a plain space or line break in its place",
        "name: \"Buy\u{85}now\"",
        "name: \"Buy now\"",
    ),
    lines(
        lints::BIDI_CONTROL,
        "delete the character that turns the text around",
        "name: \"Buy \u{202e}won\"",
        "name: \"Buy now\"",
    ),
    file(
        lints::EMPTY_FILE,
        "describe a flag in the file, or delete it",
        FLAG,
        "# soon\n",
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n",
    ),
    lines(
        lints::CONFLICT_MARKER,
        "keep the lines of one side, and delete those of the other and the markers",
        "<<<<<<< HEAD\nrolloutPercentage: 10\n=======\nrolloutPercentage: 20\n>>>>>>> theirs",
        "rolloutPercentage: 10",
    ),
    lines(lints::SYNTAX, "close what is left open at the place that is named", "name: \"Buy now", "name: \"Buy now\""),
    described(
        lints::LOOSE_JSON,
        "delete the comment or the comma; where its reader accepts it, call the file `.jsonc`, or read it by a mapping \
         with `syntax: {is: jsonc}`",
        "{\n  \"search\": true,\n  \"cart\": false,\n}",
        "{\n  \"search\": true,\n  \"cart\": false\n}",
    ),
    described(
        lints::TOO_DEEP,
        "flatten the value, or keep it as text",
        "payload: {a: {a: {a: {a: … a hundred levels …}}}}",
        "payload: {a: 1}",
    ),
    described(
        lints::TOO_MANY_NODES,
        "take generated data out of the file",
        "payload: [1, 2, 3, … a million numbers …]",
        "payload: {list: \"https://shop.example/list.json\"}",
    ),
    lines(
        lints::DUPLICATE_KEY,
        "remove one of the two",
        "rolloutPercentage: 10\nrolloutPercentage: 20",
        "rolloutPercentage: 20",
    ),
    lines(
        lints::ANCHOR,
        "write the value out where it is used",
        "rolloutWeights: &even {control: 1, treatment: 1}",
        "rolloutWeights: {control: 1, treatment: 1}",
    ),
    lines(
        lints::MERGE_KEY,
        "write out what the merge would bring in",
        "exposureEvent:\n  <<: {filters: []}\n  event_type: Viewed",
        "exposureEvent:\n  filters: []\n  event_type: Viewed",
    ),
    lines(lints::TAG, "write the value without its tag", "rolloutPercentage: !!int 20", "rolloutPercentage: 20"),
    file(
        lints::DIRECTIVE,
        "delete the line that begins with `%`, and the `---` after it",
        FLAG,
        "%YAML 1.2\n---\nkey: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n",
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n",
    ),
    file(
        lints::SEVERAL_DOCUMENTS,
        "write each document into a file of its own",
        FLAG,
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n---\nkey: pay\nkind: flag\nstate: \
         inactive\nvariants: [{key: treatment}]\n",
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n",
    ),
    lines(
        lints::COMPLEX_KEY,
        "write the key as plain text",
        "tags:\n  ? [checkout, q4]\n  : 1",
        "tags: [checkout, q4]",
    ),
    lines(
        lints::AMBIGUOUS_SCALAR,
        "put the value in quotes, or write the word that is meant",
        "name: yes",
        "name: \"yes\"",
    ),
    lines(
        lints::READERS_DISAGREE,
        "lay the value out in the way the message names, which all readers take for the same",
        "tags: [checkout,\nq4]",
        "tags: [checkout, q4]",
    ),
];
