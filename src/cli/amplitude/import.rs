//! `amplitude import`: flags and experiments of Amplitude as flag files. It changes nothing in Amplitude.

use crate::diagnostics::words::counted;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::connect::{ConnectAmplitude, bar};
use super::files::{self, AmplitudeProject};
use crate::amplitude::client::{AmplitudeClient, PER_SECOND};
use crate::amplitude::import::{Import, ImportSite, Imported, Included, ItemReads, import, reading};
use crate::amplitude::lock::{LOCK_PATH, Lock};
use crate::amplitude::saved::SavedItems;
use crate::amplitude::unread::{ReadPart, UnreadPart};
use crate::amplitude::{Item, fields, relations, saved};
use crate::cli::Exit;
use crate::cli::lint::LintedFiles;
use crate::cli::new::place;
use crate::cli::show::{Printing, Shell};
use crate::error::{Error, ErrorKind};
use crate::flag::Flag;
use crate::git::Repo;
use crate::policy::{AmplitudeConfig, CONFIG_PATH, Policy};

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Files that say what Amplitude has are left as they are, and files that somebody edited since they
were imported are never written over. Content that the API does not let be written stays in
Amplitude, and the file says so.

Examples:
  countersign amplitude import                     everything, with AMPLITUDE_MANAGEMENT_KEY
  countersign amplitude import --dry-run           only say what would be written
  countersign amplitude import --from flags.json   what curl has saved, without a key"
)]
pub struct ImportArgs {
    /// Read answers of Amplitude from this file, saved by curl or by `amp flags list --json` (repeatable)
    #[arg(long, value_name = "FILE")]
    from: Vec<PathBuf>,
    /// The items whose included users and cohorts are read, two requests a variant: `auto` reads all of them if that
    /// takes less than three minutes, else as many as fit, those of enabled items first
    #[arg(
        long,
        value_name = "WHICH",
        default_value = "auto",
        value_parser = ["auto", "enabled", "all", "none"],
        conflicts_with = "from"
    )]
    inclusions: String,
    /// Only this project of the configuration [default: all that are in Amplitude]
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    connect: ConnectAmplitude,
}

impl ImportArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let tree = LintedFiles::open(&repo, None)?;
        let (policy, diagnostics) = Policy::read(&tree.policy()?);
        let printing = Printing { format: "text".to_owned(), all: false };
        let Some(policy) = policy else { return Ok(shell.invalid_policy(&diagnostics, &printing)) };
        let config = files::config(&policy)?;
        let root = repo.workdir().map(std::path::Path::to_owned).unwrap_or_default();
        let mut lock = files::lock(&root)?;
        let projects = files::projects(&repo, &tree, &policy, self.project.as_deref())?;
        let mut out = String::new();
        let (items, unread) = if self.from.is_empty() {
            self.read_amplitude(config, &projects, &lock, &mut out)?
        } else {
            self.saved(shell, &mut out)?
        };
        let elsewhere = items.iter().filter(|item| !config.projects.values().any(|id| *id == item.project));
        let others: BTreeSet<&str> = elsewhere.clone().map(|item| item.project.as_str()).collect();
        if !others.is_empty() {
            let others: Vec<&str> = others.into_iter().collect();
            let number = counted(elsewhere.count(), "item");
            say(
                &mut out,
                &format!("{number} left alone: of projects that are not in the configuration ({})", others.join(", ")),
            );
        }
        let (mut held, mut wrote) = (false, false);
        let whole = |one: &&AmplitudeProject<'_>| {
            !unread.iter().any(|part| part.part == ReadPart::Project(one.project.name.clone()))
        };
        for one in projects.iter().filter(whole) {
            let here: Vec<Item> = items.iter().filter(|item| item.project == one.id).cloned().collect();
            if here.is_empty() {
                let name = &one.project.name;
                say(
                    &mut out,
                    &format!(
                        "{name}: the project {} of Amplitude has no flag and no experiment here; if it should, check \
                         its id in `{CONFIG_PATH}`",
                        one.id
                    ),
                );
            }
            let done = into(one, here, &repo, &policy, config, &mut lock)?;
            held |= self.carry_out(&root, one, &done, &mut out)?;
            let is_written = |imported: &Imported| matches!(imported, Imported::New { .. } | Imported::Updated { .. });
            wrote |= done.items.values().any(|(imported, _)| is_written(imported));
        }
        let text = lock.text();
        if !self.dry_run && std::fs::read_to_string(root.join(LOCK_PATH)).ok().as_deref() != Some(text.as_str()) {
            files::write(&root, LOCK_PATH, &text)?;
            say(&mut out, &format!("wrote {LOCK_PATH}"));
        }
        shell.print(&crate::cli::event::guarded(&out));
        if wrote && !self.dry_run {
            shell.note("commit these files; `countersign amplitude plan` compares what is on the default branch");
        }
        if held {
            shell.note(
                "compare the files that were kept with Amplitude, then either edit them or delete them and \
                        import again",
            );
        }
        unread_end(&unread, shell)?;
        Ok(Exit::Clear)
    }

    fn saved(&self, shell: &Shell, out: &mut String) -> Result<(Vec<Item>, Vec<UnreadPart>), Error> {
        let mut items: BTreeMap<String, Item> = BTreeMap::new();
        let (mut unread, mut all) = (Vec::new(), SavedItems::default());
        for path in &self.from {
            let at = shell.dir().join(path);
            let bytes = std::fs::read(&at).map_err(|error| Error::file("read", &at, &error))?;
            let text = saved::decoded(&bytes);
            let remedy = "save what `GET /flags` or `GET /experiments` of Amplitude's API answers";
            let found =
                saved::items(&text).map_err(|why| Error::usage(format!("`{}`: {why}", path.display()), remedy))?;
            unread.extend(found.unread.into_iter().map(|why| {
                let error = Error::new(ErrorKind::Unexpected, why, format!("{remedy} once more"));
                UnreadPart::new(ReadPart::File(path.display().to_string()), error)
            }));
            items.extend(found.items.into_iter().map(|item| (item.id.clone(), item)));
            all.continued.extend(found.continued);
            all.ended.extend(found.ended);
            all.unsure.extend(found.unsure);
        }
        if !all.unsure.is_empty() {
            let keys: Vec<&str> = all.unsure.iter().take(10).map(String::as_str).collect();
            let more = all.unsure.len().checked_sub(11).map_or(String::new(), |more| format!(" and {} more", more + 1));
            let line = format!(
                "taken as not archived, since what was saved does not say it: {}{more}; save `GET /flags/ID` of each \
                 to be sure",
                keys.join(", ")
            );
            say(out, &line);
        }
        for (list, cursor) in all.unfinished() {
            say(
                out,
                &format!(
                    "the list `{list}` goes on after what was saved: save its next page too (cursor `{cursor}`), and \
                     import all of them together"
                ),
            );
        }
        let mut items: Vec<Item> = items.into_values().collect();
        relations::explain(&mut items, &BTreeMap::new());
        Ok((items, unread))
    }

    /// Everything that Amplitude has of the projects, and the parts that could not be read.
    fn read_amplitude(
        &self,
        config: &AmplitudeConfig,
        projects: &[AmplitudeProject<'_>],
        lock: &Lock,
        out: &mut String,
    ) -> Result<(Vec<Item>, Vec<UnreadPart>), Error> {
        self.connect.with(config, |client| self.read(client, projects, lock, out))?
    }

    fn read(
        &self,
        client: &AmplitudeClient,
        projects: &[AmplitudeProject<'_>],
        lock: &Lock,
        out: &mut String,
    ) -> Result<(Vec<Item>, Vec<UnreadPart>), Error> {
        let (mut items, mut unread) = (Vec::new(), Vec::new());
        for project in projects {
            match listed(client, project, lock, out) {
                // One project that the key may not read, or that is not listed in full, does not stop the others.
                Err(error) if error.kind.is_of_an_answer() => {
                    unread.push(UnreadPart::new(ReadPart::Project(project.project.name.clone()), error));
                }
                found => {
                    let (found, parts) = found?;
                    items.extend(found);
                    unread.extend(parts);
                }
            }
        }
        let ItemReads { details, requests, left, more } =
            reading(&items, self.included(), &managed(projects), client.calls());
        let progress = bar(requests, "answers");
        let half = client.detail_each(&mut items, &details, &|| progress.inc(1))?;
        progress.finish_and_clear();
        if left > 0 && self.included() == Included::Fitting {
            let seconds = more / PER_SECOND as usize;
            let time = if seconds < 90 { counted(seconds + 1, "second") } else { counted(seconds / 60 + 1, "minute") };
            let items = counted(left, "item");
            let line = format!(
                "not read: whom {items} include, which stays Amplitude's, as each file says; `--inclusions all` reads \
                 it in {time} more"
            );
            say(out, &line);
        }
        // Half an item is none: its file stays as it is.
        for (at, error) in half.into_iter().rev() {
            let item = items.remove(at);
            let project = projects.iter().find(|project| project.id == item.project);
            let project = project.map_or("", |project| project.project.name.as_str());
            let name = format!("{project}/{}", crate::diagnostics::escape::visible(&item.key));
            unread.push(UnreadPart::new(ReadPart::Flag(name), error));
        }
        let ids: BTreeSet<String> = items.iter().map(|item| item.id.clone()).collect();
        match client.latest_of_all(&ids) {
            Err(error) if error.kind.is_of_an_answer() => unread.push(UnreadPart::new(ReadPart::Versions, error)),
            versions => {
                let versions = versions?;
                for item in &mut items {
                    item.version = versions.get(&item.id).map(|version| version.number);
                }
            }
        }
        Ok((items, unread))
    }

    fn included(&self) -> Included {
        match self.inclusions.as_str() {
            "all" => Included::All,
            "enabled" => Included::Enabled,
            "none" => Included::Nobody,
            _ => Included::Fitting,
        }
    }

    /// Writes the files, and says what it did. Whether a file was kept that says something else than Amplitude.
    fn carry_out(
        &self,
        root: &std::path::Path,
        project: &AmplitudeProject<'_>,
        done: &Import,
        out: &mut String,
    ) -> Result<bool, Error> {
        let name = &project.project.name;
        let would = if self.dry_run { "would write" } else { "wrote" };
        let (mut same, mut held) = (0, false);
        for (old, new) in &done.renamed {
            say(out, &format!("{name}/{old}: its key is `{new}` in Amplitude now"));
        }
        for (key, what) in &done.replaced {
            say(out, &format!("{name}/{}: {what}", crate::diagnostics::escape::visible(key)));
        }
        for (key, (imported, left_out)) in &done.items {
            match imported {
                Imported::New { path, text } | Imported::Updated { path, text } => {
                    if !self.dry_run {
                        files::write(root, path, text)?;
                    }
                    say(out, &format!("{would} {path}"));
                }
                Imported::Same { .. } => same += 1,
                Imported::Edited { path, fields } => {
                    held = true;
                    say(out, &format!("kept {path}, which is another than Amplitude's: {}", fields.join(", ")));
                }
                Imported::Without { why } => {
                    let key = crate::diagnostics::escape::visible(key);
                    say(out, &format!("no file for {name}/{key}: {why}"));
                }
            }
            if matches!(imported, Imported::New { .. } | Imported::Updated { .. }) {
                for (field, why) in left_out {
                    let why = crate::diagnostics::escape::visible(why);
                    say(out, &format!("  without {field}, which stays in Amplitude: {why}"));
                }
            }
        }
        if same > 0 {
            say(out, &format!("{name}: {} as it is in Amplitude", counted(same, "file")));
        }
        Ok(held)
    }
}

/// The items of a project as its lists tell them, and those that they tell of and that could not be read.
fn listed(
    client: &AmplitudeClient,
    project: &AmplitudeProject<'_>,
    lock: &Lock,
    out: &mut String,
) -> Result<(Vec<Item>, Vec<UnreadPart>), Error> {
    let name = project.project.name.as_str();
    let known = lock.ids(name, project.id);
    let mut list = client.listed(project.id)?;
    if let Some(error) = list.broken {
        return Err(error);
    }
    client.look_for(&mut list, project.id, &known, &BTreeSet::new())?;
    let seen = |id: &String| {
        list.items.iter().any(|item| item.id == *id) || list.unread.iter().any(|one| one.id.as_ref() == Some(id))
    };
    for id in known.keys().filter(|id| !seen(id)) {
        let key = lock.key_of(name, id).unwrap_or_default();
        say(out, &format!("{name}/{key}: its item {id} is no longer in this project of Amplitude"));
    }
    let (mut items, unread) = files::read(list, project, lock);
    client.explain(&mut items)?;
    Ok((items, unread))
}

/// Says what could not be read, and that the rest is imported.
///
/// # Errors
/// If anything could not be.
fn unread_end(unread: &[UnreadPart], shell: &Shell) -> Result<(), Error> {
    let Some(first) = unread.first() else { return Ok(()) };
    for part in unread {
        let name = match part.part {
            ReadPart::Project(_) => format!("project {}", part.name()),
            ReadPart::File(_) => format!("an item in {}", part.name()),
            _ => part.name().to_owned(),
        };
        let kept =
            if part.part == ReadPart::Versions { "" } else { ", so its files and the lock file stay as they are" };
        shell.note(&format!("{name} could not be read{kept}: {}; {}", part.error.message, part.error.help));
    }
    let message = format!("{} could not be read; everything else was imported", counted(unread.len(), "part"));
    Err(Error::new(first.error.kind, message, "do what each of them says, then import again: it goes on from there"))
}

/// Adds a line, in which nothing that Amplitude said acts on a terminal.
fn say(out: &mut String, line: &str) {
    out.push_str(&crate::diagnostics::escape::visible(line));
    out.push('\n');
}

/// The flags whose files say whom their variants include, by project and key.
fn managed(projects: &[AmplitudeProject<'_>]) -> BTreeSet<(String, String)> {
    let says = |flag: &Flag| {
        fields::list_of(&flag.record, fields::VARIANTS).iter().any(|variant| variant.get(fields::INCLUSIONS).is_some())
    };
    let mut found = BTreeSet::new();
    for project in projects {
        let flags = project.files.iter().filter(|file| file.native).map(|file| &file.entry.flag);
        found.extend(flags.filter(|flag| says(flag)).map(|flag| (project.id.to_owned(), flag.key.clone())));
    }
    found
}

/// The name of the file that a place is asked for.
const NAME: &str = "name-of-a-new-file";

/// Imports the items of a project, and takes down in the lock file what it found.
fn into(
    one: &AmplitudeProject<'_>,
    mut items: Vec<Item>,
    repo: &Repo,
    policy: &Policy,
    config: &AmplitudeConfig,
    lock: &mut Lock,
) -> Result<Import, Error> {
    items.sort_by(|a, b| (&a.key, &a.id).cmp(&(&b.key, &b.id)));
    let paths: Vec<&str> = one.files.iter().map(|file| file.entry.path.as_str()).collect();
    let remedy =
        format!("add the folder of its flag files to `paths` of `{}`, such as `flags/{0}/**`", one.project.name);
    let (path, _) = place(policy, one.project, &paths, NAME).map_err(|error| Error { help: remedy, ..error })?;
    let folder = path.strip_suffix(".yaml").and_then(|path| path.strip_suffix(NAME)).unwrap_or_default();
    let mut taken = one.taken.clone();
    taken.extend(
        items
            .iter()
            .map(|item| format!("{folder}{}.yaml", item.key))
            .filter(|path| repo.workdir().is_some_and(|root| root.join(path).symlink_metadata().is_ok())),
    );
    let around = ImportSite {
        files: &one.files,
        taken: &taken,
        folder,
        locked: lock.projects.get(&one.project.name).filter(|locked| locked.id == one.id),
        unmanaged: &config.unmanaged,
        invalid: &one.invalid,
    };
    let done = import(one.id, &items, &around);
    lock.projects.insert(one.project.name.clone(), done.locked.clone());
    Ok(done)
}
