//! The people who can approve by key: those whom the policy lets, as far as the trust has a key of theirs.
//!
//! In: a policy with its trust. Out: logins, and warnings where a change could be approved by nobody. It refuses to
//! take a team for its members: where no forge says who is in it, only `teams` of the configuration does. Not taken: an
//! error, since what needs no approval goes on, and a forge may be asked besides.

use std::collections::BTreeSet;

use super::{Approver, CONFIG_PATH, Policy, TRUST_PATH, Trust};
use crate::diagnostics::diagnostic::choice;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::flag::File;

impl Policy {
    /// The logins, in small letters, with a key in the trust that these approvers stand for, and the admins, who may
    /// approve everything. Of a peer requirement it is everybody with a key.
    #[must_use]
    pub fn by_key(&self, trust: &Trust, from: &[Approver], peer: bool) -> BTreeSet<String> {
        let mut able = BTreeSet::new();
        for approver in from.iter().chain(&self.config.admins) {
            match (approver, self.config.teams.get(approver)) {
                (Approver::User(login), _) => drop(able.insert(login.to_ascii_lowercase())),
                (Approver::Team(_), Some(members)) => able.extend(members.iter().map(|one| one.to_ascii_lowercase())),
                (Approver::Team(_), None) => {}
            }
        }
        let usable = trust.approvers.iter().filter(|signer| !trust.revoked.contains(&signer.fingerprint()));
        let keys = usable.flat_map(|signer| &signer.principals).map(|login| login.to_ascii_lowercase());
        keys.filter(|login| peer || able.contains(login)).collect()
    }

    /// The teams among these approvers and the admins of which nobody knows the members without a forge.
    #[must_use]
    pub fn unlisted<'a>(&'a self, from: &'a [Approver]) -> BTreeSet<String> {
        let teams = from.iter().chain(&self.config.admins).filter(|one| matches!(one, Approver::Team(_)));
        teams.filter(|team| !self.config.teams.contains_key(team)).map(ToString::to_string).collect()
    }

    /// The logins that may approve a change of the policy by key.
    #[must_use]
    pub fn policy_by_key(&self, trust: &Trust) -> BTreeSet<String> {
        let from: Vec<Approver> = self.config.of_policy().cloned().collect();
        self.by_key(trust, &from, false)
    }

    /// Warnings where the trust names keys of approvers, and something could be approved by none of them.
    pub(super) fn check_reach(&self, file: &File) -> Vec<Diagnostic> {
        let Some(trust) = self.trust.as_ref().filter(|trust| !trust.approvers.is_empty()) else { return Vec::new() };
        let mut found = Diagnostics::of(&file.path);
        if trust.people.is_empty() {
            let message = "`people` gives no address to anybody, so nobody knows who wrote a change, and no approval \
                           by key counts";
            let help = "write the addresses in commits of everybody who contributes: `people: {jo: [jo@acme.example]}`";
            found.add(lints::NO_KEY_APPROVES, Place::START, message, help);
        }
        let teams: Vec<String> = self
            .teams()
            .into_iter()
            .cloned()
            .collect::<Vec<_>>()
            .iter()
            .flat_map(|team| self.unlisted(std::slice::from_ref(team)))
            .collect();
        let teams: BTreeSet<String> = teams.into_iter().collect();
        if !teams.is_empty() {
            let names = choice(teams.iter().map(String::as_str));
            let message = format!("by key nobody is known to be in {names}, whose members only a forge could tell");
            let help = format!("list them under `teams` of `{CONFIG_PATH}`");
            found.add(lints::NO_KEY_APPROVES, Place::START, message, help);
        }
        if self.policy_by_key(trust).is_empty() {
            let message = format!(
                "nobody who may approve a change of the policy has a key here, so by key neither it nor `{TRUST_PATH}` \
                 changes again"
            );
            let help = "add the key of an admin, or of somebody under `policy-approvers`, to `approvers`";
            found.add(lints::NO_KEY_APPROVES, Place::START, message, help);
        }
        found.finish(&file.bytes)
    }
}
