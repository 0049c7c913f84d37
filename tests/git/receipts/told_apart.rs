//! Flags of one key in several files, which placeholders in the paths of their project tell apart.

use std::fs;

use super::wholes::coverage;
use super::{CONFIG, Shop, flag};

const PATHS: &str = "paths: [\"envs/{environment}/*.yaml\"], approvals: peer}\n";

/// A project whose paths have a placeholder, with this name.
fn config(project: &str, paths: &str) -> String {
    format!("{CONFIG}  {project}: {{{paths}")
}

fn shop() -> Shop {
    let mut shop = Shop::new();
    shop.commit("app", &[(".countersign/config.yaml", Some(&config("app", PATHS)))]);
    shop.receipt(&["root"]);
    let files = [("envs/prod/buy.yaml", 20), ("envs/dev/buy.yaml", 40)].map(|(path, share)| (path, flag("buy", share)));
    let files: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, Some(text.as_str()))).collect();
    shop.commit("buy", &files);
    shop.receipt(&["alice"]);
    shop
}

/// A file that is served somewhere, verified with nothing but a bundle.
#[test]
fn a_copy_is_one_of_its_project() {
    let shop = shop();
    let bundle = shop.path("all.jsonl");
    shop.done(&["receipt", "--export", bundle.to_str().unwrap()]);
    for (path, served) in [("envs/prod/buy.yaml", "prod.yaml"), ("envs/dev/buy.yaml", "dev.yaml")] {
        fs::copy(shop.dir.join(path), shop.path(served)).unwrap();
    }
    let trust = shop.dir.join(".countersign/trust.yaml");
    let elsewhere = ["-C", shop.path("").to_str().unwrap(), "verify", "--output", "json"].map(str::to_owned);
    let verify = |file: &str, more: &[&str]| {
        let mut args: Vec<&str> = elsewhere.iter().map(String::as_str).collect();
        args.extend([file, "--format", "native", "--path", "buy.yaml", "--bundle", bundle.to_str().unwrap()]);
        args.extend(["--trust", trust.to_str().unwrap()]);
        args.extend(more);
        let (_, out, err) = shop.run(&args);
        let said: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        let flag = &said["flags"][0];
        (
            flag["name"].as_str().unwrap().to_owned(),
            flag["coverage"].as_str().unwrap().to_owned(),
            flag["why"].to_string(),
        )
    };
    for named in [&[][..], &["--project", "app"]] {
        let (_, coverage, why) = verify("prod.yaml", named);
        assert_eq!(coverage, "nobody", "{named:?}");
        // The remedy works to the letter.
        assert!(
            why.contains("`app:dev` or `app:prod` is not known; name the project with `--project`"),
            "{named:?} {why}"
        );
    }
    let name = |project: &str| ["--project".to_owned(), project.to_owned()];
    for (file, project, is) in [
        ("prod.yaml", "app:prod", "countersigned"),
        ("dev.yaml", "app:dev", "countersigned"),
        ("prod.yaml", "app:dev", "nobody"),
        ("prod.yaml", "app:eu", "nobody"),
        ("prod.yaml", "checkout", "nobody"),
    ] {
        let args = name(project);
        let (flag, coverage, _) = verify(file, &args.each_ref().map(String::as_str));
        assert_eq!((flag, coverage.as_str()), (format!("{project}/buy"), is), "{file}");
    }
}

/// A policy that gives a project another name, or tells its files apart from now on, takes along what is known of them.
#[test]
fn a_project_keeps_its_receipts_under_another_name() {
    let mut shop = shop();
    let is = |shop: &Shop, name: &str| coverage(shop, &["--rev", "main"], name);
    assert_eq!(is(&shop, "app:prod/buy"), "countersigned");
    shop.commit("renamed", &[(".countersign/config.yaml", Some(&config("store", PATHS)))]);
    shop.receipt(&["root"]);
    assert_eq!(is(&shop, "store:prod/buy"), "countersigned");
    let plain = "paths: [\"envs/prod/*.yaml\"], approvals: peer}\n";
    shop.commit("one", &[(".countersign/config.yaml", Some(&config("store", plain))), ("envs/dev/buy.yaml", None)]);
    shop.receipt(&["root", "alice"]);
    assert_eq!(is(&shop, "store/buy"), "countersigned");
    shop.commit("apart", &[(".countersign/config.yaml", Some(&config("store", PATHS)))]);
    shop.receipt(&["root"]);
    assert_eq!(is(&shop, "store:prod/buy"), "countersigned");
}
