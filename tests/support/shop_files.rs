//! Policy and flags of `acme/shop`, the repository of the stories.

/// One project whose approvers are named, one where any peer may approve.
pub const CONFIG: &str = "version: 1
admins: [\"@root1\", \"@root2\"]
projects:
  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}
  growth: {paths: [\"flags/growth/**\"], approvals: peer}
lock: {after: 14d}
protect: [\".github/**\"]
";
pub const APPROVERS: &str = "flags/checkout/ @alice @bob\n";

/// A live flag that goes to this share of its users.
pub fn flag(key: &str, percent: u32) -> String {
    format!(
        "key: {key}\nkind: flag\nname: One\nstate: active\nevaluationMode: remote\ndeployments: [web]\nbucketingKey: \
         user_id\nbucketingSalt: s1\nvariants:\n  - {{key: \"on\"}}\nrolloutPercentage: {percent}\nrolloutWeights: \
         {{\"on\": 1}}\n"
    )
}
