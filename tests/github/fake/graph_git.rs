//! GraphQL's git: refs, commits, trees, blobs, and the statuses of commits, read from the repository on disk.

use git2::ObjectType;
use serde_json::{Value, json};

use super::graph::{Exec, Out, Thing, actor};
use super::origin::Who;
use super::people::Kind;
use super::shapes;
use super::world::{World, iso};

/// An object of the repository as what it is.
pub fn object(world: &World, oid: &str) -> Option<Thing> {
    let kind = match world.origin.kind(oid)? {
        ObjectType::Commit => "Commit",
        ObjectType::Tree => "Tree",
        ObjectType::Blob => "Blob",
        _ => return None,
    };
    Some(Thing::name(kind, oid))
}

pub fn named(exec: &Exec, kind: &str, name: &str, field: &str, args: &Value) -> Option<Out> {
    let world = exec.world();
    let world: &World = &world;
    if ["Commit", "Tree", "Blob"].contains(&kind) {
        match field {
            "oid" => return Out::leaf(name),
            "abbreviatedOid" => return Out::leaf(&name[..7]),
            "repository" => return Out::one(Thing::name("Repository", world.full_name())),
            "url" | "commitUrl" => return Out::leaf(shapes::web(world, &format!("/commit/{name}"))),
            _ => {}
        }
    }
    match kind {
        "Ref" => reference(world, name, field, args),
        "Commit" if field == "status" && world.private && !world.tokens[exec.token].may("statuses:read") => {
            Some(Out::Refused("FORBIDDEN", world.tokens[exec.token].refusal().to_owned()))
        }
        "Commit" => commit(world, name, field, args),
        "Tree" => (field == "entries").then(|| entries(world, name, "")),
        "Blob" => {
            let bytes = world.origin.blob(name)?;
            let text = String::from_utf8(bytes.clone()).ok().filter(|it| !it.contains('\0'));
            match field {
                "byteSize" => Out::leaf(bytes.len()),
                "isBinary" => Out::leaf(text.is_none()),
                // GitHub stops a string at 512 KB.
                "isTruncated" => Out::leaf(bytes.len() > 512_000),
                "text" => Out::leaf(text.map(|it| it.chars().take(512_000).collect::<String>())),
                _ => None,
            }
        }
        "Status" => {
            let latest = world.latest(name);
            match field {
                "commit" => Out::one(Thing::name("Commit", name)),
                "state" => Out::leaf(shapes::worst(latest.iter().map(|it| &*it.state))),
                "contexts" => Some(Out::Many(latest.iter().map(|it| Thing::number("StatusContext", it.id)).collect())),
                "context" => {
                    let found = latest.iter().find(|it| it.context == args["name"].as_str().unwrap_or(""));
                    Out::one(found.map(|it| Thing::number("StatusContext", it.id)))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn reference(world: &World, name: &str, field: &str, args: &Value) -> Option<Out> {
    let (prefix, short) = name.split_at(name.match_indices('/').nth(1)?.0 + 1);
    match field {
        "name" => Out::leaf(short),
        "prefix" => Out::leaf(prefix),
        "repository" => Out::one(Thing::name("Repository", world.full_name())),
        "target" => Out::one(world.origin.find_ref(name).and_then(|oid| object(world, &oid))),
        "associatedPullRequests" => {
            let here = world.full_name();
            let own = world.pulls.values().filter(|it| it.head == short && it.head_repo.as_deref() == Some(&*here));
            let numbers = own.map(|it| it.number).collect();
            Some(Out::Page("PullRequestConnection", super::graph_repo::pulls(world, numbers, args)))
        }
        _ => None,
    }
}

fn commit(world: &World, oid: &str, field: &str, args: &Value) -> Option<Out> {
    let read = world.origin.read(oid)?;
    let here = |oid: &String| Thing::name("Commit", oid.clone());
    match field {
        "message" => Out::leaf(read.message),
        "messageHeadline" => Out::leaf(read.message.lines().next().unwrap_or("")),
        "messageBody" => Out::leaf(read.message.split_once("\n\n").map_or("", |(_, body)| body)),
        "committedDate" => Out::at(read.committer.at),
        "authoredDate" => Out::at(read.author.at),
        "committedViaWeb" => Out::leaf(read.committer.email == "noreply@github.com"),
        "authoredByCommitter" => Out::leaf(read.author.email == read.committer.email),
        "signature" => Out::one(world.made_for_bots.contains(oid).then(|| {
            Thing::plain("GpgSignature", [("isValid", Out::leaf(true)), ("wasSignedByGitHub", Out::leaf(true))])
        })),
        "parents" => Some(Out::Page("CommitConnection", read.parents.iter().map(here).collect())),
        "tree" => Out::one(Thing::name("Tree", read.tree)),
        "author" => Out::one(person(world, &read.author)),
        "committer" => Out::one(person(world, &read.committer)),
        "authors" => {
            // The git author, then whom the message names as co-authors.
            let mut all = vec![person(world, &read.author)];
            for line in read.message.lines() {
                let Some((key, value)) = line.split_once(':') else { continue };
                let Some((name, email)) = value.trim().strip_suffix('>').and_then(|it| it.split_once(" <")) else {
                    continue;
                };
                if key.eq_ignore_ascii_case("co-authored-by") && email != read.author.email {
                    let who = Who { name: name.to_owned(), email: email.to_owned(), at: read.author.at };
                    all.push(person(world, &who));
                }
            }
            Some(Out::Page("GitActorConnection", all))
        }
        "status" => Out::one((!world.statuses_of(oid).is_empty()).then(|| Thing::name("Status", oid))),
        "associatedPullRequests" => {
            let all = super::graph_repo::pulls(world, shapes::pulls_with(world, oid), args);
            Some(Out::Page("PullRequestConnection", all))
        }
        "history" => {
            if args["path"].is_string() || args["author"].is_object() {
                return None;
            }
            let mut all = world.origin.history(oid);
            let since = args["since"].as_str().unwrap_or("");
            all.retain(|oid| world.origin.read(oid).is_some_and(|it| *iso(it.committer.at) >= *since));
            Some(Out::Page("CommitHistoryConnection", all.iter().map(here).collect()))
        }
        "file" => {
            let path = args["path"].as_str()?;
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let tree = world.origin.resolve(&format!("{oid}:{folder}"));
            let found = tree.and_then(|tree| world.origin.tree(&tree)).into_iter().flatten().find(|it| it.0 == name);
            Out::one(found.map(|it| entry(world, folder, &it)))
        }
        _ => None,
    }
}

fn person(world: &World, who: &Who) -> Thing {
    // Only a person is a user; a bot's commit has none.
    let user = world.by_email(&who.email).filter(|it| it.kind == Kind::User).and_then(|it| actor(world, &it.login));
    Thing::plain(
        "GitActor",
        [
            ("name", Out::leaf(&*who.name)),
            ("email", Out::leaf(&*who.email)),
            ("date", Out::at(who.at)),
            ("user", Out::one(user)),
            ("avatarUrl", Out::leaf("https://avatars.githubusercontent.com/u/0")),
        ],
    )
}

fn entries(world: &World, tree: &str, folder: &str) -> Out {
    Out::Many(world.origin.tree(tree).unwrap_or_default().iter().map(|it| entry(world, folder, it)).collect())
}

fn entry(world: &World, folder: &str, (name, mode, oid): &(String, i32, String)) -> Thing {
    let kind = if *mode == 0o040_000 { "tree" } else { "blob" };
    let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
    Thing::plain(
        "TreeEntry",
        [
            ("name", Out::leaf(&**name)),
            ("path", Out::leaf(path)),
            ("mode", Out::leaf(*mode)),
            ("oid", Out::leaf(&**oid)),
            ("type", Out::leaf(kind)),
            ("size", Out::leaf(json!(world.origin.blob(oid).map_or(0, |it| it.len())))),
            ("object", Out::one(object(world, oid))),
        ],
    )
}
