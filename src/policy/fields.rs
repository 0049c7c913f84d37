//! Keys of `config.yaml`, one row each, with the values that a key may hold and the text that an editor shows for it.

use crate::document::{Field, Shape};

const PROJECT: &[Field] = &[
    Field::new(
        "paths",
        Shape::Set(&Shape::Text),
        "Patterns of the project's files, from the root of the repository: `flags/checkout/**`. A placeholder in the \
        place of a part, or of a word in it, takes any text there and tells flags of one key apart: with \
        `envs/{environment}/flags.json` there are `checkout:prod/search` and `checkout:dev/search`.",
    )
    .also(&["path", "files", "patterns", "globs", "include"])
    .required(),
    Field::new(
        "approvals",
        Shape::OneOf(&["specific", "peer", "none"]),
        "The approvers: `specific` is those APPROVERS names, `peer` anyone with write access but the requestor and the \
        contributors. `none` is nobody: everybody who may merge creates, changes, switches on and deletes the \
        project's flags freely, also under a key that another flag \
        had before. A flag leaves another project for this one only with approvals there.",
    )
    .also(&["mode", "approval", "approvers", "reviews"])
    .required(),
    Field::new(
        "required",
        Shape::Count(1),
        "How many distinct people have to approve; the stricter of this and APPROVERS holds.",
    )
    .also(&["count", "min", "minimum", "required_approvals", "required-approvals"])
    .or("1"),
];

const WHEN: &[Field] = &[
    Field::new(
        "affected",
        Shape::Text,
        "A bound such as `> 5%`: the section is required if the change gives more than this share of the users of some \
         segment another variant, none any more, or one for the first time.",
    ),
    Field::new(
        "exposed",
        Shape::Text,
        "A bound such as `> 20%`: the section is required if the change gives more than this share of the users of \
         some segment a variant who had none.",
    ),
    Field::new(
        "within",
        Shape::Days,
        "A number of days such as `14d`: the bounds look at the change since the base branch of that day as well, and \
         the larger counts, so that many small steps are one large one.",
    ),
];

const SECTION: &[Field] = &[
    Field::new(
        "only",
        Shape::Set(&Shape::Text),
        "Ids of rules: the section is required only for changes under these, and always for activations, deletions and \
         moves.",
    ),
    Field::new(
        "when",
        Shape::Record(WHEN),
        "Bounds on the impact: the section is required only above one of them. Impact that cannot be computed or is \
         not modelled counts as everyone, a new segment as one nobody was exposed in.",
    ),
    Field::new(
        "scopes",
        Shape::Set(&Shape::Text),
        "Scopes of flags: the environments, channels or platforms that their format tells apart, or the paths of a \
         project by `{environment}`, such as `production`. The section is required only for flags in one of them, and \
         for flags without any.",
    ),
];

const ACTIVATION: &[Field] = &[Field::new(
    "serves",
    Shape::OneOf(&["anything", "other-than-off"]),
    "Which activations need approval: all, or all but that of a new flag that certainly gives everyone off. An \
     uncertain activation needs approval.",
)
.required()];

const CRITICAL: &[Field] = &[
    Field::new(
        "relax",
        Shape::Set(&Shape::Text),
        "Ids of rules that this repository does without; only those marked as relaxable.",
    )
    .or("[]"),
    Field::new(
        "add",
        Shape::Set(&Shape::Text),
        "Fields that need approval here besides those of the rules, such as `owner`.",
    )
    .or("[]"),
    Field::new(
        "deactivation",
        Shape::OneOf(&["free", "approval"]),
        "`free`: switching a live flag off, and nothing else, waits for nobody, not for a lock either, and its \
         approvers are notified. `approval`: it needs theirs.",
    )
    .or("\"free\""),
    Field::new(
        "restore",
        Shape::OneOf(&["free", "approval"]),
        "Whether a flag that is off may be switched on again without approval if it is exactly, and in the same file, \
         what it was when it was last live. It never is where switching off needs approval, nor where the flag names a \
         segment or another flag, which may have changed, nor in formats in which something that the flag does not \
         name decides about it too (files for one environment over those for all, groups of Featurevisor, patches of \
         Kubernetes).",
    )
    .or("\"approval\""),
    Field::new("activation", Shape::Record(ACTIVATION), "Which activations need approval; all if it is absent."),
];

const LOCK: &[Field] = &[Field::new(
    "after",
    Shape::Days,
    "How long a pull request that holds a flag may be idle before an admin may pass it over: a number of days such as \
     `14d`.",
)
.required()];

const BREAK_GLASS: &[Field] = &[
    Field::new(
        "by",
        Shape::OneOf(&["admins"]),
        "The people who may break the glass: `admins`, also for what they wrote themselves.",
    )
    .also(&["who", "from"])
    .required(),
    Field::new("people", Shape::Count(1), "How many distinct people it takes.").also(&["count", "required"]).or("1"),
    Field::new(
        "review-within",
        Shape::Days,
        "A number of days such as `3d`, within which somebody else has to approve the content; after that the debt is \
         overdue and named in every report.",
    )
    .also(&["review_within", "within", "after"])
    .required(),
    Field::new(
        "hold",
        Shape::Bool,
        "Whether further changes of a flag wait while its debt is overdue. Switching it off never does.",
    )
    .or("false"),
];

const AMPLITUDE: &[Field] = &[
    Field::new(
        "projects",
        Shape::MapOf(&Shape::Text),
        "Project of this file to the id of the project in Amplitude that its flags are applied to, such as \
         `checkout: \"450001\"`. Projects that are not named here stay out of Amplitude.",
    )
    .required(),
    Field::new("region", Shape::OneOf(&["us", "eu"]), "The region in which the organisation's data is.").or("\"us\""),
    Field::new(
        "unmanaged",
        Shape::Set(&Shape::Text),
        "Fields that are left to Amplitude's console, such as `tags`: neither compared nor written.",
    )
    .or("[]"),
];

/// Every key of the configuration.
pub const FIELDS: &[Field] = &[
    Field::new("version", Shape::Count(1), "The version of this file's format: 1.").required(),
    Field::new(
        "admins",
        Shape::Set(&Shape::Text),
        "`@user` or `@org/team`: may respond to every request, in every mode, and approve changes to the policy.",
    )
    .or("[]"),
    Field::new(
        "policy-approvers",
        Shape::Set(&Shape::Text),
        "`@user` or `@org/team`: may approve changes to the policy and to protected paths as the admins do, and \
         nothing else. The way out for a policy with one admin, who cannot approve what they propose.",
    )
    .or("[]"),
    Field::new(
        "external-approvers",
        Shape::Bool,
        "Whether the people whom APPROVERS names for a flag count without write access, if they can read the \
         repository and so review; bots never do.",
    )
    .or("false"),
    Field::new(
        "projects",
        Shape::MapOf(&Shape::Record(PROJECT)),
        "Name to project: a set of paths with one approval mode. Every flag file belongs to exactly one.",
    )
    .required(),
    Field::new(
        "formats",
        Shape::MapOf(&Shape::Text),
        "Pattern to the id of a format, for files that are not recognised by their name, such as `legacy/*.json: \
         flagd`; `generic at settings/flags/*` says where in a file the flags are.",
    )
    .or("{}"),
    Field::new(
        "teams",
        Shape::MapOf(&Shape::Set(&Shape::Text)),
        "`@org/team` to its members, each `@user`. The forge is not asked for the members of a team that is listed \
         here.",
    )
    .or("{}"),
    Field::new(
        "sections",
        Shape::MapOf(&Shape::Record(SECTION)),
        "Name of a section of APPROVERS to the conditions \
        that narrow it; a section that is not named here is required for every change that needs approval.",
    )
    .or("{}"),
    Field::new("critical", Shape::Record(CRITICAL), "The changes that are critical here, against the table of rules.")
        .or("{}"),
    Field::new(
        "break-glass",
        Shape::Record(BREAK_GLASS),
        "How a change of a flag may come in without its approvals \
                                                           when it cannot wait, as a debt that an approval of that \
                                                           content pays. Never a change of the policy.",
    )
    .also(&["break_glass", "breakGlass"]),
    Field::new("lock", Shape::Record(LOCK), "When a lock may be passed over."),
    Field::new(
        "protect",
        Shape::Set(&Shape::Text),
        "Patterns of other files whose change needs an admin, such as `.github/**`.",
    )
    .or("[]"),
    Field::new(
        "distinct",
        Shape::Bool,
        "Whether one person fills one place only, though several requirements name them.",
    )
    .or("true"),
    Field::new(
        "amplitude",
        Shape::Record(AMPLITUDE),
        "Where the flags of projects are in Amplitude, for `countersign amplitude`.",
    ),
];
