//! Servers, and what was asked of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use countersign::git::Token;
use countersign::git::{Commit, Comparison, Error, Proposal, Remote, Repo};
use tempfile::TempDir;

use crate::world::{World, git};

/// A git command that writes down how it is called and then is git.
pub struct Spy {
    folder: TempDir,
}

impl Spy {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().display();
        let script = format!("#!/bin/sh\necho \"$@\" >>{at}/calls\nenv >>{at}/env\nexec git \"$@\"\n");
        fs::write(folder.path().join("git"), script).unwrap();
        fs::set_permissions(folder.path().join("git"), fs::Permissions::from_mode(0o755)).unwrap();
        Spy { folder }
    }

    pub fn command(&self) -> PathBuf {
        self.folder.path().join("git")
    }

    pub fn environment(&self) -> String {
        fs::read_to_string(self.folder.path().join("env")).unwrap_or_default()
    }

    /// The arguments of every call.
    pub fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    /// How often something was fetched.
    pub fn fetches(&self) -> usize {
        self.calls().iter().filter(|call| call.contains(" fetch ")).count()
    }

    /// The folder that was fetched into.
    pub fn folder(&self) -> PathBuf {
        let calls = self.calls();
        let call = calls.iter().find(|call| call.contains(" fetch ")).expect("nothing was fetched");
        PathBuf::from(call.split(' ').nth(1).unwrap())
    }

    /// The blobs that are there.
    pub fn blobs(&self) -> BTreeSet<String> {
        let all = git(&self.folder(), &["cat-file", "--batch-all-objects", "--batch-check"]);
        all.lines().filter(|line| line.contains(" blob ")).map(|line| line[..40].to_owned()).collect()
    }
}

/// Where to fetch a world from.
pub fn remote(root: &Path, spy: &Spy) -> Remote {
    Remote::new(&format!("file://{}", root.display()), None).unwrap().with_command(spy.command())
}

/// Whether a server leaves out what it is asked to leave out.
pub fn filters(world: &World, yes: bool) {
    let yes = if yes { "true" } else { "false" };
    world.git(&["config", "uploadpack.allowFilter", yes]);
    world.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
}

pub fn id(root: &Path, name: &str) -> String {
    git(root, &["rev-parse", name])
}

pub fn fetch(root: &Path, spy: &Spy, base: &str, head: &str) -> Result<Repo, Error> {
    Repo::fetch(&remote(root, spy), &id(root, base), &[id(root, head)], 0)
}

pub fn compare(repo: &Repo, root: &Path, base: &str, head: &str) -> Comparison {
    let commit = |name: &str| Commit { name: name.to_owned(), oid: id(root, name) };
    repo.compare(&commit(base), &Proposal::Commit(commit(head))).unwrap()
}

#[test]
fn no_address_but_a_plain_one() {
    for url in ["", "/x", "x:y", "ssh://host/x", "git://host/x", "ext::sh -c x", "httpsx://h", "--upload-pack=x"] {
        let error = Remote::new(url, None).unwrap_err();
        assert_eq!(error.message, format!("`{url}` starts with none of `https://`, `http://` and `file://`"));
    }
    let error = Remote::new("https://me:secret@host/x", None).unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
    for url in ["https://host/a b", "https://host/a\nb"] {
        let error = Remote::new(url, None).unwrap_err();
        assert!(error.message.ends_with("has a space or a line break in it"), "{error}");
    }
}

#[test]
fn nothing_but_object_ids_in_full() {
    let world = World::with(&[("a", "a")]);
    let spy = Spy::new();
    let (full, short) = (id(&world.root, "main"), id(&world.root, "main")[..12].to_owned());
    for name in ["main", "--upload-pack=touch x", "", &short, &format!("{}g", &full[..39]), &format!("{full}:x")] {
        for (base, head) in [(name, full.as_str()), (full.as_str(), name)] {
            let error = Repo::fetch(&remote(&world.root, &spy), base, &[head.to_owned()], 0).err().unwrap();
            assert_eq!(error.message, format!("`{name}` is no object id"));
        }
    }
    assert_eq!(spy.calls(), Vec::<String>::new(), "and git was not even asked");
}

#[test]
fn a_commit_that_is_gone() {
    let world = World::with(&[("a", "a")]);
    filters(&world, true);
    let gone = "1234567890123456789012345678901234567890";
    let error =
        Repo::fetch(&remote(&world.root, &Spy::new()), &id(&world.root, "main"), &[gone.to_owned()], 0).err().unwrap();
    let url = format!("file://{}", world.root.display());
    let message = format!("the object `{gone}` is not in the repository at `{url}`");
    let remedy = "run this again for the commit that is there now; the one before was pushed over";
    assert_eq!((error.message.as_str(), error.help.as_str(), error.is_usage()), (message.as_str(), remedy, false));
    // A tree has an id as well.
    let tree = id(&world.root, "main^{tree}");
    let error = Repo::fetch(&remote(&world.root, &Spy::new()), &id(&world.root, "main"), &[tree], 0).err().unwrap();
    assert!(error.message.starts_with("cannot read the commit"), "{error}");
}

#[test]
fn no_server_and_no_git() {
    let world = World::with(&[("a", "a")]);
    let (main, nowhere) = (id(&world.root, "main"), world.path("nowhere"));
    let at = |url: &str, git: &str| {
        Repo::fetch(&Remote::new(url, None).unwrap().with_command(git), &main, &[], 0).err().unwrap()
    };
    let url = format!("file://{}", nowhere.display());
    let error = at(&url, "git");
    assert!(error.message.starts_with(&format!("git cannot fetch from `{url}`: fatal: ")), "{error}");
    assert!(!error.message.contains('\n'), "{error}");
    let error = at(&url, "/nonexistent/git");
    assert_eq!(error.to_string(), "there is no program `/nonexistent/git`: install git 2.38 or later");
}

const TOKEN: &str = "ghs_Secret0123456789";
/// `x-access-token:ghs_Secret0123456789`
const SENT: &str = "eC1hY2Nlc3MtdG9rZW46Z2hzX1NlY3JldDAxMjM0NTY3ODk=";

/// Answers every request the same way, and tells what was requested.
fn answering(reply: impl Fn(&str) -> String + Send + 'static) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, reported) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = String::new();
            for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                let line = line.unwrap();
                if line.is_empty() {
                    break;
                }
                let _ = writeln!(request, "{line}");
            }
            let _ = stream.write_all(reply(&request).as_bytes());
            if tell.send(request).is_err() {
                return;
            }
        }
    });
    (url, reported)
}

/// A server that wants another token and quotes the one it got, as text and as it was sent.
#[test]
fn the_token_is_sent_and_never_shown() {
    let (url, requests) = answering(|request| {
        let line = request.lines().find(|line| line.starts_with("Authorization")).unwrap_or_default();
        let body = format!("you said {line}, that is {TOKEN}");
        let length = body.len();
        format!(
            "HTTP/1.1 403 No\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    });
    let spy = Spy::new();
    let token = Token::new(TOKEN).unwrap();
    let remote = Remote::new(&format!("{url}/o/r"), Some(token)).unwrap().with_command(spy.command());
    assert!(!format!("{remote:?}").contains(TOKEN));
    let error = Repo::fetch(&remote, &"1".repeat(40), &[], 0).err().unwrap();
    let request = requests.try_recv().expect("the server was asked");
    assert!(request.starts_with("GET /o/r/info/refs?service=git-upload-pack HTTP/1.1\n"), "{request}");
    assert!(request.contains(&format!("\nAuthorization: Basic {SENT}\n")), "{request}");
    let expected = "remote: you said Authorization: Basic [token], that is [token]; fatal: ";
    assert!(error.message.contains(expected), "{error}");
    assert_eq!(error.help, "give a token that may read the contents of the repository");
    let seen = format!("{error} {error:?} {:?}", spy.calls());
    assert!(!seen.contains(TOKEN) && !seen.contains(SENT), "{seen}");
    assert_eq!(spy.environment().matches(SENT).count(), 1, "it is in the environment and nowhere else in it");
    assert!(!spy.environment().contains(TOKEN));
}

/// Another host gets neither a request nor the token.
#[test]
fn redirections_are_not_followed() {
    let (elsewhere, arrivals) =
        answering(|_| "HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned());
    let (url, requests) = answering(move |_| {
        format!(
            "HTTP/1.1 301 Moved\r\nLocation: {elsewhere}/o/r/info/refs?service=git-upload-pack\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    });
    let remote = Remote::new(&format!("{url}/o/r"), Token::new(TOKEN)).unwrap();
    let error = Repo::fetch(&remote, &"1".repeat(40), &[], 0).err().unwrap();
    assert!(requests.try_recv().is_ok());
    assert!(arrivals.try_recv().is_err(), "{error}");
    assert_eq!(error.help, "use the address the repository has now: redirections are not followed");
}

/// A server that fails may say anything; its message is one line and not too long.
#[test]
fn what_a_server_says_is_tamed() {
    let folder = tempfile::tempdir().unwrap();
    let git = folder.path().join("git");
    let said = format!("#!/bin/sh\nprintf 'x\\n::set-output name=a::b\\033[31m{}' >&2\nexit 1\n", "y".repeat(5000));
    fs::write(&git, said).unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    let remote = Remote::new("https://host.invalid/o/r", Token::new(TOKEN)).unwrap().with_command(git);
    let error = Repo::fetch(&remote, &"1".repeat(40), &[], 0).err().unwrap();
    let start = "git cannot fetch from `https://host.invalid/o/r`: x; ::set-output name=a::b\\u{1b}[31myyy";
    assert!(error.message.starts_with(start), "{error}");
    assert!(error.message.len() < 700 && !error.message.contains(char::is_control));
}

/// The options of git, word for word: a setting that gets lost here opens a door.
#[test]
fn how_git_is_called() {
    let world = World::with(&[("a", "a")]);
    filters(&world, true);
    let spy = Spy::new();
    let repo = fetch(&world.root, &spy, "main", "main").unwrap();
    let folder = spy.folder();
    let expected = format!(
        "--git-dir {} fetch --quiet --no-tags --no-write-fetch-head --no-auto-maintenance --recurse-submodules=no \
         --filter=blob:none --depth=20 --stdin --end-of-options origin",
        folder.display()
    );
    assert_eq!(spy.calls(), [expected]);
    let environment = spy.environment();
    for line in [
        "GIT_CONFIG_NOSYSTEM=1",
        "GIT_CONFIG_GLOBAL=/dev/null",
        "GIT_ATTR_NOSYSTEM=1",
        "GIT_NO_REPLACE_OBJECTS=1",
        "GIT_NO_LAZY_FETCH=1",
        "GIT_TERMINAL_PROMPT=0",
        "GIT_ASKPASS=",
        "GIT_ALLOW_PROTOCOL=file",
        "GIT_CONFIG_KEY_0=core.hooksPath",
        "GIT_CONFIG_VALUE_0=/dev/null",
    ] {
        assert!(environment.lines().any(|found| found == line), "{line} is not in\n{environment}");
    }
    for (key, value) in [("credential.helper", ""), ("http.followRedirects", "false"), ("protocol.version", "2")] {
        let at = environment.lines().find_map(|line| line.strip_suffix(&format!("={key}")));
        let at = at.unwrap_or_else(|| panic!("{key} is not set")).replace("KEY", "VALUE");
        assert!(environment.lines().any(|line| line == format!("{at}={value}")), "{key}");
    }
    assert_eq!(stray_settings(&folder), "", "nothing is left in the configuration");
    assert!(folder.join("objects").exists());
    drop(repo);
    assert!(!folder.exists(), "it is gone with the repository");
}

/// The settings of the repository in a folder that git does not put into every new one.
fn stray_settings(folder: &Path) -> String {
    let all = git(folder, &["config", "--file", "config", "--list"]);
    all.lines().filter(|line| !line.starts_with("core.")).collect()
}
