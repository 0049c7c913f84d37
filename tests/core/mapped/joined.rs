//! Settings of .NET for one environment, which are joined with those for all: lists by the place of each item.

use countersign::report::{Report, Verdict};

use super::judged;
use super::parts::files;

fn list(items: &str) -> String {
    format!("{{\"feature_management\": {{\"feature_flags\": {items}}}}}")
}

/// The settings for all, and those for production if there are any.
type Settings<'s> = (&'s str, Option<&'s str>);

fn step(before: Settings<'_>, after: Settings<'_>) -> Report {
    let side = |(all, production): Settings<'_>| {
        let production = production.map(|text| ("src/appsettings.Production.json", text));
        files(&[("src/appsettings.json", all)].into_iter().chain(production).collect::<Vec<_>>())
    };
    judged("microsoft", &side(before), &side(after))
}

/// The flags of a report with their states, and the verdict.
fn said(before: Settings<'_>, after: Settings<'_>) -> (Vec<String>, Verdict) {
    let report = step(before, after);
    assert!(report.diagnostics.iter().all(|one| !one.is_error()), "{:#?}", report.diagnostics);
    let json = serde_json::to_value(&report).unwrap();
    let word = |flag: &serde_json::Value, side: &str| flag["state"][side].as_str().unwrap_or("-").to_owned();
    let flags = json["flags"].as_array().unwrap().iter();
    let flags =
        flags.map(|flag| format!("{} {} {}", flag["key"].as_str().unwrap(), word(flag, "before"), word(flag, "after")));
    (flags.collect(), report.verdict)
}

#[test]
fn an_item_takes_the_place_of_another_one() {
    let base = list("[{\"id\": \"A\", \"enabled\": true}, {\"id\": \"C\", \"enabled\": false}]");
    let with = |items: &str| said((&base, None), (&base, Some(&list(items))));
    // The new flag has the switch of the one whose place it takes, and that one is gone.
    for items in ["[{\"id\": \"B\"}]", "{\"0\": {\"id\": \"B\"}}", "[{\"ID\": \"B\"}]"] {
        let expected = ["A@Production live -", "B@Production - live"].map(str::to_owned).to_vec();
        assert_eq!(with(items), (expected, Verdict::Pending), "{items}");
    }
    let (found, verdict) = with("[{\"id\": \"N\", \"enabled\": false}]");
    assert_eq!((found[0].as_str(), verdict), ("A@Production live -", Verdict::Pending));
    // In its own place it is switched off.
    for items in ["[{\"id\": \"A\", \"enabled\": false}]", "{\"0\": {\"id\": \"A\", \"enabled\": false}}"] {
        let (_, verdict) = with(items);
        assert_eq!(verdict, Verdict::NotRequired, "{items}");
    }
    // An empty list takes nothing away, and a name alone changes nothing.
    assert_eq!(with("[]").1, Verdict::NotRequired);
    assert_eq!(with("[{\"id\": \"A\"}, {\"id\": \"C\"}]").1, Verdict::NotRequired);
}

#[test]
fn the_order_of_either_list_may_decide() {
    let base = list("[{\"id\": \"A\", \"enabled\": true}, {\"id\": \"C\", \"enabled\": false}]");
    let turned = list("[{\"id\": \"C\", \"enabled\": false}, {\"id\": \"A\", \"enabled\": true}]");
    let whole = list("[{\"id\": \"A\", \"enabled\": true}, {\"id\": \"C\", \"enabled\": false}]");
    let names = list("[{\"id\": \"A\"}, {\"id\": \"C\"}]");
    let other = list("[{\"id\": \"C\"}, {\"id\": \"A\"}]");
    // Each says all of its items, so that the order says nothing.
    assert_eq!(said((&base, Some(&whole)), (&turned, Some(&whole))), (vec![], Verdict::NotRequired));
    assert_eq!(said((&base, None), (&turned, None)), (vec![], Verdict::NotRequired));
    let (found, verdict) = said((&base, Some(&names)), (&turned, Some(&names)));
    assert_eq!(
        (found, verdict),
        (vec!["A@Production live inactive".to_owned(), "C@Production inactive live".to_owned()], Verdict::Pending)
            .clone()
    );
    assert_eq!(said((&base, Some(&names)), (&base, Some(&other))).1, Verdict::Pending);
    assert_eq!(said((&base, Some(&whole)), (&base, Some(&other))).1, Verdict::Pending);
    // One more at the end takes nobody's place, and one at the beginning does.
    let more = |first: bool| {
        let one = "{\"id\": \"N\", \"enabled\": false}";
        let (before, after) =
            if first { (format!("{one}, "), String::new()) } else { (String::new(), format!(", {one}")) };
        list(&format!("[{before}{{\"id\": \"A\", \"enabled\": true}}, {{\"id\": \"C\", \"enabled\": false}}{after}]"))
    };
    assert_eq!(said((&base, Some(&names)), (&more(false), Some(&names))).1, Verdict::NotRequired);
    assert_eq!(said((&base, Some(&names)), (&more(true), Some(&names))).1, Verdict::Pending);
    // The switch of another flag.
    let off = list("[{\"id\": \"A\", \"enabled\": false}]");
    let on = list("[{\"id\": \"A\", \"enabled\": true}]");
    let takes = list("[{\"id\": \"B\"}]");
    let (found, verdict) = said((&off, Some(&takes)), (&on, Some(&takes)));
    assert_eq!(
        (found.contains(&"B@Production inactive live".to_owned()), verdict),
        (true, Verdict::Pending),
        "{found:#?}"
    );
    assert_eq!(said((&on, Some(&takes)), (&off, Some(&takes))).1, Verdict::NotRequired);
}

/// An empty list of filters, and a switch next to them, take no filter away.
#[test]
fn filters_of_the_other_file_hold() {
    let filters = "{\"FeatureManagement\": {\"T\": {\"EnabledFor\": [{\"Name\": \"Microsoft.Percentage\", \"Parameters\": {\"Value\": 10}}]}}}";
    let with = |value: &str| format!("{{\"FeatureManagement\": {{\"T\": {value}}}}}");
    let report = step((filters, None), (filters, Some(&with("{\"EnabledFor\": []}"))));
    assert_eq!(report.verdict, Verdict::NotRequired);
    assert_eq!(report.flags[0].state.after.as_deref(), Some("live"));
    assert!(report.flags[0].remarks.iter().any(|remark| remark.contains("joined")), "{:#?}", report.flags[0].remarks);
    // Its first filter is the other one from now on.
    let other = with("{\"EnabledFor\": [{\"Name\": \"AlwaysOn\"}]}");
    assert_eq!(step((filters, None), (filters, Some(&other))).verdict, Verdict::Pending);
    let (on, off) = (with("true"), with("false"));
    assert_eq!(step((&on, None), (&on, Some(&off))).verdict, Verdict::NotRequired);
    assert_eq!(step((&off, None), (&off, Some(&on))).verdict, Verdict::Pending);
    assert_eq!(step((&on, Some(&off)), (&on, None)).verdict, Verdict::Pending);
}

/// .NET takes `" true "` for true.
#[test]
fn a_word_with_blanks_stands_next_to_members() {
    let flag = |value: &str| format!("{{\"FeatureManagement\": {{\"A\": {value}}}}}");
    let off = flag("{\"EnabledFor\": []}");
    for word in ["\" true \"", "\"True\\t\"", "\"true\""] {
        let word = flag(word);
        assert_eq!(step((&off, None), (&off, Some(&word))).verdict, Verdict::Pending, "{word}");
        assert_eq!(step((&word, Some(&flag("false"))), (&word, Some(&off))).verdict, Verdict::Pending, "{word}");
    }
}

/// A path to an item is refused, and the maps that the remedy names say the same.
#[test]
fn an_item_is_named_by_its_number() {
    let base = list("[{\"id\": \"A\", \"enabled\": true}]");
    let path = "{\"feature_management:feature_flags:0:enabled\": false}";
    let report = step((&base, None), (&base, Some(path)));
    let found: Vec<_> = report.diagnostics.iter().filter(|one| one.is_error()).collect();
    let [refused] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((refused.id.to_string().as_str(), refused.place.line, refused.place.column), ("bad-key", 1, 2));
    let help = &refused.remedy;
    let maps = "{\"feature_management\": {\"feature_flags\": {\"0\": {\"enabled\": …}}}}";
    assert!(help.contains(maps), "{help}");
    // An item has to say its name, also where it changes nothing but one of another file.
    let nameless = maps.replace('…', "false");
    let report = step((&base, None), (&base, Some(&nameless)));
    let found: Vec<_> = report.diagnostics.iter().filter(|one| one.is_error()).collect();
    let [refused] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(refused.message, "a flag here has no `id`, by which it is known");
    assert_eq!((refused.place.line, refused.place.column), (1, 43), "{refused:?}");
    let named = nameless.replace("{\"enabled\"", "{\"id\": \"A\", \"enabled\"");
    let (flags, verdict) = said((&base, None), (&base, Some(&named)));
    assert_eq!((flags, verdict), (vec!["A@Production - inactive".to_owned()], Verdict::NotRequired));
}

/// An escape of a character that no file may hold as it is: both files are read, and so is what comes out of them.
#[test]
fn an_escape_anywhere_leaves_the_join_readable() {
    let flag = |value: &str, note: &str| {
        format!("{{\"FeatureManagement\": {{\"A\": {value}}}, \"Note\": \"x{note}y\", \"List\": [\"{note}\"]}}")
    };
    let off = "{\"EnabledFor\": []}";
    for note in
        ["", "\\u0085", "\\u2028", "\\u0000", "\\u007f", "\\u009f", "\\ufeff", "\\uffff", "\\u202e", "\\ud83d\\ude00"]
    {
        let base = flag("true", note);
        let report = step((&base, Some(&flag("false", ""))), (&base, Some(&flag(off, ""))));
        assert_eq!(report.verdict, Verdict::Pending, "{note}: {:#?}", report.flags);
        let report = step((&flag("true", ""), Some(&flag("false", ""))), (&flag("true", ""), Some(&flag(off, note))));
        assert_eq!(report.verdict, Verdict::Pending, "{note}: {:#?}", report.flags);
    }
    // .NET takes U+0085 for a blank.
    let base = flag("\"\\u0085true\"", "");
    assert_eq!(step((&base, Some(&flag("false", ""))), (&base, Some(&flag(off, "")))).verdict, Verdict::Pending);
}

/// Nobody knows the flags that come out of a file and one that cannot be read.
#[test]
fn a_file_below_that_cannot_be_read() {
    let flag = |value: &str| format!("{{\"FeatureManagement\": {{\"A\": {value}}}}}");
    let base = "{\"FeatureManagement\": {\"A\": true},,}";
    let (off, none) = (flag("false"), flag("{\"EnabledFor\": []}"));
    let report = step((base, Some(&off)), (base, Some(&none)));
    assert_eq!(report.verdict, Verdict::Pending, "{report:#?}");
    assert!(report.flags[0].remarks[0].starts_with("`src/appsettings.json` cannot be read"), "{:#?}", report.flags);
    // A switch-off waits for nobody.
    assert_eq!(step((base, Some(&flag("true"))), (base, Some(&off))).verdict, Verdict::NotRequired);
    // Where the file no longer says that it is off, the one below may say that it is on.
    for left in [Some("{\"FeatureManagement\": {}}"), Some("{}"), None] {
        let report = step((base, Some(&off)), (base, left));
        assert_eq!(report.verdict, Verdict::Pending, "{left:?}: {report:#?}");
    }
}
