//! What people and programs are shown, as files in `tests/render/`. To accept what changed on purpose, run
//! `SNAPSHOTS=overwrite cargo test --test render` and read the difference: a blessed mistake is still a mistake.

#[path = "render/hostile.rs"]
mod hostile;
#[path = "render/reports.rs"]
mod reports;

use countersign::render::{self, Look, OUTPUTS};
use countersign::report::{Report, Verdict};
use serde_json::{Value, json};

fn shown(id: &str, report: &Report, look: Look) -> String {
    (render::by_id(id).expect("an output").review)(report, &look)
}

fn golden(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/render").join(name);
    let data = snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw();
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(text.to_owned(), data);
}

#[test]
fn goldens() {
    let look = Look::default();
    let one = reports::report(Verdict::Pending, vec![reports::showcase(), reports::stopped()]);
    golden("showcase.txt", &shown("text", &one, look));
    golden("showcase-60.txt", &shown("text", &one, Look { width: 60, ..look }));
    golden("showcase-ascii.txt", &shown("text", &one, Look { ascii: true, ..look }));
    golden("showcase-all.txt", &shown("text", &one, Look { all: true, ..look }));
    golden("showcase-diff.txt", &shown("text", &one, Look { changes_only: true, ..look }));
    golden("showcase.md", &shown("markdown", &one, look));
    golden("showcase.github", &shown("github", &one, look));
    let whole = reports::everything();
    golden("everything.txt", &shown("text", &whole, look));
    golden("everything-60.txt", &shown("text", &whole, Look { width: 60, ..look }));
    golden("everything.md", &shown("markdown", &whole, look));
    golden("everything.github", &shown("github", &whole, look));
    golden("everything.sarif", &shown("sarif", &whole, look));
    golden("everything.json", &shown("json", &whole, look));
    for (id, file) in [("text", "empty.txt"), ("markdown", "empty.md"), ("github", "empty.github")] {
        golden(file, &shown(id, &reports::empty(), look));
    }
    for (id, file) in [("text", "problems.txt"), ("markdown", "problems.md"), ("github", "problems.github")] {
        golden(file, &(render::by_id(id).expect("an output").problems)(&reports::problems(), &look));
    }
}
