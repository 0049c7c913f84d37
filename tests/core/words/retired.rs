//! The retired words, each with the word to use instead, and where they mean something else.

/// Retired words, each with the word to use instead. A phrase is searched as it stands; a single word as a whole word
/// and as a part of an identifier (`standing` in `is_standing` and `StandingLaw`).
pub const RETIRED: &[(&str, &str)] = &[
    ("the law", "policy"),
    ("standing law", "base policy"),
    ("lawless", "no policy"),
    ("those asked", "required approvers"),
    ("told, not asked", "notified"),
    ("whom it moves", "impact"),
    ("no share counts", "impact unknown"),
    ("everyone else", "all other users"),
    ("users in no segment", "all other users"),
    ("on display", "displayed revision"),
    ("ledger", "approval record"),
    ("seal", "record checksum"),
    ("sealed", "record checksum"),
    ("what it goes by", "fingerprint"),
    ("goes by", "has the name"),
    ("polite", "best effort"),
    ("landing", "merged change"),
    ("landed", "merged change"),
    ("trial", "simulation"),
    ("rival", "competing pull request"),
    ("demand", "requirement"),
    ("demands", "requirement"),
    ("placed", "entry"),
    ("exam", "examined change"),
    ("exams", "examined changes"),
    ("joints", "a module name that says what is in it"),
    ("beside", "unmodelled"),
    ("strangers", "unmodelled fields"),
    ("uncounted", "unmodelled"),
    ("spoken", "commented"),
    ("mend", "correct"),
    ("mends", "corrects"),
    ("a text", "a string"),
    ("odd", "ambiguous"),
    ("twin", "sibling pull request"),
    ("twins", "sibling pull requests"),
    ("standing", "what is on the base branch, or a state"),
    ("claim", "holds the lock, or recognises"),
    ("claims", "holds the lock, or recognises"),
    ("claimed", "holds the lock, or recognised"),
    ("wake", "trigger workflow"),
    ("news", "action"),
    ("green light", "success"),
    ("red light", "failure"),
    ("power", "privilege"),
    ("trouble", "error"),
    ("problem", "diagnostic"),
    ("problems", "diagnostics"),
    ("saw other", "stale approval"),
    ("void", "stale approval"),
    ("shown with", "listed with"),
    ("told of", "notified, listed or reported"),
    ("is told", "is notified, listed or reported"),
    ("are told", "are notified, listed or reported"),
    ("was told", "was notified, listed or reported"),
    ("were told", "were notified, listed or reported"),
    ("be told", "be notified, listed or reported"),
    ("and told", "and notified, listed or reported"),
    ("not told", "not listed or reported"),
];

/// Words that follow one of the phrases with *told* where it means *known from each other* or *recognised*.
pub const TOLD_APART: &[&str] = &["apart", "by", "from"];

/// Retired words that are plain English elsewhere: each with the start of the paths in which they are retired.
pub const RETIRED_IN: &[(&str, &[&str], &str)] = &[
    ("home", &["src/review/", "src/changes/", "src/cli/init", "src/approval/", "src/report"], "location"),
    ("homes", &["src/review/", "src/changes/", "src/cli/init", "src/approval/", "src/report"], "locations"),
    ("shift", &["src/policy/", "src/report", "src/review/"], "privilege change"),
    ("mark", &["src/approval/", "src/github/record/", "src/github/fingerprint"], "record checksum or fingerprint"),
    ("stranger", &["src/amplitude/", "src/format/", "src/impact/"], "unmodelled or unknown field"),
    ("failure", &["src/error.rs", "src/git/error.rs", "src/github/client/error.rs"], "error"),
    ("refusal", &["src/"], "error or message"),
    ("refusals", &["src/"], "errors or diagnostics"),
    ("fault", &["src/"], "error"),
    ("faults", &["src/"], "errors"),
    ("mistake", &["src/", "schemas/", "docs/", "tests/cases/"], "diagnostic or error"),
    ("mistakes", &["src/", "schemas/", "docs/", "tests/cases/"], "diagnostics or errors"),
    // A colour in examples and in drawings.
    (
        "green",
        &["src/github/", "src/report", "src/approval/", "src/review/", "docs/", "tests/github/", "tests/git/"],
        "success",
    ),
    ("post", &["src/github/record/", "src/github/actions/plan.rs", "src/report"], "action"),
    ("not required", &["docs/reference"], "no approval needed"),
];

/// Text in which a retired word has another meaning: a file (by the end of its path) and the words around it.
pub const ALLOWED: &[(&str, &str)] = &[
    // A trial period, in a flag of the example.
    ("examples/shop/experiments/trial-length.yaml", "trial"),
    // An option of another program.
    ("src/git/keyless.rs", "claims"),
    // A power of ten or of two.
    ("src/document/decimal.rs", "power"),
    ("src/document/yaml/dialect.rs", "power"),
    ("src/document/json/json5.rs", "power"),
    ("src/groups/share.rs", "power"),
    // A name of the standard library.
    ("tests/github/fake/server.rs", "wake"),
    // A section of settings, of claims about a user.
    ("tests/core/mapped/layers.rs", "claims"),
    // A variant of a flag of the example.
    ("examples/shop/experiments/winback-email.yaml", "news"),
    // The void elements of HTML.
    ("tests/core/html/tags.rs", "void"),
    // The names that members had, next to those that they have.
    ("CHANGELOG.md", "problems"),
    ("CHANGELOG.md", "shown with"),
    ("CHANGELOG.md", "power"),
    ("CHANGELOG.md", "standing"),
];

/// Folders and files of other people's words, of lists that tools write, and this file, which is the table.
pub const OTHERS: &[&str] = &[
    ".git",
    "target",
    "fuzz/target",
    "fuzz/corpus/",
    "tests/core/data/",
    "tests/data/",
    "tests/github/data/",
    "tests/github/events/octokit-webhooks-examples-7.6.1.LICENSE",
    "tests/core/words.rs",
    "tests/core/words/",
    "Cargo.lock",
    "fuzz/Cargo.lock",
    "LICENSE-",
];

/// Names of things in the sources that say what is done to them and not what they are, each with the word to use
/// instead. The words themselves are plain English: a person is asked, two are told apart.
pub const RETIRED_NAMES: &[(&str, &str)] = &[
    ("asked", "the requirement, the question or the people"),
    ("told", "notified, listed, or what it is"),
    ("standing", "state, outcome, or what is on the base branch"),
    ("trouble", "error"),
    ("mistake", "diagnostic"),
    ("mistakes", "diagnostics"),
    ("rests", "inactive"),
    ("posted", "set, sent, or the action"),
];
