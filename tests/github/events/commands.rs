//! Commands, as people write them in a comment.

use super::*;

/// A comment, and what is made of it.
type CommandCase = (String, Option<Result<Command, String>>);

fn check(cases: Vec<CommandCase>) {
    for (body, expected) in cases {
        let found = parse(&body).map(|result| result.map_err(|error| error.to_string()));
        let start: String = body.chars().take(80).collect();
        assert_eq!(found, expected, "{start:?}");
    }
}

fn digest() -> String {
    "0123456789abcdef".repeat(4)
}

#[test]
fn commands() {
    let over = |flag: &str, digest: &str, reason: &str| {
        let [flag, digest, reason] = [flag, digest, reason].map(str::to_owned);
        Some(Ok(Command::Override { flag, digest, reason, break_glass: false }))
    };
    let unlock = |flag: &str| Some(Ok(Command::Unlock { flag: flag.to_owned() }));
    let digest = digest();
    let half = &digest[..32];
    check(vec![
        ("/countersign recheck".into(), Some(Ok(Command::Recheck))),
        ("/countersign cancel".into(), Some(Ok(Command::Cancel))),
        ("/Countersign ReCheck".into(), Some(Ok(Command::Recheck))),
        ("/countersign  \trecheck \t".into(), Some(Ok(Command::Recheck))),
        ("/countersign\u{a0}recheck".into(), Some(Ok(Command::Recheck))),
        ("/countersign recheck\r\nplease".into(), Some(Ok(Command::Recheck))),
        ("/countersign recheck\rcancel".into(), Some(Ok(Command::Recheck))),
        ("/countersign recheck\n/countersign cancel".into(), Some(Ok(Command::Recheck))),
        ("/countersign unlock checkout/one-click".into(), unlock("checkout/one-click")),
        ("/countersign unlock one-click".into(), unlock("one-click")),
        ("/countersign unlock new welcome banner".into(), unlock("new welcome banner")),
        (format!("/countersign override one {half} the shop is down"), over("one", half, "the shop is down")),
        (format!("/countersign OVERRIDE a/b {}  x ", half.to_uppercase()), over("a/b", half, "x")),
        (format!("/countersign override a/b {digest} Störung: `x` | <b>"), over("a/b", &digest, "Störung: `x` | <b>")),
        (format!("/countersign override new welcome banner {half} x"), over("new welcome banner", half, "x")),
        (format!("/countersign override deadbeef cafebabe1 {half} x"), over("deadbeef cafebabe1", half, "x")),
        (format!("/countersign override {half} {digest} x"), over(half, &digest, "x")),
        (format!("/countersign override .countersign\u{a0}{half} x"), over(".countersign", half, "x")),
    ]);
}

#[test]
fn comments_that_hold_no_command() {
    let long = "x".repeat(1 << 20);
    let bodies: Vec<String> = vec![
        String::new(),
        "recheck".into(),
        "/countersignx".into(),
        "/countersign-recheck".into(),
        "/countersign:recheck".into(),
        "/countersign\u{200b} recheck".into(),
        "/ countersign recheck".into(),
        "／countersign recheck".into(),
        "/countersıgn recheck".into(),
        " /countersign recheck".into(),
        "\t/countersign recheck".into(),
        "    /countersign recheck".into(),
        "\n/countersign recheck".into(),
        "\u{feff}/countersign recheck".into(),
        "> /countersign override 1a2b3c4d quoted".into(),
        "```\n/countersign recheck\n```".into(),
        "`/countersign recheck`".into(),
        "<!-- -->/countersign recheck".into(),
        "@bot /countersign recheck".into(),
        long.clone(),
        format!("/countersign{long}"),
    ];
    check(bodies.into_iter().map(|body| (body, None)).collect());
}

#[test]
fn errors_in_commands_say_the_way_out() {
    let wrong = |text: &str| Some(Err(text.to_owned()));
    let every = "`recheck`, `cancel`, `unlock <flag>`, `override <flag> <digest> <reason>` or `break-glass <flag> <digest> <reason>`";
    let ids = "`recheck`, `cancel`, `unlock`, `override` or `break-glass`";
    let usage = "write `/countersign override <flag> <digest> <reason>`";
    let digest = digest();
    let half = &digest[..32];
    let enough = "expected at least the first 32 hex digits that the comment displays with the flag";
    let long = "x".repeat(1 << 20);
    check(vec![
        ("/countersign".into(), wrong(&format!("`/countersign` stands alone: write one of {every} behind it"))),
        (
            "/countersign \t\nrecheck".into(),
            wrong(&format!("`/countersign` stands alone: write one of {every} behind it")),
        ),
        (
            "/countersign rechek".into(),
            wrong(&format!(
                "`rechek` is no command, expected {ids}: write `/countersign recheck` if that is what you mean"
            )),
        ),
        (
            "/countersign overide 1a2b3c4d x".into(),
            wrong(&format!("`overide` is no command, expected {ids}: {usage} if that is what you mean")),
        ),
        (
            "/countersign approve".into(),
            wrong(&format!("`approve` is no command, expected {ids}: write one of {every} behind `/countersign`")),
        ),
        (
            "/countersign re`check\u{202e}\u{1b}[31m".into(),
            wrong(&format!(
                "`re'check\\u{{202e}}\\u{{1b}}[31m` is no command, expected {ids}: write one of {every} behind `/countersign`"
            )),
        ),
        (
            format!("/countersign {long}"),
            wrong(&format!(
                "`{}…` is no command, expected {ids}: write one of {every} behind `/countersign`",
                "x".repeat(60)
            )),
        ),
        (
            "/countersign recheck now".into(),
            wrong("`/countersign recheck` is followed by `now`, expected nothing: write `/countersign recheck`"),
        ),
        (
            "/countersign cancel #12".into(),
            wrong("`/countersign cancel` is followed by `#12`, expected nothing: write `/countersign cancel`"),
        ),
        (
            "/countersign unlock".into(),
            wrong(
                "`/countersign unlock` names no flag, expected `project/key` or a key: write `/countersign unlock <flag>`",
            ),
        ),
        (
            "/countersign unlock `x`".into(),
            wrong(
                "`/countersign unlock` names `'x'`, expected `project/key` or a key: write `/countersign unlock <flag>`",
            ),
        ),
        (
            "/countersign override".into(),
            wrong(&format!("`/countersign override` names no flag, expected `project/key` or a key: {usage}")),
        ),
        (
            "/countersign override because I can".into(),
            wrong(&format!("`/countersign override` names no digest behind the flag, {enough}: {usage}")),
        ),
        (
            format!("/countersign override {digest} because I can"),
            wrong(&format!("`/countersign override` names a digest and no flag before it: {usage}")),
        ),
        (
            "/countersign override 1a2b3c4d because I can".into(),
            wrong(&format!("`/countersign override` names a digest and no flag before it: {usage}")),
        ),
        (
            "/countersign override one 1a2b3c4d x".into(),
            wrong(&format!(
                "`/countersign override` names `1a2b3c4d`, which may be the start of another digest, {enough}: {usage}"
            )),
        ),
        (
            format!("/countersign override one {} x", &half[1..]),
            wrong(&format!(
                "`/countersign override` names `{}`, which may be the start of another digest, {enough}: {usage}",
                &half[1..]
            )),
        ),
        (
            format!("/countersign override one {half}"),
            wrong(&format!(
                "`/countersign override` gives no reason, expected why this cannot wait for its approvals: {usage}"
            )),
        ),
        (
            format!("/countersign override one {half} \u{200b}\u{2060}…\nreason"),
            wrong(&format!(
                "`/countersign override` gives no reason, expected why this cannot wait for its approvals: {usage}"
            )),
        ),
        (
            format!("/countersign override one {half} {long}"),
            wrong(&format!("`/countersign override` gives a reason longer than 500 characters: {usage}")),
        ),
    ]);
    for bad in [format!("{digest}0"), format!("{half}g"), format!("１{half}")] {
        assert!(matches!(parse(&format!("/countersign override one {bad} x")), Some(Err(_))), "{bad:.80}");
    }
    for bad in ["flag\u{1b}", "flag|x", "flåg", "a<b", "a\\b"] {
        assert!(matches!(parse(&format!("/countersign unlock {bad}")), Some(Err(_))), "{bad}");
    }
}

/// The table that help is made from says how its own rows are read.
#[test]
fn usages_are_commands() {
    let digest = "1a2b3c4d".repeat(4);
    for form in COMMANDS {
        assert!(form.usage.starts_with(&format!("/countersign {}", form.id)), "{}", form.usage);
        assert!(!form.about.is_empty() && !form.who.words().is_empty());
        let line =
            form.usage.replace("<flag>", "a/b").replace("<digest>", &digest).replace("<reason>", "since it burns");
        assert!(matches!(parse(&line), Some(Ok(_))), "{line}");
    }
    let who: Vec<(&str, Who)> = COMMANDS.iter().map(|form| (form.id, form.who)).collect();
    let expected = [
        ("recheck", Who::Writers),
        ("cancel", Who::Writers),
        ("unlock", Who::Admins),
        ("override", Who::TwoAdmins),
        ("break-glass", Who::BreakGlass),
    ];
    assert_eq!(who, expected);
}
