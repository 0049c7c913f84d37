//! The writes: what each does to an object, by the settings.

use serde_json::{Value, json};

use super::server::Answer;
use super::{Approvals, Object, World};

const EDITS: &[&str] = &[
    "name",
    "description",
    "bucketingKey",
    "bucketingSalt",
    "bucketingUnit",
    "evaluationMode",
    "rolloutPercentage",
    "targetSegments",
    "enabled",
    "archive",
    "tags",
];
const EDITS_OF_EXPERIMENTS: &[&str] = &[
    "experimentType",
    "stickyBucketing",
    "startDate",
    "endDate",
    "exposureEvent",
    "decision",
    "decisionReason",
    "rolledOutVariant",
];

impl World {
    /// An object as the console makes it; `over` is laid over the defaults, `variants` and all.
    pub fn add(&mut self, id: &str, experiment: bool, over: &Value) {
        let mut body = json!({"id": id, "projectId": "450001", "key": "pay", "name": "", "description": "", "enabled": false,
            "evaluationMode": "remote", "bucketingKey": "amplitude_id", "bucketingSalt": "Qw8rTz1k", "bucketingUnit": "User",
            "deployments": [], "rolloutPercentage": 0, "rolloutWeights": {}, "targetSegments": [], "parentDependencies": null,
            "tags": [], "deleted": false, "createdBy": "ops@example.com", "lastModifiedBy": "ops@example.com",
            "createdAt": "2026-08-11T07:44:10.002Z", "lastModifiedAt": "2026-08-19T14:02:51.930Z"});
        if experiment {
            for (name, value) in [
                ("decision", Value::Null),
                ("decisionReason", Value::Null),
                ("rolledOutVariant", Value::Null),
                ("stickyBucketing", json!(false)),
                ("state", json!("planning")),
                ("startDate", Value::Null),
                ("endDate", Value::Null),
                ("experimentType", json!("a-b-test")),
            ] {
                body[name] = value;
            }
        }
        let mut variants = vec![json!({"key": "on"})];
        for (name, value) in over.as_object().unwrap() {
            if name == "variants" {
                variants = value.as_array().unwrap().clone();
            } else {
                body[name] = value.clone();
            }
        }
        let mut object = Object {
            experiment,
            body,
            variants,
            users: std::collections::BTreeMap::new(),
            cohorts: std::collections::BTreeMap::new(),
            versions: Vec::new(),
            web: false,
            pending: false,
        };
        self.version(&mut object);
        self.objects.insert(id.to_owned(), object);
    }

    fn version(&self, object: &mut Object) {
        let author = [Value::Null, json!(300_771), json!("ops@example.com")][self.knobs.author].clone();
        let mut config =
            json!({"variants": object.variants.iter().map(|one| json!({"key": one["key"]})).collect::<Vec<_>>()});
        for name in [
            "id",
            "projectId",
            "deployments",
            "key",
            "name",
            "description",
            "enabled",
            "bucketingKey",
            "rolloutWeights",
            "targetSegments",
        ] {
            config[name] = object.body[name].clone();
        }
        let number = object.versions.len() + 1;
        object.versions.push(json!({"createdAt": "2026-08-19T14:02:51.930Z", "createdBy": author, "version": number, "flagConfig": config}));
    }

    /// What somebody does in the console between two requests.
    pub fn edit_by_hand(&mut self, path: &str) {
        let Some(id) = path.split('/').nth(4).filter(|id| self.objects.contains_key(*id)) else { return };
        let mut object = self.objects[id].clone();
        object.body["description"] = json!("edited by hand");
        object.body["tags"] = json!(["by-hand"]);
        self.version(&mut object);
        self.objects.insert(id.to_owned(), object);
    }

    fn ok(&self, made: Option<Value>) -> Answer {
        match (made, self.knobs.success) {
            (Some(made), _) => Answer::new(200, made.to_string()),
            (None, 0) => Answer::new(200, "OK"),
            (None, 1) => Answer::new(200, "ok"),
            (None, 2) => Answer::new(200, ""),
            (None, _) => Answer::new(200, "{\"status\": \"ok\"}"),
        }
    }

    pub fn write(&mut self, method: &str, parts: &[&str], body: &Value) -> Answer {
        let [list, rest @ ..] = parts else { return Answer::new(404, "Not Found") };
        let experiment = *list == "experiments";
        if rest.is_empty() && method == "POST" {
            return self.create(experiment, body);
        }
        let [id, rest @ ..] = rest else { return Answer::new(405, "Method Not Allowed") };
        let Some(before) = self.objects.get(*id).filter(|object| object.experiment == experiment).cloned() else {
            return Answer::new(self.knobs.unknown_id, "Not Found");
        };
        if before.web {
            return Answer::new(405, "Method Not Allowed");
        }
        let mut after = before.clone();
        let done = match (method, rest) {
            ("PATCH", []) => self.edit(&mut after, body),
            (_, ["variants", rest @ ..]) => self.variant(&mut after, method, rest, body),
            ("POST", ["deployments"]) => {
                let list = after.body["deployments"].as_array_mut().unwrap();
                for new in body["deployments"].as_array().unwrap() {
                    if !list.contains(new) {
                        list.push(new.clone());
                    }
                }
                Ok(())
            }
            ("DELETE", ["deployments", gone]) => {
                after.body["deployments"].as_array_mut().unwrap().retain(|one| one != gone);
                Ok(())
            }
            _ => Err(405),
        };
        if let Err(status) = done {
            return Answer::new(status, "Bad Request");
        }
        if self.knobs.approvals != Approvals::Off {
            let asks = before.body["enabled"] == true && after.body["enabled"] == true && before != after
                || before.body["enabled"] == false && after.body["enabled"] == true;
            if before.pending || asks && self.knobs.approvals == Approvals::Refuse {
                return Answer::new(409, json!({"message": "Flag is locked by a pending approval"}).to_string());
            }
            if asks {
                self.objects.get_mut(*id).unwrap().pending = true;
                return self.ok(None);
            }
        }
        if if rest.is_empty() { before != after || self.knobs.no_op_versions } else { self.knobs.sub_versions } {
            self.version(&mut after);
        }
        self.objects.insert((*id).to_owned(), after);
        self.states.push(self.objects.clone());
        self.ok(None)
    }

    fn edit(&self, object: &mut Object, body: &Value) -> Result<(), u16> {
        for (name, value) in body.as_object().unwrap() {
            let known =
                EDITS.contains(&name.as_str()) || object.experiment && EDITS_OF_EXPERIMENTS.contains(&name.as_str());
            match name.as_str() {
                _ if !known && self.knobs.unknown_member == 200 => {}
                _ if !known => return Err(self.knobs.unknown_member),
                "archive" => {
                    object.body["deleted"] = value.clone();
                    if self.knobs.archiving_disables && *value == true {
                        object.body["enabled"] = json!(false);
                    }
                }
                "enabled" => {
                    object.body["enabled"] = value.clone();
                    if object.experiment && self.knobs.enabling_moves_state && *value == true {
                        object.body["state"] = json!("running");
                    }
                }
                _ => object.body[name] = value.clone(),
            }
        }
        Ok(())
    }

    fn variant(&self, object: &mut Object, method: &str, rest: &[&str], body: &Value) -> Result<(), u16> {
        let at = |object: &Object, key: &str| object.variants.iter().position(|one| one["key"] == key);
        match (method, rest) {
            ("POST", []) => {
                let key = body["key"].as_str().unwrap();
                if at(object, key).is_some() {
                    return if self.knobs.duplicate == 200 { Ok(()) } else { Err(self.knobs.duplicate) };
                }
                let mut made = body.clone();
                let weight = made.as_object_mut().unwrap().remove("rolloutWeight").unwrap_or(json!(1));
                object.body["rolloutWeights"][key] = weight;
                object.variants.push(made);
                Ok(())
            }
            ("PATCH", [key]) => {
                let at = at(object, key).ok_or(self.knobs.unknown_id)?;
                for (name, value) in body.as_object().unwrap() {
                    match name.as_str() {
                        "rolloutWeight" => object.body["rolloutWeights"][*key] = value.clone(),
                        _ => object.variants[at][name] = value.clone(),
                    }
                }
                Ok(())
            }
            ("DELETE", [key]) => {
                let at = at(object, key).ok_or(self.knobs.unknown_id)?;
                let weighs = object.body["rolloutWeights"].get(*key).is_some_and(|weight| weight.as_f64() != Some(0.0));
                if self.knobs.variant_removal == 2 && weighs {
                    return Err(400);
                }
                object.variants.remove(at);
                if self.knobs.variant_removal == 0 {
                    object.body["rolloutWeights"].as_object_mut().unwrap().remove(*key);
                }
                Ok(())
            }
            (_, [key, list]) => {
                at(object, key).ok_or(self.knobs.unknown_id)?;
                let lists = if list.ends_with("users") { &mut object.users } else { &mut object.cohorts };
                let all = lists.entry((*key).to_owned()).or_default();
                let ids = |member: &str| {
                    body[member]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|id| id.as_str().unwrap().to_owned())
                        .collect::<Vec<_>>()
                };
                match (method, *list) {
                    ("POST", _) => {
                        let new: Vec<String> = ids("inclusions").into_iter().filter(|id| !all.contains(id)).collect();
                        all.extend(new);
                        if all.len() > 2000 { Err(400) } else { Ok(()) }
                    }
                    ("DELETE", "users") => {
                        all.clear();
                        Ok(())
                    }
                    ("DELETE", _) => {
                        let gone = ids("users");
                        if gone.len() > 100 {
                            return Err(400);
                        }
                        all.retain(|id| !gone.contains(id));
                        Ok(())
                    }
                    _ => Err(405),
                }
            }
            _ => Err(405),
        }
    }

    fn create(&mut self, experiment: bool, body: &Value) -> Answer {
        let same = |object: &Object| object.body["projectId"] == body["projectId"] && object.body["key"] == body["key"];
        if self.objects.values().any(same) {
            return Answer::new(409, "Conflict");
        }
        self.next_id += 1;
        let id = self.next_id.to_string();
        self.add(&id, experiment, body);
        self.states.push(self.objects.clone());
        self.ok(Some(json!({"id": id, "url": format!("https://app.amplitude.com/experiment/x/{id}")})))
    }
}
