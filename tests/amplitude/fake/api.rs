//! The door and the reads.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::server::{Answer, Call};
use super::{Fault, KEY, Object, Paging, Seen, World, description};
use crate::loopback::decode;

impl World {
    /// Answers one request.
    pub fn enter(&mut self, call: &Call) -> Answer {
        let number = self.log.len();
        let mut answer = self.entered(call, number);
        answer.delay = Duration::from_millis(self.knobs.delay_ms);
        let path = call.path.strip_prefix("/api/1").unwrap_or(&call.path);
        let body = if call.text.is_empty() { Value::Null } else { serde_json::from_str(&call.text).unwrap() };
        let query: Vec<String> = call.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) };
        self.log.push(Seen { method: call.method.clone(), path, body });
        answer
    }

    fn entered(&mut self, call: &Call, number: usize) -> Answer {
        if self.dead_from.is_some_and(|from| number >= from) {
            return Answer { lost: true, ..Answer::new(500, "") };
        }
        if call.key != format!("Bearer {KEY}") {
            return Answer::new(401, json!({"message": "Unauthorized"}).to_string());
        }
        let fault = self.faults.remove(&number);
        if fault == Some(Fault::Day) {
            self.limited_from = Some(number);
        }
        if self.limited_from.is_some_and(|from| number >= from) {
            return Answer::new(429, "");
        }
        match fault {
            Some(Fault::Limit(retry_after)) => return Answer { retry_after, ..Answer::new(429, "") },
            Some(Fault::Before(status)) => return Answer::new(status, "<html>bad gateway</html>"),
            Some(Fault::Echo) => return Answer::new(400, format!("Bad header: {}", call.key)),
            Some(Fault::Edit) => self.edit_by_hand(&call.path),
            Some(Fault::After(_) | Fault::Lost | Fault::Half | Fault::Day) | None => {}
        }
        let path = call.path.strip_prefix("/api/1").unwrap_or("/?");
        // The list of a whole project is another answer than the one about a key.
        let of_project = call.query.get("projectId").map(|id| match call.query.get("key") {
            Some(key) => format!("{path}?projectId={id}&key={key}"),
            None => format!("{path}?projectId={id}"),
        });
        if let Some((status, body)) =
            of_project.and_then(|path| self.scripted.get(&path)).or_else(|| self.scripted.get(path))
        {
            let location = (300..400).contains(status).then(|| body.clone());
            return Answer { location, ..Answer::new(*status, body.clone()) };
        }
        let Some(template) = description::template(path) else {
            self.violations.push(format!("{} {path}: the description has no such path", call.method));
            return Answer::new(404, "Not Found");
        };
        let body = if call.text.is_empty() { Value::Null } else { serde_json::from_str(&call.text).unwrap() };
        self.violations.extend(description::wrong_request(&call.method, template, &call.query, &body));
        let parts: Vec<String> = path.trim_start_matches('/').split('/').map(decode).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let answer =
            if call.method == "GET" { self.read(&parts, call) } else { self.write(&call.method, &parts, &body) };
        self.violations.extend(description::wrong_reply(&call.method, template, answer.status, &answer.body));
        match fault {
            Some(Fault::After(status)) => Answer::new(status, "<html>bad gateway</html>"),
            Some(Fault::Lost) => Answer { lost: true, ..answer },
            Some(Fault::Half) => {
                let half: String = answer.body.chars().take(answer.body.chars().count() / 2).collect();
                Answer { body: half, ..answer }
            }
            _ => answer,
        }
    }

    fn read(&mut self, parts: &[&str], call: &Call) -> Answer {
        let found = |value: Value| Answer::new(200, value.to_string());
        if call.query.contains_key("cursor")
            && self.knobs.paging == Paging::Twice
            && !std::mem::replace(&mut self.paged, true)
        {
            let newest = self.objects.keys().filter_map(|id| id.parse::<u64>().ok()).max().unwrap_or(0) + 1;
            self.add(&newest.to_string(), parts == ["experiments"], &json!({"key": "newcomer"}));
        }
        match *parts {
            ["deployments"] => found(self.deployments()),
            ["mutexes" | "holdouts"] => {
                let groups = self.groups.get(parts[0]).cloned().unwrap_or_default();
                found(self.page(parts[0], &groups, call))
            }
            ["versions"] => found(self.feed(call)),
            [list @ ("flags" | "experiments")] => {
                let page = self.list(list == "experiments", call);
                found(page)
            }
            [list, id, ref rest @ ..] => {
                let object = self.objects.get(id).filter(|object| object.experiment == (list == "experiments"));
                let Some(object) = object else { return Answer::new(self.knobs.unknown_id, "Not Found") };
                match *rest {
                    [] => found(self.reported(object)),
                    ["versions"] => found(json!(object.versions.iter().rev().collect::<Vec<_>>())),
                    ["variants"] => {
                        found(json!(object.variants.iter().map(|one| full(object, one)).collect::<Vec<_>>()))
                    }
                    ["variants", key, "users"] => found(json!(object.users.get(key).cloned().unwrap_or_default())),
                    ["variants", key, "cohorts"] => found(json!(object.cohorts.get(key).cloned().unwrap_or_default())),
                    _ => Answer::new(404, "Not Found"),
                }
            }
            _ => Answer::new(404, "Not Found"),
        }
    }

    /// The list of deployments, with the keys of each: what the program never asks for.
    fn deployments(&self) -> Value {
        let secret = if self.knobs.deployments_tell { "server-SECRET" } else { "" };
        json!({"deployments": [{"id": "71001", "projectId": "450001", "label": "web", "key": secret, "type": "server", "deleted": false}]})
    }

    fn list(&mut self, experiments: bool, call: &Call) -> Value {
        let query = |name: &str| call.query.get(name).map(String::as_str);
        let archived = query("includeArchived") == Some("true");
        let mut all: Vec<&Object> = self.objects.values().filter(|object| object.experiment == experiments).collect();
        all.retain(|object| query("projectId").is_none_or(|id| object.body["projectId"] == id));
        all.retain(|object| query("key").is_none_or(|key| object.body["key"] == key));
        all.retain(|object| archived || object.body["deleted"] != true);
        all.reverse();
        let missed = self.knobs.paging == Paging::Missed && !self.paged;
        if let (true, Some(cursor)) = (missed, query("cursor").and_then(|cursor| cursor.parse::<usize>().ok())) {
            self.paged = true;
            all.remove(cursor);
        }
        let list = if experiments { "experiments" } else { "flags" };
        self.page(list, &all.iter().map(|object| self.reported(object)).collect::<Vec<_>>(), call)
    }

    fn feed(&self, call: &Call) -> Value {
        let all: Vec<Value> = self.objects.values().flat_map(|object| object.versions.iter().rev().cloned()).collect();
        self.page("versions", &all, call)
    }

    fn page(&self, name: &str, all: &[Value], call: &Call) -> Value {
        let at: usize = call.query.get("cursor").map_or(0, |cursor| cursor.parse().unwrap());
        let most = call.query.get("limit").map_or(20, |limit| limit.parse().unwrap()).min(self.knobs.page);
        let from = if self.knobs.paging == Paging::Endless { 0 } else { at };
        let end = (from + most).min(all.len());
        let mut made = BTreeMap::from([(name, json!(all[from..end]))]);
        if self.knobs.paging == Paging::Endless {
            made.insert("nextCursor", json!((at + 1).to_string()));
        } else if end < all.len() {
            let cursor = if self.knobs.cursor_is_number { json!(end) } else { json!(end.to_string()) };
            made.insert("nextCursor", cursor);
        } else if self.knobs.end != 1 {
            made.insert("nextCursor", if self.knobs.end == 0 { Value::Null } else { json!("") });
        }
        json!(made)
    }

    /// The object as it is reported.
    pub fn reported(&self, object: &Object) -> Value {
        let mut body = object.body.clone();
        let short = |variant: &Value| {
            let mut short = json!({"key": variant["key"]});
            if variant["name"].as_str().is_some_and(|name| !name.is_empty()) {
                short["name"] = variant["name"].clone();
            }
            short
        };
        body["variants"] = json!(object.variants.iter().map(short).collect::<Vec<_>>());
        if self.knobs.ids_are_numbers {
            for member in ["id", "projectId"] {
                body[member] = json!(body[member].as_str().unwrap().parse::<u64>().unwrap());
            }
        }
        if !self.knobs.tells_exposure {
            body.as_object_mut().unwrap().remove("exposureEvent");
        }
        body
    }
}

fn full(object: &Object, variant: &Value) -> Value {
    let mut full = json!({"name": "", "description": "", "payload": {}});
    for (name, value) in variant.as_object().unwrap() {
        full[name] = value.clone();
    }
    full["rolloutWeight"] =
        object.body["rolloutWeights"].get(variant["key"].as_str().unwrap()).cloned().unwrap_or(json!(0));
    full
}
