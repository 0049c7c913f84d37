//! Guides of the lints about the fields of a flag, what they mean, and flags that depend on each other.

use super::{FLAG, Guide, described, file, files, lines};
use crate::diagnostics::lints;

pub const GUIDES: &[Guide] = &[
    file(
        lints::MISSING_FIELD,
        "add the field that is named",
        FLAG,
        "key: buy\nstate: inactive\nvariants: [{key: treatment}]\n",
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n",
    ),
    lines(
        lints::UNKNOWN_FIELD,
        "write the field as the schema has it, or take it out",
        "rolloutPercent: 20",
        "rolloutPercentage: 20",
    ),
    lines(lints::WRONG_TYPE, "write a value of the type that is named", "stickyBucketing: 1", "stickyBucketing: true"),
    file(
        lints::WRONG_WORD,
        "write one of the words that are listed",
        FLAG,
        "key: buy\nkind: experiment\nstate: active\nvariants: [{key: control}, {key: treatment}]\n",
        "key: buy\nkind: experiment\nstate: running\nvariants: [{key: control}, {key: treatment}]\n",
    ),
    lines(
        lints::UNKNOWN_WORD,
        "write one of the words that are known; the effect of another word cannot be computed",
        "parentDependencies: {operator: any, flags: {}}",
        "parentDependencies: {operator: all, flags: {}}",
    ),
    file(
        lints::BAD_KEY,
        "write the key in letters, digits, `-`, `_` and `.`",
        FLAG,
        "key: buy now\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n",
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}]\n",
    ),
    lines(
        lints::BAD_DATE,
        "write a day that exists, as `2026-11-23`, or a time with its zone",
        "endDate: \"2026-02-30\"",
        "endDate: 2026-02-28",
    ),
    lines(
        lints::OUT_OF_RANGE,
        "write a number within the bounds that are named",
        "rolloutPercentage: 120",
        "rolloutPercentage: 100",
    ),
    file(
        lints::DUPLICATE_ITEM,
        "rename one of the two",
        FLAG,
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: treatment}, {key: treatment}]\n",
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: control}, {key: treatment}]\n",
    ),
    lines(
        lints::WEIGHTS_WITHOUT_VARIANT,
        "name a variant of the flag, or add the variant",
        "rolloutWeights: {control: 1, tretment: 1}",
        "rolloutWeights: {control: 1, treatment: 1}",
    ),
    lines(
        lints::WEIGHTS_ALL_ZERO,
        "give at least one variant a weight; to stop, switch the flag off",
        "rolloutWeights: {control: 0, treatment: 0}",
        "rolloutWeights: {control: 1, treatment: 0}",
    ),
    file(
        lints::NO_VARIANTS,
        "give the flag a variant, or switch it off",
        FLAG,
        "key: buy\nkind: flag\nstate: active\n",
        "key: buy\nkind: flag\nstate: active\nvariants: [{key: treatment}]\n",
    ),
    file(
        lints::VARIANT_NAMED_OFF,
        "give the variant another key",
        FLAG,
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: \"off\"}, {key: treatment}]\n",
        "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: control}, {key: treatment}]\n",
    ),
    lines(
        lints::STICKY_LOCAL,
        "evaluate remotely, or leave sticky bucketing out",
        "evaluationMode: local\nstickyBucketing: true",
        "evaluationMode: remote\nstickyBucketing: true",
    ),
    file(
        lints::SCHEDULED_WITHOUT_START,
        "add a `startDate`, with its time zone",
        FLAG,
        "key: buy\nkind: flag\nstate: scheduled\nvariants: [{key: treatment}]\n",
        "key: buy\nkind: flag\nstate: scheduled\nstartDate: 2026-12-01\nvariants: [{key: treatment}]\n",
    ),
    lines(
        lints::START_AFTER_END,
        "exchange the two dates, or correct one",
        "startDate: 2026-12-02\nendDate: 2026-12-01",
        "startDate: 2026-12-01\nendDate: 2026-12-02",
    ),
    lines(
        lints::SEGMENT_TAKES_EVERYONE,
        "give the segment conditions, or move it to the end",
        "targetSegments:\n  - {name: All, percentage: 50}\n  - name: US\n    percentage: 100\n    conditions: [{type: \
         property, prop: country, op: is, values: [US]}]",
        "targetSegments:\n  - name: US\n    percentage: 100\n    conditions: [{type: property, prop: country, op: is, \
         values: [US]}]",
    ),
    lines(
        lints::UNEVEN_SEGMENTS,
        "write the same weights in each segment, or split the experiment",
        "rolloutWeights: {control: 1, treatment: 1}\ntargetSegments:\n  - name: US\n    percentage: 100\n    \
         rolloutWeights: {control: 1, treatment: 3}\n    conditions: [{type: property, prop: country, op: is, values: \
         [US]}]",
        "rolloutWeights: {control: 1, treatment: 1}\ntargetSegments:\n  - name: US\n    percentage: 100\n    \
         rolloutWeights: {control: 1, treatment: 1}\n    conditions: [{type: property, prop: country, op: is, values: \
         [US]}]",
    ),
    described(
        lints::TOO_MANY_INCLUSIONS,
        "name a cohort in place of the users",
        "variants:\n  - {key: treatment, inclusions: {users: [u1, u2, … 2,001 users …]}}",
        "variants:\n  - {key: treatment, inclusions: {cohorts: [beta]}}",
    ),
    lines(
        lints::UNKNOWN_VARIANT,
        "name a variant of the flag",
        "rolledOutVariant: tretment",
        "rolledOutVariant: treatment",
    ),
    described(
        lints::BOOLEAN_KEY,
        "put the key in quotes, or write what Kubernetes makes of it",
        "variants: {on: true, off: false}",
        "variants: {\"on\": true, \"off\": false}",
    ),
    described(
        lints::NO_SUCH_VARIANT,
        "name a variant of the flag, or add it",
        "search: {variations: {new: 1, old: 2}, defaultRule: {variation: nwe}}",
        "search: {variations: {new: 1, old: 2}, defaultRule: {variation: new}}",
    ),
    described(
        lints::NO_SUCH_SEGMENT,
        "name a segment that is there, or add it",
        "flags: [{key: search, rules: [{segment: euorpe}]}]\nsegments: [{key: europe}]",
        "flags: [{key: search, rules: [{segment: europe}]}]\nsegments: [{key: europe}]",
    ),
    described(
        lints::INCOMPLETE_FLAG,
        "add the part, as the format's own documents describe it",
        "search: {variations: {new: 1, old: 2}}",
        "search: {variations: {new: 1, old: 2}, defaultRule: {variation: old}}",
    ),
    described(
        lints::MISPLACED_FLAG,
        "move it to where the other flags are",
        "{\"features\": {\"search\": {\"state\": \"enabled\"}}, \"cart\": {\"state\": \"enabled\"}}",
        "{\"features\": {\"search\": {\"state\": \"enabled\"}, \"cart\": {\"state\": \"enabled\"}}}",
    ),
    described(
        lints::IMPOSSIBLE_PERCENTAGE,
        "write a number from 0 to 100",
        "{key: everyone, segments: \"*\", percentage: 120}",
        "{key: everyone, segments: \"*\", percentage: 100}",
    ),
    file(
        lints::UNKNOWN_EVALUATOR,
        "define the evaluator under `$evaluators`, or correct its name",
        "flags/checkout/demo.flagd.json",
        "{\"flags\": {\"demo\": {\"state\": \"ENABLED\", \"defaultVariant\": \"off\", \"variants\": {\"on\": \
         true, \"off\": false},\n  \"targeting\": {\"if\": [{\"$ref\": \"isBeta\"}, \"on\", \"off\"]}}}}\n",
        "{\"flags\": {\"demo\": {\"state\": \"ENABLED\", \"defaultVariant\": \"off\", \"variants\": {\"on\": \
         true, \"off\": false},\n  \"targeting\": {\"if\": \
         [{\"$ref\": \"isBeta\"}, \"on\", \"off\"]}}},\n \"$evaluators\": {\"isBeta\": {\"==\": [{\"var\": \"beta\"}, \
         true]}}}\n",
    ),
    lines(
        lints::MISSING_DEPENDENCY,
        "name a flag of the project and a variant that it has, or take the dependency out",
        "parentDependencies: {flags: {pay: [treatment]}}",
        "# no dependency",
    ),
    files(
        lints::CYCLIC_DEPENDENCY,
        "remove one of the dependencies",
        &[
            (
                FLAG,
                "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: a}]\nparentDependencies: {flags: {pay: \
                 [a]}}\n",
            ),
            (
                PAY,
                "key: pay\nkind: flag\nstate: inactive\nvariants: [{key: a}]\nparentDependencies: {flags: {buy: \
                 [a]}}\n",
            ),
        ],
        &[
            (
                FLAG,
                "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: a}]\nparentDependencies: {flags: {pay: \
                 [a]}}\n",
            ),
            (PAY, "key: pay\nkind: flag\nstate: inactive\nvariants: [{key: a}]\n"),
        ],
    ),
    files(
        lints::INACTIVE_DEPENDENCY,
        "activate the flag that it depends on, or take the dependency out",
        &[
            (
                FLAG,
                "key: buy\nkind: flag\nstate: active\nvariants: [{key: a}]\nparentDependencies: {flags: {pay: [a]}}\n",
            ),
            (PAY, "key: pay\nkind: flag\nstate: inactive\nvariants: [{key: a}]\n"),
        ],
        &[
            (
                FLAG,
                "key: buy\nkind: flag\nstate: active\nvariants: [{key: a}]\nparentDependencies: {flags: {pay: [a]}}\n",
            ),
            (PAY, "key: pay\nkind: flag\nstate: active\nvariants: [{key: a}]\n"),
        ],
    ),
    files(
        lints::DEPENDENCY_MODE,
        "evaluate both in the same mode",
        &[
            (
                FLAG,
                "key: buy\nkind: flag\nstate: active\nevaluationMode: local\nvariants: [{key: a}]\nparentDependencies: \
                 {flags: {pay: [a]}}\n",
            ),
            (PAY, "key: pay\nkind: flag\nstate: active\nevaluationMode: remote\nvariants: [{key: a}]\n"),
        ],
        &[
            (
                FLAG,
                "key: buy\nkind: flag\nstate: active\nevaluationMode: local\nvariants: [{key: a}]\nparentDependencies: \
                 {flags: {pay: [a]}}\n",
            ),
            (PAY, "key: pay\nkind: flag\nstate: active\nevaluationMode: local\nvariants: [{key: a}]\n"),
        ],
    ),
    files(
        lints::DUPLICATE_FLAG,
        "rename the key of one of the two, or delete it",
        &[
            (FLAG, "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: a}]\n"),
            (PAY, "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: a}]\n"),
        ],
        &[
            (FLAG, "key: buy\nkind: flag\nstate: inactive\nvariants: [{key: a}]\n"),
            (PAY, "key: pay\nkind: flag\nstate: inactive\nvariants: [{key: a}]\n"),
        ],
    ),
    described(
        lints::DUPLICATE_DOCUMENT,
        "keep one of the two, with all that both hold, or put each into a folder of its own if they are for two \
         clusters or environments; where a kustomization lays one over the other, name it there under `patches`",
        "M k8s/flags.yaml\n  kind: FeatureFlag\n  metadata: {name: shop}\n  spec: {flagSpec: {flags: {buy: …}}}\nA \
         k8s/more.yaml\n  kind: FeatureFlag\n  metadata: {name: shop}\n  spec: {flagSpec: {flags: {}}}",
        "M k8s/flags.yaml\n  kind: FeatureFlag\n  metadata: {name: shop}\n  spec: {flagSpec: {flags: {buy: …}}}",
    ),
    file(
        lints::FILE_NAME,
        "name the file after the key, or the key after the file; another key is another flag to your code",
        PAY,
        "key: purchase\nkind: flag\nstate: inactive\nvariants: [{key: a}]\n",
        "key: pay\nkind: flag\nstate: inactive\nvariants: [{key: a}]\n",
    ),
];

const PAY: &str = "flags/checkout/pay.yaml";
