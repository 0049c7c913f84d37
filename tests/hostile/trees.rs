//! Repositories made to cost much: objects that no git command would write, and any server would take.

use std::path::Path;

use countersign::approval::Evidence;
use countersign::git::inputs::{Under, examine};
use countersign::git::{Proposal, Repo};
use countersign::report::{Report, Verdict};
use git2::{ObjectType, Oid, Repository, Signature, Time};

use super::world::{APPROVERS, CONFIG, flag};

/// A shape of the tree that somebody proposes, on a base of one flag.
pub struct TreeShape {
    pub name: &'static str,
    /// At this size it has to be refused.
    pub to: usize,
    pub of: fn(&Objects<'_>, usize) -> Vec<Row>,
}

/// One row of a tree: mode, name, object.
pub type Row = (&'static str, Vec<u8>, Oid);

pub const SHAPES: &[TreeShape] = &[
    TreeShape { name: "folders in two cases, nested", to: 128, of: |git, n| vec![git.folder("docs", git.cases(n))] },
    TreeShape {
        name: "folders in two cases, nested, where flags are",
        to: 128,
        of: |git, n| vec![git.folder("flags", git.cases(n))],
    },
    TreeShape { name: "names of 4,000 bytes", to: 8_192, of: |git, n| git.files(n, |i| format!("{i:0>4000}")) },
    TreeShape {
        name: "names of 4,000 bytes, where flags are",
        to: 8_192,
        of: |git, n| vec![git.folder("flags", git.files(n, |i| format!("{i:0>4000}")))],
    },
    TreeShape { name: "names of 4,000 bytes, nested", to: 128, of: |git, n| vec![git.nested(&"n".repeat(4_000), n)] },
    TreeShape { name: "folders, nested", to: 1_024, of: |git, n| vec![git.nested("n", n)] },
    TreeShape { name: "folders, nested, where flags are", to: 1_024, of: |git, n| vec![git.nested("flags", n)] },
    TreeShape {
        name: "ten folders in ten folders in …",
        to: 64,
        of: |git, n| git.bomb(n, git.files(1, |_| "x".to_owned())),
    },
    TreeShape { name: "ten empty folders in ten folders in …", to: 64, of: |git, n| git.bomb(n, Vec::new()) },
    TreeShape { name: "files", to: 262_144, of: |git, n| git.files(n, |i| format!("{i:0>8}")) },
    TreeShape {
        name: "files, where flags are",
        to: 8_192,
        of: |git, n| vec![git.folder("flags", git.files(n, |i| format!("{i:0>8}.yaml")))],
    },
    TreeShape {
        name: "links, where flags are",
        to: 8_192,
        of: |git, n| {
            let links = git.files(n, |i| format!("{i:0>8}.yaml")).into_iter().map(|(_, name, id)| ("120000", name, id));
            vec![git.folder("flags", links.collect())]
        },
    },
    TreeShape {
        name: "files of a megabyte, where flags are",
        to: 32,
        of: |git, n| {
            let big = git.odb.write(ObjectType::Blob, "# x\n".repeat((1 << 18) - 1).as_bytes()).unwrap();
            vec![git.folder("flags", (0..n).map(|i| ("100644", format!("{i:0>8}.yaml").into_bytes(), big)).collect())]
        },
    },
];

/// The objects of a repository that is being made.
pub struct Objects<'r> {
    odb: git2::Odb<'r>,
    blob: Oid,
}

impl Objects<'_> {
    fn tree(&self, mut rows: Vec<Row>) -> Oid {
        rows.sort_by_key(|(mode, name, _)| [name.as_slice(), if *mode == "40000" { b"/" } else { b"" }].concat());
        let line = |(mode, name, id): &Row| [mode.as_bytes(), b" ", name, b"\0", id.as_bytes()].concat();
        self.odb.write(ObjectType::Tree, &rows.iter().flat_map(line).collect::<Vec<u8>>()).unwrap()
    }

    fn folder(&self, name: &str, rows: Vec<Row>) -> Row {
        ("40000", name.as_bytes().to_vec(), self.tree(rows))
    }

    fn files(&self, count: usize, name: impl Fn(usize) -> String) -> Vec<Row> {
        (0..count).map(|i| ("100644", name(i).into_bytes(), self.blob)).collect()
    }

    fn nested(&self, name: &str, depth: usize) -> Row {
        let inner = self.folder(name, self.files(1, |_| "x".to_owned()));
        (1..depth).fold(inner, |inner, _| self.folder(name, vec![inner]))
    }

    /// `A` and `a` in `A` and `a` in …: as many spellings of one path as two to the depth.
    fn cases(&self, depth: usize) -> Vec<Row> {
        (0..depth).fold(self.files(1, |_| "x.yaml".to_owned()), |inner, _| {
            let inner = self.tree(inner);
            [b"A", b"a"].map(|name| ("40000", name.to_vec(), inner)).to_vec()
        })
    }

    fn bomb(&self, depth: usize, inside: Vec<Row>) -> Vec<Row> {
        (0..depth).fold(inside, |inner, _| {
            let inner = self.tree(inner);
            (0..10).map(|i| ("40000", format!("{i}").into_bytes(), inner)).collect()
        })
    }
}

/// Makes a repository with a base and a proposal of this shape.
pub fn make(at: &Path, shape: &TreeShape, size: usize) {
    let git = Repository::init_bare(at).unwrap();
    let odb = git.odb().unwrap();
    let blob = |text: &str| odb.write(ObjectType::Blob, text.as_bytes()).unwrap();
    let objects = Objects { blob: blob("x"), odb: git.odb().unwrap() };
    let file = |name: &str, text: &str| ("100644", name.as_bytes().to_vec(), blob(text));
    let base = vec![
        objects.folder(".countersign", vec![file("config.yaml", CONFIG), file("APPROVERS", APPROVERS)]),
        objects.folder("flags", vec![file("buy.yaml", &flag("variants: [{key: a}]\n"))]),
    ];
    let rows = (shape.of)(&objects, size);
    let named = |rows: &[Row], name: &[u8]| rows.iter().any(|(_, other, _)| other == name);
    let kept = base.iter().filter(|(_, name, _)| !named(&rows, name)).cloned();
    let proposed = objects.tree(kept.chain(rows.iter().cloned()).collect());
    let who = Signature::new("Jo", "jo@example.com", &Time::new(1_700_000_000, 0)).unwrap();
    let commit = |branch: &str, tree: Oid, parents: &[&git2::Commit<'_>]| {
        let tree = git.find_tree(tree).unwrap();
        git.commit(Some(&format!("refs/heads/{branch}")), &who, &who, branch, &tree, parents).unwrap()
    };
    let main = commit("main", objects.tree(base), &[]);
    commit("change", proposed, &[&git.find_commit(main).unwrap()]);
}

/// Judges it as the command line does, with the evidence next to it, if there is any.
pub fn judge(at: &Path) -> Result<Report, String> {
    let repo = Repo::open(at).map_err(|error| error.to_string())?;
    let commit = |name: &str| repo.commit(name).map_err(|error| error.to_string());
    let comparison =
        repo.compare(&commit("main")?, &Proposal::Commit(commit("change")?)).map_err(|error| error.to_string())?;
    let examined = examine(&repo, &comparison, Under::Both, None).map_err(|error| error.to_string())?;
    let evidence =
        std::fs::read_to_string(at.join("evidence.json")).ok().map(|text| Evidence::parse(&text)).transpose()?;
    Ok(examined.map_err(|diagnostics| format!("{diagnostics:?}"))?.conclude(evidence.as_ref(), &[]))
}

/// The reason of its refusal, if it is refused.
pub fn refusal(report: &Report) -> Option<String> {
    let errors = report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
    (report.verdict == Verdict::Invalid)
        .then(|| errors.map(|one| format!("{}: {} ({})", one.id, one.message, one.remedy)).next())?
}
