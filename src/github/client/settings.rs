//! The settings of the repository, as far as the gate rests on them.
//!
//! In: nothing but the client. Out: settings as plain data, each there, not there, or not to be read. GitHub answers
//! 404 for what is not there and for what a token may not see, so neither 403 nor 404 is ever taken for "not there"
//! here: that is said only where a list that could be read has no such thing in it.

use serde_json::{Value, json};

use super::raw::text;
use super::requests::Client;
use crate::diagnostics::escape::url_segment;
use crate::error::Error;
use crate::github::doctor::{
    Branch, BranchRules, Bypass, Environment, Known, Required, Reviews, Ruleset, StatusSource,
};
use crate::policy::PolicyFiles;
use crate::report::doctor::Fix;

/// The answer to a request that needs a right: a setting that the token may not see is unread.
fn known<T>(answer: Result<T, Error>) -> Result<Known<T>, Error> {
    match answer {
        Ok(value) => Ok(Known::There(value)),
        Err(error) if error.is_hidden() => Ok(Known::Unread(error.message)),
        Err(error) => Err(error),
    }
}

fn flag(value: &Value, path: &str) -> Option<bool> {
    value.pointer(path).and_then(Value::as_bool)
}

fn items<'v>(value: &'v Value, path: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.pointer(path).and_then(Value::as_array).into_iter().flatten()
}

impl Client {
    /// The page of the repository.
    #[must_use]
    pub fn page(&self) -> String {
        format!("{}/{}/{}", self.site.server, self.site.owner, self.site.name)
    }

    /// The full name of the repository, its default branch, and whether it lets pull requests be merged by rebase.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn repository(&self) -> Result<(String, String, Known<bool>), Error> {
        let answer = self.get(&self.repo())?;
        let hidden = || Known::Unread("GitHub tells it only to those who may write".to_owned());
        let rebase = flag(&answer, "/allow_rebase_merge").map_or_else(hidden, Known::There);
        Ok((text(&answer, "/full_name")?, text(&answer, "/default_branch")?, rebase))
    }

    /// Every ruleset for branches, those of the organisation too.
    ///
    /// # Errors
    /// If GitHub can't be asked.
    pub fn rulesets(&self) -> Result<Known<Vec<Ruleset>>, Error> {
        let path = format!("{}/rulesets", self.repo());
        let all = match known(self.list(&format!("{path}?includes_parents=true"), ""))? {
            Known::There(all) => all,
            Known::Unread(why) => return Ok(Known::Unread(why)),
            Known::Absent => return Ok(Known::Absent),
        };
        let mut found = Vec::new();
        for short in all.iter().filter(|one| one["target"].as_str().is_none_or(|target| target == "branch")) {
            let Some(id) = short["id"].as_u64() else { return Err(Error::unexpected("a ruleset has no id")) };
            let whole = known(self.get(&format!("{path}/{id}?includes_parents=true")))?;
            let (rules, bypass) = match &whole {
                Known::There(whole) => (whole, bypass(whole)),
                Known::Unread(why) => (short, Known::Unread(why.clone())),
                Known::Absent => (short, Known::Absent),
            };
            let checks = items(rules, "/rules").filter(|rule| rule["type"] == "required_status_checks");
            let contexts = checks
                .flat_map(|rule| items(rule, "/parameters/required_status_checks"))
                .filter_map(|check| check["context"].as_str().map(str::to_owned));
            found.push(Ruleset {
                id,
                name: text(short, "/name")?,
                enforcement: text(short, "/enforcement")?,
                contexts: contexts.collect(),
                bypass,
                page: self.ruleset_page(short, id),
            });
        }
        Ok(Known::There(found))
    }

    /// Where somebody changes a ruleset: those of an organisation are among its own settings.
    fn ruleset_page(&self, rule: &Value, id: u64) -> String {
        let kind = rule["source_type"].as_str().or_else(|| rule["ruleset_source_type"].as_str());
        let source = rule["source"].as_str().or_else(|| rule["ruleset_source"].as_str()).unwrap_or_default();
        match kind {
            Some("Organization") => format!("{}/organizations/{source}/settings/rules/{id}", self.site.server),
            Some("Enterprise") => format!("{}/enterprises/{source}/settings/rules/{id}", self.site.server),
            _ => format!("{}/settings/rules/{id}", self.page()),
        }
    }

    /// A branch, and what is in force there.
    ///
    /// # Errors
    /// If GitHub can't be asked.
    pub fn branch(&self, name: &str, rulesets: &Known<Vec<Ruleset>>) -> Result<Branch, Error> {
        let at = url_segment(name);
        let branch = known(self.get(&format!("{}/branches/{at}", self.repo())))?;
        let rules = known(self.list(&format!("{}/rules/branches/{at}", self.repo()), ""))?;
        let protection = known(self.get(&format!("{}/branches/{at}/protection", self.repo())))?;
        let tip = match &branch {
            Known::There(branch) => Known::There(text(branch, "/commit/sha")?),
            Known::Unread(why) => Known::Unread(why.clone()),
            Known::Absent => Known::Absent,
        };
        Ok(Branch {
            name: name.to_owned(),
            tip,
            policy: Known::Unread("its tip is not known".to_owned()),
            projects: Known::Absent,
            debts: Known::Absent,
            rulesets: rules.map(|rules| self.in_force(&rules, rulesets)),
            protection: match (protection, &branch) {
                (Known::There(whole), _) => Known::There(self.classic(&whole, true)),
                // Everybody who may read sees a part of it with the branch.
                (_, Known::There(branch)) if flag(branch, "/protection/enabled") == Some(false) => Known::Absent,
                (_, Known::There(branch)) if flag(branch, "/protection/enabled") == Some(true) => {
                    Known::There(self.classic(branch.get("protection").unwrap_or(&Value::Null), false))
                }
                (unread, _) => unread.map(|_| BranchRules::default()),
            },
        })
    }

    /// The rules of rulesets in force on a branch.
    fn in_force(&self, rules: &[Value], rulesets: &Known<Vec<Ruleset>>) -> BranchRules {
        let has = |kind: &str| rules.iter().any(|rule| rule["type"] == kind);
        let mut found = BranchRules {
            queue: has("merge_queue"),
            no_rebase: rules.iter().any(no_rebase),
            no_force: Some(has("non_fast_forward")),
            by_pull: Some(false),
            ..BranchRules::default()
        };
        for rule in rules {
            let of = |path: &str| flag(rule, path) == Some(true);
            match rule["type"].as_str() {
                Some("pull_request") => {
                    found.by_pull = Some(true);
                    let count = rule.pointer("/parameters/required_approving_review_count").and_then(Value::as_u64);
                    let before = found.reviews;
                    found.reviews = Some(Reviews {
                        dismiss_stale: of("/parameters/dismiss_stale_reviews_on_push")
                            || before.is_some_and(|before| before.dismiss_stale),
                        last_push: of("/parameters/require_last_push_approval")
                            || before.is_some_and(|before| before.last_push),
                        count: count.unwrap_or(0).max(before.map_or(0, |before| before.count)),
                    });
                }
                Some("required_status_checks") => {
                    let id = rule["ruleset_id"].as_u64();
                    let known = rulesets.there().and_then(|all| all.iter().find(|one| Some(one.id) == id));
                    let by = known.map_or_else(
                        || format!("the ruleset {}", id.map_or("without a number".to_owned(), |id| id.to_string())),
                        |one| format!("the ruleset `{}`", one.name),
                    );
                    let unread = || match rulesets {
                        Known::Unread(why) => Known::Unread(why.clone()),
                        _ => Known::Unread("it is not in the list of rulesets".to_owned()),
                    };
                    for check in items(rule, "/parameters/required_status_checks") {
                        let Some(context) = check["context"].as_str() else { continue };
                        found.required.push(Required {
                            context: context.to_owned(),
                            source: StatusSource::of(check["integration_id"].as_i64()),
                            strict: of("/parameters/strict_required_status_checks_policy"),
                            by: by.clone(),
                            page: self.ruleset_page(rule, id.unwrap_or(0)),
                            bypass: known.map_or_else(unread, |one| one.bypass.clone()),
                        });
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Branch protection of the older kind; `whole` if all of it could be read, not only its checks.
    fn classic(&self, protection: &Value, whole: bool) -> BranchRules {
        let checks = protection.get("required_status_checks").filter(|checks| !checks.is_null());
        let admins = flag(protection, "/enforce_admins/enabled");
        let level = checks.and_then(|checks| checks["enforcement_level"].as_str());
        let bypass = match (admins, level) {
            (Some(true), _) | (None, Some("everyone")) => Known::Absent,
            (Some(false), _) | (None, Some("non_admins")) => {
                Known::There(vec![Bypass { who: "administrators of the repository".to_owned(), everyone: false }])
            }
            (None, _) => Known::Unread("branch protection does not say whether it holds for administrators".to_owned()),
        };
        let required = |check: &Value| {
            Some(Required {
                context: check["context"].as_str()?.to_owned(),
                source: StatusSource::of(check["app_id"].as_i64()),
                strict: checks.and_then(|checks| checks["strict"].as_bool()) == Some(true),
                by: "branch protection".to_owned(),
                page: format!("{}/settings/branches", self.page()),
                bypass: bypass.clone(),
            })
        };
        let off = level == Some("off");
        let listed = checks.into_iter().filter(|_| !off).flat_map(|checks| items(checks, "/checks"));
        let reviews = protection.get("required_pull_request_reviews").filter(|reviews| !reviews.is_null());
        BranchRules {
            required: listed.filter_map(required).collect(),
            reviews: reviews.map(|reviews| Reviews {
                dismiss_stale: flag(reviews, "/dismiss_stale_reviews") == Some(true),
                last_push: flag(reviews, "/require_last_push_approval") == Some(true),
                count: reviews["required_approving_review_count"].as_u64().unwrap_or(0),
            }),
            queue: false,
            no_rebase: false,
            no_force: whole.then(|| flag(protection, "/allow_force_pushes/enabled") != Some(true)),
            by_pull: whole.then_some(reviews.is_some()),
        }
    }

    /// The workflow files at a commit: path and text.
    ///
    /// # Errors
    /// If GitHub can't be asked.
    pub fn workflows(&self, commit: &str) -> Result<Known<Vec<(String, String)>>, Error> {
        let (owner, name) = (json!(self.site.owner), json!(self.site.name));
        let at = json!(format!("{commit}:.github/workflows"));
        let query = format!(
            "query Workflows {{ repository(owner: {owner}, name: {name}) {{ object(expression: {at}) {{ ... on Tree {{ \
             entries {{ name object {{ ... on Blob {{ text isTruncated }} }} }} }} }} }} }}"
        );
        let data = match known(self.query_text("Workflows", &query))? {
            Known::There(data) => data,
            other => return Ok(other.map(|_| Vec::new())),
        };
        let mut found = Vec::new();
        for entry in items(&data, "/repository/object/entries") {
            let name = text(entry, "/name")?;
            let extension = name.rsplit_once('.').map(|(_, extension)| extension);
            if !matches!(extension, Some("yml" | "yaml")) {
                continue;
            }
            let whole = flag(entry, "/object/isTruncated") == Some(false);
            let content = entry.pointer("/object/text").and_then(Value::as_str).filter(|_| whole);
            let Some(content) = content else {
                return Ok(Known::Unread(format!("`.github/workflows/{name}` is no text, or too long")));
            };
            found.push((format!(".github/workflows/{name}"), content.to_owned()));
        }
        Ok(if found.is_empty() { Known::Absent } else { Known::There(found) })
    }

    /// The environments, and which branches may use each.
    ///
    /// # Errors
    /// If GitHub can't be asked.
    pub fn environments(&self) -> Result<Known<Vec<Environment>>, Error> {
        let path = format!("{}/environments", self.repo());
        let all = match known(self.list(&path, "/environments"))? {
            Known::There(all) => all,
            other => return Ok(other.map(|_| Vec::new())),
        };
        let mut found = Vec::new();
        for one in &all {
            let name = text(one, "/name")?;
            let own = flag(one, "/deployment_branch_policy/custom_branch_policies");
            let branches = match (own, flag(one, "/deployment_branch_policy/protected_branches")) {
                (Some(true), _) => {
                    let policies = format!("{path}/{}/deployment-branch-policies", url_segment(&name));
                    known(self.list(&policies, "/branch_policies"))?.map(|all| all.iter().map(pattern).collect())
                }
                (_, Some(true)) => Known::There(vec!["every protected branch".to_owned()]),
                _ => Known::Absent,
            };
            found.push(Environment { name, branches });
        }
        Ok(Known::There(found))
    }

    /// Whether GitHub Actions may approve pull requests.
    ///
    /// # Errors
    /// If GitHub can't be asked.
    pub fn actions_may_approve(&self) -> Result<Known<bool>, Error> {
        let answer = known(self.get(&format!("{}/actions/permissions/workflow", self.repo())))?;
        Ok(match answer.map(|answer| flag(&answer, "/can_approve_pull_request_reviews")) {
            Known::There(Some(may)) => Known::There(may),
            Known::There(None) => {
                return Err(Error::unexpected("the permissions of Actions say nothing of approvals"));
            }
            Known::Absent => Known::Absent,
            Known::Unread(why) => Known::Unread(why),
        })
    }

    /// The policy at some commit.
    ///
    /// # Errors
    /// If GitHub can't be asked.
    pub fn policy(&self, commit: &str) -> Result<Known<PolicyFiles>, Error> {
        let one = std::collections::BTreeSet::from([commit.to_owned()]);
        let policies = known(self.policies(&one))?;
        Ok(match policies.map(|policies| policies.into_values().next().unwrap_or_default()) {
            Known::There(files) if files.config.is_none() && files.approvers.is_none() => Known::Absent,
            other => other,
        })
    }

    /// Makes a fix of the doctor. One whose answer was lost is looked for by its name before it is made again.
    ///
    /// # Errors
    /// Why GitHub refused it.
    pub fn apply(&self, fix: &Fix) -> Result<(), Error> {
        let made = || {
            let name = fix.body.get("name").and_then(Value::as_str);
            let member = if fix.path.ends_with("/rulesets") { "" } else { "/branch_policies" };
            let all = if fix.method == "POST" { self.list(&format!("/{}", fix.path), member)? } else { Vec::new() };
            Ok(all.into_iter().find(|one| one["name"].as_str() == name))
        };
        self.write(fix.method, &format!("/{}", fix.path), Some(&fix.body), made).map(|_| ())
    }

    /// Whether the statuses of a commit can be read.
    ///
    /// # Errors
    /// If GitHub can't be asked.
    pub fn sees_statuses(&self, commit: &str) -> Result<Known<()>, Error> {
        let path = format!("{}/commits/{commit}/status?per_page=1", self.repo());
        Ok(known(self.get(&path))?.map(|_| ()))
    }
}

/// A pattern of branches; tags are no branches.
fn pattern(policy: &Value) -> String {
    let name = policy["name"].as_str().unwrap_or_default();
    if policy["type"] == "tag" { format!("the tags {name}") } else { name.to_owned() }
}

/// Whether a rule leaves nothing but merge commits and squashes; a method not known here may be a rebase.
fn no_rebase(rule: &Value) -> bool {
    let methods = rule.pointer("/parameters/allowed_merge_methods").and_then(Value::as_array);
    let keeps = |method: &Value| matches!(method.as_str(), Some("merge" | "squash"));
    rule["type"] == "pull_request" && methods.is_some_and(|all| !all.is_empty() && all.iter().all(keeps))
}

/// The actors who may bypass a ruleset; GitHub names them only to those who may change it.
fn bypass(ruleset: &Value) -> Known<Vec<Bypass>> {
    let Some(actors) = ruleset.get("bypass_actors").and_then(Value::as_array) else {
        return Known::Unread("GitHub tells it only to those who may change the ruleset".to_owned());
    };
    let one = |actor: &Value| {
        let id = actor["actor_id"].as_u64();
        let number = id.map_or(String::new(), |id| format!(" {id}"));
        let (who, everyone) = match (actor["actor_type"].as_str().unwrap_or_default(), id) {
            ("OrganizationAdmin", _) => ("owners of the organisation".to_owned(), false),
            ("RepositoryRole", Some(5)) => ("administrators of the repository".to_owned(), false),
            ("RepositoryRole", Some(2)) => ("maintainers of the repository".to_owned(), false),
            ("RepositoryRole", Some(4)) => ("everyone who may write".to_owned(), true),
            ("RepositoryRole", _) => (format!("the role{number}"), false),
            ("Team", _) => (format!("the team{number}"), false),
            ("User", _) => (format!("the user{number}"), false),
            ("Integration", _) => (format!("the App{number}"), false),
            ("DeployKey", _) => ("deploy keys".to_owned(), false),
            (other, _) => (format!("{other}{number}"), true),
        };
        let only = if actor["bypass_mode"] == "pull_request" { " (by pull request)" } else { "" };
        Bypass { who: format!("{who}{only}"), everyone }
    };
    if actors.is_empty() { Known::Absent } else { Known::There(actors.iter().map(one).collect()) }
}
