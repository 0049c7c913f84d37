//! The signature under a response, and whether the response would count.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::git::Repo;
use crate::git::gpg::gpg_sign;
use crate::git::ssh::{SigningKey, ssh_sign};
use crate::policy::trust::AllowedSigner;
use crate::policy::{Approver, Policy, TRUST_PATH, Trust};
use crate::receipt::Envelope;
use crate::receipt::approval::{SignedApproval, SignedResponse};
use crate::receipt::openpgp::OpenPgpSignature;
use crate::receipt::payment::LaterPolicy;
use crate::receipt::proposal::SignedResponses;
use crate::report::{FlagReport, Overridden, Report, Requirement};
use crate::review::POLICY;

/// A response that was signed, and by whom.
pub struct SignedEnvelope {
    pub envelope: Envelope,
    /// The logins before the key in the trust.
    pub logins: Vec<String>,
}

/// Signs a response with the key that git signs with, or one of SSH that was named.
pub fn signed_by(repo: &Repo, trust: &Trust, key: &SigningKey, payload: &[u8]) -> Result<SignedEnvelope, Error> {
    let message = Envelope::to_sign(payload);
    let (armored, fingerprint, signer) = match key {
        SigningKey::Ssh(file) => {
            let made = ssh_sign("ssh-keygen".as_ref(), file, &message)?;
            let is =
                |signer: &&AllowedSigner| signer.key.ssh().is_some_and(|key| key.key_data() == made.key.key_data());
            (made.armored, made.fingerprint.clone(), trust.approvers.iter().find(is))
        }
        SigningKey::OpenPgp(key) => {
            let armored = gpg_sign(&repo.gpg_program(), key, &message)?;
            let signature = OpenPgpSignature::parse(&armored).map_err(|why| {
                let help =
                    "take `sig-notation`, `cert-digest-algo` and the like out of gpg.conf, or sign with another key";
                Error::outside(format!("the signature of `gpg` counts for nothing: {why}"), help)
            })?;
            let is = |signer: &&AllowedSigner| signer.key.openpgp().is_some_and(|key| signature.may_be_of(key));
            let signer = trust.approvers.iter().find(is);
            let fingerprint = signer.map_or_else(|| signature.words(), AllowedSigner::fingerprint);
            (armored, fingerprint, signer)
        }
    };
    let Some(signer) = signer else {
        let message = format!("the key {fingerprint} stands under `approvers` of nobody in `{TRUST_PATH}` of the base");
        let help = match key {
            SigningKey::Ssh(_) => "have it added there, or name another key with `--sign-with`".to_owned(),
            SigningKey::OpenPgp(key) => format!(
                "have it added there, as `LOGIN openpgp` and what `gpg --export --export-options export-minimal {} | \
                 base64 | tr -d '\\n'` \
                 prints",
                key.escape_debug()
            ),
        };
        return Err(Error::usage(message, help));
    };
    let envelope = Envelope::unsigned(payload).signed(&armored, Some(fingerprint));
    Ok(SignedEnvelope { envelope, logins: signer.principals.clone() })
}

/// Whether a response of these people counts for any of what it is about, by the verdict with it. The error says why it
/// does not.
pub fn counts(
    report: &Report,
    logins: &[String],
    response: SignedResponse,
    dismissed: Option<&str>,
    (policy, digests): (&Policy, &BTreeMap<String, String>),
) -> Result<(), String> {
    let own = |login: &String| logins.iter().any(|one| one.eq_ignore_ascii_case(login));
    let rejecter = dismissed.unwrap_or_default().trim_start_matches('@');
    let mut why = None;
    for name in digests.keys() {
        let (requirements, overridden) = requirements_of(report, name);
        let done = match response {
            SignedResponse::Approve => requirements.iter().any(|one| one.approved_by.iter().any(own)),
            SignedResponse::Reject => requirements.iter().any(|one| one.rejected_by.iter().any(own)),
            SignedResponse::Dismiss => {
                let rejects = |login: &String| login.eq_ignore_ascii_case(rejecter);
                !requirements.iter().any(|one| one.rejected_by.iter().any(rejects))
            }
            SignedResponse::BreakGlass => overridden.is_some_and(|one| one.by.iter().any(own)),
        };
        if done {
            return Ok(());
        }
        let about = |login: &String| match response {
            SignedResponse::Dismiss => login.eq_ignore_ascii_case(rejecter),
            _ => own(login),
        };
        let noted = requirements.iter().flat_map(|one| &one.not_counted).find(|one| about(&one.login));
        why = why.or_else(|| noted.map(|one| format!("{} {}", one.login, one.why)));
    }
    if response == SignedResponse::BreakGlass {
        let admin = |admin: &Approver| match admin {
            Approver::User(name) => logins.iter().any(|login| login.eq_ignore_ascii_case(name)),
            // Of a team that is not listed nobody knows who is in it.
            Approver::Team(_) => policy.config.teams.get(admin).is_some_and(|members| members.iter().any(own)),
        };
        // It may take one more.
        if policy.config.admins.iter().any(admin) {
            return Ok(());
        }
        return Err(format!("{} is no admin, who may break the glass", logins.join(", ")));
    }
    Err(why.unwrap_or_else(|| format!("{} can approve none of it by the policy", logins.join(", "))))
}

/// Why none of these people could approve any of it under the policy that the branch has now; none if one of them
/// could.
pub fn not_any_more(
    later: &LaterPolicy,
    report: &Report,
    logins: &[String],
    digests: &BTreeMap<String, String>,
) -> Option<String> {
    let about = report.flags.iter().filter(|flag| digests.contains_key(&flag.id().to_string()));
    let could = |flag: &FlagReport| logins.iter().any(|login| later.lets_approve(flag, login, None));
    let none = !about.clone().any(could) && about.count() > 0;
    none.then(|| format!("{} could not approve any of it under the policy", logins.join(", ")))
}

/// Why an approval by these people pays nothing: they broke the glass themselves for all that it is about.
pub fn broke_glass(
    known: &SignedResponses,
    logins: &[String],
    (policy, digests): (&Policy, &BTreeMap<String, String>),
) -> Option<String> {
    let admins = policy.by_key(&known.trust, &policy.config.admins, false);
    // Somebody who may not break the glass broke nothing.
    let own = |login: &String| {
        admins.contains(&login.to_ascii_lowercase()) && logins.iter().any(|one| one.eq_ignore_ascii_case(login))
    };
    let breaks =
        |one: &&SignedApproval| one.approval.response == SignedResponse::BreakGlass && one.logins.iter().any(own);
    let broken: BTreeMap<&String, &String> =
        known.responses.iter().filter(breaks).flat_map(|one| &one.digests).collect();
    let all = !digests.is_empty() && digests.iter().all(|(name, digest)| broken.get(name) == Some(&digest));
    all.then(|| format!("{} broke the glass for it, and somebody else has to approve it", logins.join(", ")))
}

/// The requirements of a flag or of the policy, and whether it was let in without them.
fn requirements_of<'r>(report: &'r Report, name: &str) -> (&'r [Requirement], Option<&'r Overridden>) {
    if name == POLICY {
        return (&report.policy.requirements, report.policy.overridden.as_ref());
    }
    let flag = report.flags.iter().find(|flag| flag.id().is(name));
    flag.map_or((&[], None), |flag| (&flag.requirements, flag.overridden.as_ref()))
}
