//! Import: what is written says what Amplitude has, is valid, and writes over nobody's work.

use std::collections::BTreeMap;
use std::path::Path;

use countersign::amplitude::compare::projected;
use countersign::amplitude::file;
use countersign::amplitude::lock::Lock;
use countersign::amplitude::wire::item;
use countersign::diagnostics::Diagnostics;
use countersign::flag::{Flag, Kind};
use countersign::format::VOCABULARY;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::amplitude::fake::{Fake, Fault, KEY};
use crate::amplitude::shapes::{Dice, bytes, cases, object};
use crate::git::{command, git};

const CONFIG: &str = "version: 1
admins: [\"@ann\", \"@bob\"]
projects:
  checkout: {paths: [\"flags/checkout/**\"], approvals: peer}
  growth: {paths: [\"flags/growth/**\"], approvals: peer}
amplitude: {projects: {checkout: \"450001\", growth: \"450002\"}}
";

fn flag(text: &str) -> Flag {
    let mut diagnostics = Diagnostics::of("x.yaml");
    let flags = VOCABULARY.flags_of(text.as_bytes(), "x.yaml", &mut diagnostics);
    let errors: Vec<_> =
        diagnostics.finish(text).into_iter().filter(countersign::diagnostics::Diagnostic::is_error).collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    flags.unwrap().remove(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(600), failure_persistence: None, ..ProptestConfig::default() })]

    /// Import, then compare: nothing differs, in whatever shape Amplitude told it.
    #[test]
    fn what_is_imported_does_not_differ(throws in bytes(160), experiment in any::<bool>(), detailed in any::<bool>()) {
        let mut dice = Dice(throws.iter());
        let (object, variants) = object(&mut dice, 910_442, "pay", experiment);
        let kind = if experiment { Kind::Experiment } else { Kind::Flag };
        let mut item = item(&object, kind).unwrap();
        if detailed {
            item.take_variants(&variants).unwrap();
            item.take_inclusions("control", &json!(["u1", 7]), &json!([])).unwrap();
        }
        let written = file::write(&item).unwrap();
        let flag = flag(&written.text);
        let view = projected(&item, &flag, &[]);
        prop_assert_eq!(view.differing(&flag), Vec::<&str>::new(), "{}\n{}", object, written.text);
        prop_assert_eq!(VOCABULARY.canonical.unwrap()(&written.text).unwrap(), written.text);
        // Completed from its own file it is the same file.
        prop_assert_eq!(file::write(&item.completed(&flag)).unwrap().text, file::write(&item).unwrap().text);
    }
}

pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        git(place.path(), &["init", "-q", "-b", "main"]);
        place.write(".countersign/config.yaml", CONFIG);
        place
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, path: &str, text: &str) {
        let at = self.path().join(path);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(at, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap_or_default()
    }

    fn save(&self, name: &str, value: &Value) {
        self.write(&format!(".git/{name}"), &value.to_string());
    }

    pub fn run(&self, args: &[&str]) -> (i32, String) {
        let output = command(env!("CARGO_BIN_EXE_countersign"), self.path()).args(args).output().unwrap();
        let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap(), printed)
    }

    /// The program with the key of a fake, and what it printed.
    pub fn ask(&self, fake: &Fake, args: &[&str]) -> (i32, String) {
        self.ask_with(fake, &[], args)
    }

    /// The same with other variables.
    pub fn ask_with(&self, fake: &Fake, env: &[(&str, &str)], args: &[&str]) -> (i32, String) {
        let mut program = command(env!("CARGO_BIN_EXE_countersign"), self.path());
        fake.connect(&mut program);
        let output = program.envs(env.iter().copied()).arg("amplitude").args(args).output().unwrap();
        let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!printed.contains(KEY), "{printed}");
        (output.status.code().unwrap(), printed)
    }

    fn import(&self) -> String {
        let (code, printed) = self.run(&["amplitude", "import", "--from", ".git/saved.json"]);
        assert_eq!(code, 0, "{printed}");
        printed
    }
}

fn pay(percentage: u32) -> Value {
    json!({"id": "910442", "projectId": "450001", "key": "pay", "name": "Pay", "description": null, "enabled": true, "evaluationMode": "remote",
        "bucketingKey": "amplitude_id", "bucketingSalt": "Qw8rTz1k", "bucketingUnit": "User", "deployments": ["71001"], "variants": [{"key": "on"}],
        "rolloutPercentage": percentage, "rolloutWeights": {"on": 1}, "targetSegments": [], "tags": [], "deleted": false})
}

#[test]
fn saved_answers_become_files_that_lint() {
    let place = Place::new();
    let examples = ["01-flags-list-first-page.json", "05-experiments-list-last-page.json", "03-flag-get-archived.json"];
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/amplitude");
    let mut args = vec!["amplitude".to_owned(), "import".to_owned()];
    args.extend(examples.iter().flat_map(|name| ["--from".to_owned(), data.join(name).display().to_string()]));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (code, printed) = place.run(&args);
    assert_eq!(code, 0, "{printed}");
    assert!(
        printed.contains("\n1 item left alone: of projects that are not in the configuration (450003)\n"),
        "{printed}"
    );
    assert!(printed.contains("wrote flags/checkout/checkout-express-pay.yaml\n"), "{printed}");
    assert!(printed.contains("wrote flags/growth/legacy-banner.yaml\n"), "{printed}");
    assert!(
        printed.contains(
            "  without parentDependencies, which stays in Amplitude: it needs group 908120 (slot-1), and the API cannot write that: set prerequisites on its page in the console, groups on theirs\n"
        ),
        "{printed}"
    );
    let (code, linted) = place.run(&["lint"]);
    assert_eq!(code, 0, "{linted}");
    let lock = Lock::parse(&place.read(".countersign/amplitude.lock")).unwrap();
    let ids: BTreeMap<&str, &str> =
        lock.projects["growth"].items.iter().map(|(key, item)| (key.as_str(), item.id.as_str())).collect();
    assert_eq!(ids, BTreeMap::from([("legacy-banner", "909918")]));
    let (_, again) = place.run(&args);
    assert!(!again.contains("wrote") && !again.contains("kept"), "{again}");
}

#[test]
fn nobody_s_work_is_written_over() {
    let place = Place::new();
    place.save("saved.json", &json!({"flags": [pay(25)]}));
    assert!(place.import().contains("wrote flags/checkout/pay.yaml\n"));
    let imported = place.read("flags/checkout/pay.yaml");
    // As it was imported: it follows Amplitude.
    place.save("saved.json", &json!({"flags": [pay(50)]}));
    assert!(place.import().contains("wrote flags/checkout/pay.yaml\n"));
    assert_eq!(place.read("flags/checkout/pay.yaml"), imported.replace("25", "50"));
    // Edited: it is kept, whatever Amplitude says.
    let edited = imported.replace("25", "60").replace("kind: flag", "kind: flag\nowner: jo  # ours");
    place.write("flags/checkout/pay.yaml", &edited);
    let printed = place.import();
    assert!(
        printed.contains("kept flags/checkout/pay.yaml, which is another than Amplitude's: rolloutPercentage\n"),
        "{printed}"
    );
    assert_eq!(place.read("flags/checkout/pay.yaml"), edited);
    // Edited and the same: it is left as it is written.
    place.save("saved.json", &json!({"flags": [pay(60)]}));
    assert!(place.import().contains("checkout: 1 file as it is in Amplitude\n"));
    assert_eq!(place.read("flags/checkout/pay.yaml"), edited);
}

#[test]
fn what_a_list_does_not_tell_is_not_lost() {
    let place = Place::new();
    let mut full = pay(25);
    full["variants"] = json!([{"key": "on", "description": "A", "payload": {"steps": 1}}]);
    place.save("saved.json", &full);
    place.import();
    place.save("saved.json", &pay(50));
    place.import();
    let text = place.read("flags/checkout/pay.yaml");
    assert!(text.contains("payload: {steps: 1}") && text.contains("rolloutPercentage: 50"), "{text}");
}

#[test]
fn a_key_that_changed_and_paths_that_are_taken_are_reported() {
    let place = Place::new();
    place.save("saved.json", &json!([pay(25)]));
    place.import();
    let mut renamed = pay(25);
    renamed["key"] = json!("pay-v2");
    let mut other = pay(25);
    (other["id"], other["key"]) = (json!("5"), json!("PAY"));
    let mut strange = pay(25);
    (strange["id"], strange["key"]) = (json!("6"), json!("../../evil"));
    place.save("saved.json", &json!([renamed, other, strange]));
    let printed = place.import();
    assert!(printed.contains("checkout/pay: its key is `pay-v2` in Amplitude now\n"), "{printed}");
    assert!(
        printed.contains("no file for checkout/PAY: `flags/checkout/PAY.yaml` is taken, perhaps in other letters\n"),
        "{printed}"
    );
    assert!(printed.contains("no file for checkout/../../evil: no file can have it: "), "{printed}");
    assert!(
        !place.path().join("flags/checkout/PAY.yaml").exists()
            || place.read("flags/checkout/PAY.yaml") == place.read("flags/checkout/pay.yaml")
    );
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let place = Place::new();
    let outside = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(place.path().join("flags")).unwrap();
    std::os::unix::fs::symlink(outside.path(), place.path().join("flags/checkout")).unwrap();
    place.save("saved.json", &pay(25));
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    assert!(code != 0, "{printed}");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn mistakes_are_reported_with_a_remedy() {
    let place = Place::new();
    for (text, why) in [("{", "it is no JSON"), ("[]", "there is no flag and no experiment in it")] {
        place.write(".git/saved.json", text);
        let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
        assert_eq!((code, printed.contains(why), printed.contains("help: ")), (2, true, true), "{printed}");
    }
    place.save("saved.json", &pay(25));
    place.write(".countersign/amplitude.lock", "{\"schema\": \"x\", \"projects\": {}}");
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    assert_eq!((code, printed.contains("`.countersign/amplitude.lock`: its form is `x`")), (2, true), "{printed}");
    place.write(".countersign/config.yaml", &CONFIG.replace("growth: \"450002\"", "growht: \"x\""));
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    assert_eq!(code, 4, "{printed}");
    for said in ["`growht` is no project of this configuration", "`x` is no id of a project in Amplitude"] {
        assert!(printed.contains(said), "{printed}");
    }
    place.write(".countersign/config.yaml", CONFIG.split("amplitude").next().unwrap());
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    assert_eq!((code, printed.contains("add `amplitude: {projects: {checkout: \"450001\"}}`")), (2, true), "{printed}");
}

#[test]
fn a_saved_item_that_cannot_be_read_keeps_no_other_out() {
    let place = Place::new();
    place.save("saved.json", &json!({"flags": [{"id": "6", "projectId": "450001", "key": "half"}, pay(25)]}));
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    assert_eq!((code, printed.contains("wrote flags/checkout/pay.yaml\n")), (5, true), "{printed}");
    assert!(
        printed.contains("an item in .git/saved.json could not be read")
            && printed.contains("the flag 6 has no `enabled`"),
        "{printed}"
    );
}

#[test]
fn a_project_without_items_is_reported() {
    let (place, fake) = (Place::new(), Fake::start());
    let (code, printed) = place.ask(&fake, &["import"]);
    let said =
        "checkout: the project 450001 of Amplitude has no flag and no experiment here; if it should, check its id";
    assert_eq!((code, printed.contains(said)), (0, true), "{printed}");
}

/// The files of a folder, by their paths.
fn files(dir: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.display().to_string(), std::fs::read_to_string(&path).unwrap_or_default());
            }
        }
    }
    found
}

#[test]
fn everything_is_imported_from_a_running_amplitude() {
    let (place, fake) = (Place::new(), Fake::start());
    {
        let mut world = fake.world();
        world.knobs.page = 2;
        world.knobs.ids_are_numbers = true;
        world.add("1", false, &json!({"key": "one", "enabled": true, "variants": [{"key": "on", "payload": [1]}], "rolloutWeights": {"on": 1}}));
        world.add("2", false, &json!({"key": "two", "variants": [{"key": "on", "description": "d"}]}));
        world.add("3", false, &json!({"key": "gone", "deleted": true}));
        world.add("4", true, &json!({"key": "four", "projectId": "450002"}));
        world.objects.get_mut("1").unwrap().users.insert("on".to_owned(), vec!["u1".to_owned()]);
        world.objects.get_mut("2").unwrap().users.insert("on".to_owned(), vec!["u2".to_owned()]);
    }
    let (code, printed) = place.ask(&fake, &["import"]);
    assert_eq!(code, 0, "{printed}");
    assert!(
        place.read("flags/checkout/one.yaml").contains("  - {key: \"on\", payload: [1], inclusions: {users: [u1]}}\n")
    );
    // One that is off is read as well as one that is on.
    assert!(
        place.read("flags/checkout/two.yaml").contains("description: d")
            && place.read("flags/checkout/two.yaml").contains("inclusions: {users: [u2]}")
    );
    assert!(place.read("flags/checkout/gone.yaml").contains("state: archived"));
    assert!(place.read("flags/growth/four.yaml").contains("kind: experiment"));
    let lock = Lock::parse(&place.read(".countersign/amplitude.lock")).unwrap();
    assert_eq!(lock.item("checkout", "one").unwrap().version, Some(1));
    assert_eq!(lock.key_of("growth", "4"), Some("four"));
    let calls = fake.calls();
    assert!(calls.iter().all(|call| call.starts_with("GET ")), "{calls:?}");
    assert!(!calls.iter().any(|call| call.contains("/flags/3/")), "{calls:?}");
    let (_, again) = place.ask(&fake, &["import"]);
    assert!(!again.contains("wrote") && !again.contains("kept"), "{again}");
    assert!(files(place.path()).values().all(|text| !text.contains(KEY)));
    let (code, printed) = place.run(&["amplitude", "import"]);
    assert_eq!((code, printed.contains("AMPLITUDE_MANAGEMENT_KEY is not set")), (2, true), "{printed}");
}

#[test]
fn half_an_answer_imports_nothing() {
    let fake = Fake::start();
    fake.world().add("1", false, &json!({"key": "one"}));
    for fault in [Fault::Half, Fault::Lost, Fault::Before(502), Fault::Before(403)] {
        for at in 0..4 {
            fake.world().log.clear();
            fake.world().faults.insert(at, fault);
            let place = Place::new();
            let (code, printed) = place.ask(&fake, &["import", "--patience", "0"]);
            assert_eq!(code, 5, "{fault:?} {at}: {printed}");
            // An answer about the other project does not stop this one; without any answer nothing is imported.
            let imported = at > 1 && fault != Fault::Lost;
            assert_eq!(place.path().join("flags").exists(), imported, "{fault:?} {at}: {printed}");
        }
    }
}
