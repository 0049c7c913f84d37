//! Requirements that the people who are named cannot meet.
//!
//! In: a policy. Out: warnings where it asks for more people than it names. It refuses to count a team whose members
//! only a forge knows. Not taken: an error, since what needs no approval goes on; and whoever wrote a change, who is
//! another one each time.

use std::collections::BTreeSet;

use super::{APPROVERS_PATH, Approver, CONFIG_PATH, Policy};
use crate::diagnostics::{Diagnostic, Place, lints};
use crate::policy::approvers_file::Section;
use crate::report::approvers::Approvals;

impl Policy {
    /// The diagnostic of a policy that fewer than two people may approve changes of, where the file tells who they are:
    /// nobody approves their own change.
    #[must_use]
    pub fn few_admins(&self) -> Option<Diagnostic> {
        let (people, unlisted) = self.config.people_of_policy();
        let (message, remedy) = match people.first() {
            _ if people.len() > 1 || !unlisted.is_empty() => return None,
            Some(one) => (
                format!("only `@{one}` may approve changes of the policy, and nobody approves their own"),
                "name a second person under `admins`, or under `policy-approvers`, who approve the policy and nothing \
                 else",
            ),
            None => (
                "nobody is named who may approve changes of the policy".to_owned(),
                "name two people under `admins`, such as `admins: [\"@ann\", \"@bob\"]`",
            ),
        };
        let place = self.config.places.admins.unwrap_or(Place::START);
        Some(Diagnostic::new(lints::FEW_ADMINS, CONFIG_PATH, place, message, remedy))
    }

    /// The diagnostics of sections and projects that ask for more people than may approve there, where the files tell
    /// who they are.
    #[must_use]
    pub fn few_approvers(&self) -> Vec<Diagnostic> {
        let sections = self.approvers.sections.iter().filter_map(|section| self.few_of_section(section));
        let named = self.approvers.sections.iter().flat_map(|section| {
            let lines = section.lines.iter().flat_map(|line| &line.approvers);
            section.defaults.iter().chain(lines)
        });
        let all = self.people(named);
        let projects = self.config.projects.iter().filter(|project| project.approvals == Approvals::Specific);
        let projects = projects.filter_map(|project| {
            let (count, name) = (all.as_ref()?.len(), &project.name);
            let message = format!(
                "`{name}` asks for {} people, and `{APPROVERS_PATH}` and `admins` have {count}",
                project.required
            );
            let remedy = match count {
                0 => "name people in APPROVERS, or under `admins`".to_owned(),
                count => format!("write `required: {count}`, or name more people in APPROVERS"),
            };
            let diagnostic = || Diagnostic::new(lints::FEW_APPROVERS, CONFIG_PATH, project.place, message, remedy);
            (project.required > 1 && count < project.required as usize).then(diagnostic)
        });
        sections.chain(projects).collect()
    }

    /// The diagnostic of the first line of a section that has too few people.
    fn few_of_section(&self, section: &Section) -> Option<Diagnostic> {
        let (name, required) = (section.name.as_ref()?, section.required);
        if section.optional || required < 2 {
            return None;
        }
        let count = |approvers: &[Approver]| Some(self.people(approvers)?.len());
        let (line, count) = section.lines.iter().find_map(|line| {
            let own = if line.approvers.is_empty() { &section.defaults } else { &line.approvers };
            count(own).filter(|count| *count < required as usize).map(|count| (line, count))
        })?;
        let message =
            format!("`[{name}][{required}]` asks for {required} people, and this line and `admins` have {count}");
        let remedy = match count {
            0 => "name people in this line".to_owned(),
            1 => format!("name more people in this line, or write `[{name}]`"),
            count => format!("name more people in this line, or write `[{name}][{count}]`"),
        };
        Some(Diagnostic::new(lints::FEW_APPROVERS, APPROVERS_PATH, line.place, message, remedy))
    }

    /// The logins that these approvers and the admins stand for, in small letters; `None` with a team whose members
    /// only a forge knows.
    fn people<'a>(&'a self, from: impl IntoIterator<Item = &'a Approver>) -> Option<BTreeSet<String>> {
        let mut people = BTreeSet::new();
        for approver in from.into_iter().chain(&self.config.admins) {
            match (approver, self.config.teams.get(approver)) {
                (Approver::User(login), _) => drop(people.insert(login.to_ascii_lowercase())),
                (Approver::Team(_), members) => people.extend(members?.iter().map(|one| one.to_ascii_lowercase())),
            }
        }
        Some(people)
    }
}
