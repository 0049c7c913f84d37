//! The HTML report: what it shows, as files in `tests/core/html/`; that nothing of what it tells of becomes part of the
//! page; and that a browser finds nothing wrong with it. To accept what changed on purpose, run `SNAPSHOTS=overwrite
//! cargo test --test core`, read the difference and open the page: a blessed mistake is still a mistake.

mod tags;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::render::hostile::mixed;
use crate::render::nasty::hostile;
use crate::render::reports;
use crate::tool;
use countersign::render::{self, Look};
use countersign::report::{PullReport, Report, Verdict};

fn page(report: &Report, look: Look) -> String {
    render::review("html", report, &look)
}

fn diagnostics(report: &Report) -> String {
    render::diagnostics("html", &report.diagnostics, &Look::default())
}

fn showcase() -> Report {
    reports::report(Verdict::Pending, vec![reports::showcase(), reports::stopped()])
}

fn changes_only() -> Look {
    Look { changes_only: true, ..Look::default() }
}

/// Where a test writes pages that somebody may want to open.
fn write(name: &str, page: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, page).expect("written");
    path
}

/// One tag a line, so that a difference can be read; a browser shows it alike. The style sheet and its hash are left
/// out: they have a file of their own, and [`the_style_is_the_one_that_is_allowed`] looks at what is left out.
fn golden(name: &str, page: &str) {
    let (style, hash) = style(page);
    let page = page.replace(style, "\u{2026}").replace(hash, "sha256-\u{2026}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/core/html").join(name);
    let data = snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw();
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(page.replace("><", ">\n<"), data);
}

/// The style sheet of a page, and the hash that allows it.
fn style(page: &str) -> (&str, &str) {
    let between = |start: &str, end: &str| {
        let (_, rest) = page.split_once(start).expect("a page has its style");
        rest.split_once(end).expect("a style ends").0
    };
    (between("<style>", "</style>"), between("style-src '", "'"))
}

#[test]
fn the_style_is_the_one_that_is_allowed() {
    let page = page(&showcase(), Look::default());
    let (style, hash) = style(&page);
    assert_eq!(style, include_str!("../../../src/render/html/style.css"));
    assert!(hash.starts_with("sha256-") && hash.len() == 51, "{hash}");
    assert_eq!(page.matches("<style").count(), 1);
}

#[test]
fn goldens() {
    golden("showcase.html", &page(&showcase(), Look::default()));
    golden("pulled.html", &page(&pulled(), Look::default()));
    golden("diagnostics.html", &diagnostics(&reports::everything()));
}

/// A report of a pull request, with the change of a policy by which its author would get rights.
fn pulled() -> Report {
    let mut report = reports::report(Verdict::Pending, vec![reports::rollout("banner"), reports::activation()]);
    report.policy = reports::policy();
    report.pull = Some(PullReport {
        number: 12,
        author: "mallory".to_owned(),
        title: Some("Turn it up <b>now</b>".to_owned()),
        repository: Some("acme/shop".to_owned()),
        url: Some("https://github.com/acme/shop/pull/12".to_owned()),
    });
    report
}

#[test]
fn the_pull_request_is_named_and_linked() {
    let shown = page(&pulled(), Look::default());
    assert_eq!(tags::wrong(&shown), None);
    let line = shown.split_once("<p class=\"pull\">").unwrap().1.split_once("</p>").unwrap().0;
    let links: Vec<&str> = line.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let at = "https://github.com";
    assert_eq!(links, [&*format!("{at}/acme/shop"), &format!("{at}/acme/shop/pull/12"), &format!("{at}/mallory")]);
    for said in ["acme/shop", "#12", "Turn it up &lt;b&gt;now&lt;/b&gt;", "@mallory"] {
        assert!(line.contains(said), "{said} in {line}");
    }
    let mut bare = pulled();
    let pull = bare.pull.as_mut().unwrap();
    (pull.title, pull.repository, pull.url) = (None, None, None);
    let shown = page(&bare, Look::default());
    assert!(shown.contains("#12") && !shown.contains("https:"));
}

/// Verdict, what changes, impact, approvals: in a page, and in a terminal.
#[test]
fn the_order_is_the_same_in_every_output() {
    let report = reports::report(Verdict::Pending, vec![reports::rollout("banner")]);
    let shown = page(&report, Look::default());
    let text = render::review("text", &report, &Look::default());
    for (output, parts) in [
        (&shown, ["<h1>", "<h3>What changes", "<h3>Impact", "<h3>Approvals"]),
        (&text, ["pending: ", "rolloutPercentage 20", "10.0% newly exposed", "needs 2 approvals"]),
    ] {
        let places: Vec<_> = parts.iter().map(|part| output.find(part).unwrap_or_else(|| panic!("{part}"))).collect();
        assert!(places.is_sorted(), "{places:?} in:\n{output}");
    }
    let heads: Vec<String> = tags::texts_of(&shown, "th");
    assert_eq!(heads[..4], ["Flag", "What changes", "Impact", "Approvals"]);
}

/// A person who changes the policy to their own advantage is reported in the colour of a warning, with the lines.
#[test]
fn somebody_who_appoints_himself_is_reported() {
    let shown = page(&pulled(), Look::default());
    let section = shown.split_once("id=\"policy\"").unwrap().1;
    assert!(section.contains("<p class=\"note bad\"><strong>Warning: </strong>"), "{section}");
    assert!(section.contains("gains rights by a change that they opened or wrote"), "{section}");
    assert!(section.contains("class=\"added own\""), "{section}");
    for line in ["/flags/checkout/ @acme/payments</code></del>", "/flags/checkout/ @mallory</code></ins>"] {
        assert!(section.contains(line), "{line} in {section}");
    }
    let mut other = pulled();
    other.policy.self_appointed.clear();
    let shown = page(&other, Look::default());
    assert!(!shown.contains("appoint themselves") && !shown.contains("added own"));
}

#[test]
fn the_verdict_comes_first() {
    let cases = [
        (page(&reports::empty(), Look::default()), "not required: no flag changes"),
        (page(&reports::everything(), Look::default()), "invalid: 1 error to fix first"),
        (page(&showcase(), changes_only()), "2 flags changed"),
        (diagnostics(&reports::everything()), "1 error, 2 warnings"),
        (diagnostics(&reports::empty()), "no diagnostics"),
    ];
    for (page, expected) in cases {
        assert_eq!(tags::text_of(&page, "title"), format!("{expected} · Countersign"));
        assert_eq!(tags::text_of(&page, "h1"), expected);
    }
}

/// Nobody's answer, no requirement and no digest where only changes are asked for.
#[test]
fn changes_alone() {
    let mut report = reports::everything();
    report.diagnostics.clear();
    let page = page(&report, changes_only());
    let said: Vec<String> = ["h1", "h2", "h3", "dt"].iter().flat_map(|name| tags::texts_of(&page, name)).collect();
    let known = ["Impact", "What changes", "State", "File"];
    let other: Vec<&String> = said.iter().filter(|text| !known.contains(&text.as_str())).collect();
    let mut expected = vec![format!("{} flags changed", report.flags.len())];
    expected.extend(
        render::in_order(&report).iter().map(|flag| format!("{} {}/{}", flag.kind.word(), flag.project, flag.key)),
    );
    assert_eq!(other, expected.iter().collect::<Vec<_>>());
}

#[test]
fn it_is_well_formed_and_holds_nothing_of_others() {
    for page in [
        page(&showcase(), Look::default()),
        page(&reports::everything(), Look::default()),
        page(&reports::everything(), changes_only()),
        page(&reports::empty(), Look::default()),
        diagnostics(&reports::everything()),
    ] {
        assert_eq!(tags::wrong(&page), None);
        assert!(!page.contains("http:") && !page.contains("https:"));
    }
}

/// Every segment once, in words where there are any, and cut where it is long; values that differ are not.
#[test]
fn who_is_in_a_group() {
    let shown = page(&reports::report(Verdict::Pending, vec![reports::showcase(), reports::flagd()]), Look::default());
    let who = |page: &str| -> Vec<String> {
        let parts = page.split("<div class=\"members\">").skip(1);
        parts
            .map(|part| tags::text_of(part.split("</div>").next().unwrap_or_default(), "ul").replace("&quot;", "\""))
            .collect()
    };
    let changed = "country is US or CAcountry is USapp_version is not \"1.2\"";
    let new = "country is US or CAand app_version is not \"1.2\"and nothing above it in the file matches";
    assert_eq!(who(&shown), [changed, new, "email ends with @acme.example"]);
    let mut long = reports::flagd();
    let [only] = long.segments.as_mut_slice() else { panic!("one segment") };
    let ids: Vec<String> = (0..500).map(|id| format!("u-{id}")).collect();
    let is = |ids: &[String]| reports::node(serde_json::json!({"in": [{"var": "id"}, ids]}));
    only.conditions = vec![is(&ids); 30];
    let reported = who(&page(&reports::report(Verdict::Pending, vec![long.clone()]), Look::default()));
    let one = "id is u-0, u-1, u-2, u-3, u-4, u-5, u-6, u-7, u-8, u-9, u-10, u-11 or 488 more";
    assert_eq!(reported, [format!("{}and 10 more conditions", [one; 20].join("and "))]);
    long.segments[0].before = Some(vec![is(&ids[..499])]);
    long.segments[0].conditions = Vec::new();
    let reported = who(&page(&reports::report(Verdict::Pending, vec![long]), Look::default()));
    assert!(reported[0].starts_with("id is u-0, ") && reported[0].contains("u-497 or u-498"), "{reported:?}");
    assert!(reported[0].ends_with("everyone, because there are no conditions"), "{reported:?}");
    // Neither words nor anything that its name does not say.
    let mut bare = reports::flagd();
    bare.segments[0].conditions = vec![reports::node(serde_json::json!({"some": [[], true]}))];
    bare.segments[0].segment = r#"{"some":[[],true]}"#.to_owned();
    bare.impact.as_mut().unwrap().per_segment[0].segment = Some(bare.segments[0].segment.clone());
    assert_eq!(who(&page(&reports::report(Verdict::Pending, vec![bare]), Look::default())), [""; 0]);
}

/// The test of the test: each of these is caught.
#[test]
fn bad_pages_are_caught() {
    let good = page(&showcase(), Look::default());
    let cases = [
        ("<h1>", "<h1><script>"),
        ("<h1>", "<h1 onclick=\"x\">"),
        ("<h1>", "<h1 style=\"color:red\">"),
        ("<h1>", "<h1><img>"),
        ("<h1>", "<h1 class='x'>"),
        ("</h1>", "</h2>"),
        ("<h1>", "<h1>&"),
        ("<h1>", "<h1>a > b"),
        ("<h1>", "<h1>\u{202e}"),
        ("href=\"#flag-1\"", "href=\"javascript:x\""),
        ("href=\"#flag-1\"", "href=\"#flag-9\""),
        ("id=\"flag-2\"", "id=\"flag-1\""),
        ("color-scheme: light dark", "color-scheme: dark"),
        ("base-uri 'none'", "base-uri *"),
    ];
    for (part, bad) in cases {
        assert!(good.contains(part), "{part}");
        assert!(tags::wrong(&good.replacen(part, bad, 1)).is_some(), "{bad}");
    }
}

/// Checks that no text of a report becomes part of its pages; for reports that are attacks.
pub fn check(report: &Report) {
    for page in [page(report, Look::default()), page(report, changes_only()), diagnostics(report)] {
        assert_eq!(tags::wrong(&page), None, "in:\n{page}");
    }
}

/// A value by which an attack would show that it ran, were it to run.
fn attack() -> Report {
    const ATTACKS: &[&str] = &[
        "<script>alert(1)</script>",
        "\"><img src=https://evil.example/x onerror=alert(1)>",
        "'><svg onload=alert(1)>",
        "</style><script>alert(1)</script>",
        "</title><iframe src=javascript:alert(1)>",
        "javascript:alert(1)",
        "<a href=https://evil.example accesskey=x onclick=alert(1) autofocus onfocus=alert(1)>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<!--><script>alert(1)</script>-->",
        "\u{202e}<b>\u{2066}",
        "<base href=https://evil.example><meta http-equiv=refresh content=0;url=https://evil.example>",
        "a-name-without-a-single-place-to-break-it-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on",
    ];
    let mut at = 0;
    hostile(&mut || {
        at += 1;
        ATTACKS[at % ATTACKS.len()].to_owned()
    })
}

#[test]
fn a_browser_finds_nothing_wrong() {
    let Some(node) = tool::tool("node") else { return };
    let Some(chromium) = tool::tool("chromium") else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = root.join("target/tools/look/package.json");
    if !tools.is_file() {
        return tool::left_out("playwright-core and axe-core are not installed; `scripts/tools` installs them");
    }
    let look = |pages: &[PathBuf]| {
        let mut command = Command::new(&node);
        command.arg(root.join("scripts/look.mjs")).arg(&tools).args(pages).env("CHROMIUM", &chromium);
        let done = command.output().expect("node starts");
        assert!(done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
        (done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let pages = [
        write("everything.html", &page(&reports::everything(), Look::default())),
        write("pulled.html", &page(&pulled(), Look::default())),
        write("attack.html", &page(&attack(), Look::default())),
        write("mixed.html", &page(&mixed(0), Look::default())),
        write("diagnostics.html", &diagnostics(&attack())),
    ];
    assert_eq!(look(&pages), (true, String::new()));
    // The test of the test: a page that is wrong in every way it looks for.
    let bad = page(&showcase(), Look::default())
        .replace("<h1>", "<h1 onclick=\"alert(1)\" style=\"width:2000px\"><img src=\"x.png\">")
        .replacen("<summary>", "<summary tabindex=\"-1\">", 1)
        .replace("details::details-content", "details::no")
        .replace("<body>", "<body><script>alert(1)</script>");
    let (fine, reported) = look(&[write("bad.html", &bad)]);
    assert!(!fine);
    let expected = [
        "light, desktop: a stranger: <img>",
        "a stranger: <script>",
        "<h1 onclick>",
        "<h1 style>",
        "phone: console: ",
        "light, phone: against the policy: ",
        "Tab goes",
        "the style is not applied",
        "axe: image-alt",
    ];
    for part in expected {
        assert!(reported.contains(part), "{part} is not in:\n{reported}");
    }
}
