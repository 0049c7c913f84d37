//! Trust: whose signatures under receipts and approvals count, `.countersign/trust.yaml`.
//!
//! In: the file on one side of a comparison. Out: a [`Trust`]. Keys stand in it as lines of git's `allowed_signers`, so
//! that `ssh-keygen -Y verify` and `git verify-commit` take the same lines; a key of OpenPGP stands in one of the same
//! form. It refuses a line that it understands less than whole: an option that is not known may be the one that
//! forbids. Not taken: certificates (`cert-authority`), with which whoever holds one key makes others, and RSA keys of
//! SSH, for which no library without an open advisory is at hand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

pub use self::openpgp::OpenPgpKey;
use self::signer::moment;
pub use self::signer::{AllowedSigner, SignerKey};
use super::approver::Approver;
use super::irregular;
use super::misread::Misread;
use super::typed::{KeylessSection, Sections};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::document::shape::{self, UnknownKeys};
use crate::document::yaml::{self, Dialect, RowsOfFile};
use crate::document::{Field, Node, Shape};
use crate::flag::File;

pub mod openpgp;
mod signer;

/// The path of the file.
pub const TRUST_PATH: &str = ".countersign/trust.yaml";

/// The namespace of every signature, so that one made for something else is none.
pub const NAMESPACE: &str = "countersign";

const KEYLESS: &[Field] = &[
    Field::new(
        "issuer",
        Shape::Text,
        "The issuer, who says who signed, such as `https://token.actions.githubusercontent.com`.",
    )
    .required(),
    Field::new(
        "identity",
        Shape::Text,
        "The signer: the address of the workflow with the branch it ran on, such as \
         `https://github.com/acme/shop/.github/workflows/countersign-receipts.yml@refs/heads/main`.",
    )
    .required(),
    Field::new(
        "valid-before",
        Shape::Text,
        "From when on it signs nothing more, as in git's `allowed_signers`, in UTC: `20261123` or `20261123090000Z`. \
         Its earlier signatures stay good.",
    ),
];

/// Every key of the file.
pub const TRUST_FIELDS: &[Field] = &[
    Field::new("version", Shape::Count(1), "The version of this file's format: 1.").required(),
    Field::new(
        "repository",
        Shape::Text,
        "The repository, such as `acme/shop`. Receipts and approvals name theirs, and those of another one count for \
         nothing here.",
    )
    .required(),
    Field::new(
        "branches",
        Shape::Set(&Shape::Text),
        "The branches whose receipts count, such as `main`; without it only those of the branch that is verified.",
    )
    .or("[]"),
    Field::new(
        "receipts",
        Shape::Set(&Shape::Text),
        "Keys that sign receipts: lines as in git's `allowed_signers`, such as `receipts@acme.example ssh-ed25519 \
         AAAA…`.",
    )
    .or("[]"),
    Field::new(
        "approvers",
        Shape::Set(&Shape::Text),
        "Keys that sign approvals: lines as in git's `allowed_signers` whose principal is the login that APPROVERS \
         names, without `@`, or an address that stands under `people`, such as `alice ssh-ed25519 AAAA…`. A key of \
         OpenPGP stands there as `alice openpgp` and what `gpg --export --export-options export-minimal KEY` writes, \
         in base64.",
    )
    .or("[]"),
    Field::new(
        "people",
        Shape::MapOf(&Shape::Set(&Shape::Text)),
        "Login to the e-mail addresses in the commits of that person. Where approvals are signed, nobody approves what \
         they wrote, and an address that is nobody's may be anybody's.",
    )
    .or("{}"),
    Field::new(
        "keyless",
        Shape::Items { id: "identity", ordered: false, of: KEYLESS },
        "Identities that sign receipts without a key of their own, by Sigstore: of a workflow that runs \
         `actions/attest`.",
    )
    .or("[]"),
    Field::new(
        "revoked",
        Shape::Set(&Shape::Text),
        "Fingerprints of keys that count for nothing any more, whenever they signed: `SHA256:…`, as `ssh-keygen -l` \
         prints them, or the forty digits of an OpenPGP key.",
    )
    .or("[]"),
    Field::new(
        "unsigned",
        Shape::OneOf(&["refuse", "accept"]),
        "Whether receipts without a signature count. `accept` trusts everybody who may push to \
         `refs/countersign/receipts`.",
    )
    .or("\"refuse\""),
];

/// A signer without a key, known by an identity that an issuer vouches for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeylessIdentity {
    pub issuer: String,
    pub identity: String,
    pub valid_before: Option<DateTime<Utc>>,
}

impl KeylessIdentity {
    /// Whether it is this identity, of this issuer: the name of another issuer's is another signer.
    #[must_use]
    pub fn is(&self, issuer: &str, identity: &str) -> bool {
        self.issuer == issuer && self.identity == identity
    }

    /// Why a signature of this identity that was made then does not count; none if it does.
    #[must_use]
    pub fn objection(&self, at: DateTime<Utc>) -> Option<String> {
        let ended = self.valid_before.is_some_and(|before| at >= before);
        ended.then(|| "the identity was not valid any more".to_owned())
    }
}

/// The trust: whose signatures count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// `owner/name`.
    pub repository: String,
    pub branches: Vec<String>,
    pub receipts: Vec<AllowedSigner>,
    /// Each principal is a login.
    pub approvers: Vec<AllowedSigner>,
    /// Logins by the addresses in commits, in small letters.
    pub people: BTreeMap<String, String>,
    pub keyless: Vec<KeylessIdentity>,
    /// Fingerprints, `SHA256:…` or forty digits.
    pub revoked: Vec<String>,
    /// Whether receipts without a signature count.
    pub unsigned: bool,
}

impl Trust {
    /// The person behind an address in a commit.
    #[must_use]
    pub fn login_of(&self, address: &str) -> Option<&str> {
        self.people.get(&address.to_lowercase()).map(String::as_str)
    }

    /// Reads the file; `None` if any of it is wrong.
    #[must_use]
    pub fn read(file: &File) -> (Option<Trust>, Vec<Diagnostic>) {
        if let Some(diagnostic) = irregular(file) {
            return (None, vec![diagnostic]);
        }
        let mut diagnostics = Diagnostics::of(&file.path);
        let trust = parse(file, &mut diagnostics);
        let whole = !diagnostics.any_error();
        (trust.filter(|_| whole), diagnostics.finish(&file.bytes))
    }
}

const ROWS: RowsOfFile = RowsOfFile {
    fields: TRUST_FIELDS,
    if_empty: "write `version: 1` into it, and below that `repository: acme/shop` and the signers under `receipts`",
    text_keys: false,
    times: 1,
};

fn parse(file: &File, diagnostics: &mut Diagnostics<'_>) -> Option<Trust> {
    let node = yaml::read_by(&file.bytes, &[Dialect::Profile], |_| ROWS, diagnostics)?;
    shape::check(&node, TRUST_FIELDS, "the trust", UnknownKeys::Refused, diagnostics);
    let version = node.get("version");
    if version.is_some_and(|one| one.as_number().and_then(crate::document::Decimal::to_integer) != Some(1)) {
        let place = version.map_or(Place::START, |version| version.place);
        let message = "`version` is another one than 1, and only 1 is known";
        diagnostics.add(lints::OUT_OF_RANGE, place, message, "write `version: 1`, or use a newer countersign");
    }
    let sections = Sections::of(&node);
    let strings = |name: &str, diagnostics: &mut Diagnostics<'_>| {
        sections.one::<Vec<String>>(name, diagnostics).map(|(strings, _)| strings).unwrap_or_default()
    };
    let keyless = sections.one::<Vec<KeylessSection>>("keyless", diagnostics).map(|(list, _)| list).unwrap_or_default();
    let people = people(&sections, diagnostics);
    let trust = Trust {
        repository: sections.one::<String>("repository", diagnostics).map(|(name, _)| name).unwrap_or_default(),
        branches: strings("branches", diagnostics),
        receipts: signers(&node, "receipts", diagnostics),
        approvers: approvers(&node, &people, diagnostics),
        people,
        keyless: keyless
            .into_iter()
            .filter_map(|KeylessSection { issuer, identity, valid_before }| {
                let place = node.get("keyless").map_or(node.place, |keyless| keyless.place);
                match valid_before.as_deref().map(moment).transpose() {
                    Ok(valid_before) => Some(KeylessIdentity { issuer, identity, valid_before }),
                    Err(Misread { message, remedy }) => {
                        diagnostics.add(lints::BAD_SIGNER, place, message, remedy);
                        None
                    }
                }
            })
            .collect(),
        revoked: strings("revoked", diagnostics).iter().filter_map(|text| fingerprint(text)).collect(),
        unsigned: node.get("unsigned").and_then(Node::as_text) == Some("accept"),
    };
    for (text, place) in listed(&node, "revoked") {
        if fingerprint(text).is_none() {
            let message = format!("`{}` is no fingerprint of a key", text.escape_debug());
            let help = "write `SHA256:…`, as `ssh-keygen -lf KEY.pub` prints it, or the forty digits that `gpg \
                        --fingerprint` prints";
            diagnostics.add(lints::BAD_SIGNER, place, message, help);
        }
    }
    let place = node.get("approvers").map_or(node.place, |approvers| approvers.place);
    for names in trust.keys_of_several() {
        let message = format!("one key stands for {}, and would approve for each", names.join(" and "));
        diagnostics.add(
            lints::BAD_SIGNER,
            place,
            message,
            "leave it with one of them, or say under `people` that they are one",
        );
    }
    Some(trust)
}

impl Trust {
    /// The people, in backticks, of each key of an approver that stands for more than one.
    fn keys_of_several(&self) -> Vec<Vec<String>> {
        let mut people: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for signer in &self.approvers {
            let known = |name: &String| self.people.get(&name.to_lowercase()).unwrap_or(name).to_lowercase();
            people.entry(signer.fingerprint()).or_default().extend(signer.principals.iter().map(known));
        }
        let several = people.into_values().filter(|names| names.len() > 1);
        several.map(|names| names.iter().map(|name| format!("`{}`", name.escape_debug())).collect()).collect()
    }
}

/// The people by the address in their commits. An address of two people is one of neither.
fn people(sections: &Sections<'_>, diagnostics: &mut Diagnostics<'_>) -> BTreeMap<String, String> {
    let mut people: BTreeMap<String, String> = BTreeMap::new();
    for (addresses, entry) in sections.each::<Vec<String>>("people", diagnostics) {
        for address in addresses {
            let other = people.insert(address.to_lowercase(), entry.key.clone());
            if let Some(other) = other.filter(|other| *other != entry.key) {
                let message = format!(
                    "`{}` is an address of `{}` and of `{}`",
                    address.escape_debug(),
                    other.escape_debug(),
                    entry.key.escape_debug()
                );
                diagnostics.add(lints::BAD_SIGNER, entry.place, message, "leave it with one of them");
            }
        }
    }
    people
}

fn listed<'n>(node: &'n Node, name: &str) -> impl Iterator<Item = (&'n str, Place)> {
    let items = node.get(name).and_then(Node::as_list).unwrap_or_default();
    items.iter().filter_map(|item| Some((item.as_text()?, item.place)))
}

/// The signers of a list, each with its place.
fn read_signers(node: &Node, name: &str, diagnostics: &mut Diagnostics<'_>) -> Vec<(AllowedSigner, Place)> {
    let mut signers = Vec::new();
    for (text, place) in listed(node, name) {
        match AllowedSigner::parse(text) {
            Ok(signer) => signers.push((signer, place)),
            Err(Misread { message, remedy }) => diagnostics.add(lints::BAD_SIGNER, place, message, remedy),
        }
    }
    signers
}

/// The signers of receipts with a key. Those are verified where no program is installed.
fn signers(node: &Node, name: &str, diagnostics: &mut Diagnostics<'_>) -> Vec<AllowedSigner> {
    let mut signers = Vec::new();
    for (signer, place) in read_signers(node, name, diagnostics) {
        if signer.key.openpgp().is_some() {
            let message = "a key of OpenPGP signs no receipts";
            let help = "put a key of SSH there, such as one that `ssh-keygen -t ed25519` makes";
            diagnostics.add(lints::BAD_SIGNER, place, message, help);
        }
        signers.push(signer);
    }
    signers
}

/// The signers of approvals, by their logins: a principal is one, or an address of somebody.
fn approvers(node: &Node, people: &BTreeMap<String, String>, diagnostics: &mut Diagnostics<'_>) -> Vec<AllowedSigner> {
    let mut signers = Vec::new();
    let mut exported: BTreeSet<String> = BTreeSet::new();
    for (mut signer, place) in read_signers(node, "approvers", diagnostics) {
        let mut logins: Vec<String> = Vec::new();
        for name in &signer.principals {
            let login = people.get(&name.to_lowercase()).unwrap_or(name);
            if !matches!(Approver::parse(&format!("@{login}")), Ok(Approver::User(_))) {
                let message =
                    format!("`{}` is no login and nobody's address, so the key approves nothing", name.escape_debug());
                let help =
                    "write the login that APPROVERS names, without `@`, or give the address to somebody under `people`";
                diagnostics.add(lints::BAD_SIGNER, place, message, help);
            } else if !logins.iter().any(|other| other.eq_ignore_ascii_case(login)) {
                logins.push(login.clone());
            }
        }
        signer.principals = logins;
        // Of two states of a key one may be that of before it was revoked.
        if signer.key.openpgp().is_some_and(|key| !exported.insert(key.fingerprint.clone())) {
            let message = format!("the OpenPGP key {} stands there twice", signer.fingerprint());
            diagnostics.add(lints::BAD_SIGNER, place, message, "leave the line with its newest state");
        }
        signers.push(signer);
    }
    signers
}

/// A fingerprint as keys have it; none if it is none.
fn fingerprint(text: &str) -> Option<String> {
    if text.parse::<ssh_key::Fingerprint>().is_ok() {
        return Some(text.to_owned());
    }
    let digits: String = text.chars().filter(|char| *char != ' ').collect::<String>().to_ascii_uppercase();
    (digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digits)
}

#[cfg(test)]
mod tests;
