//! The writes: what each does to an object, by the settings.

use serde_json::{Value, json};

use super::server::Answer;
use super::{Approvals, Hand, Object, World};

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

    /// Edits in the console between two requests.
    pub fn edit_by_hand(&mut self, path: &str) {
        let Some(id) = path.split('/').nth(4).filter(|id| self.objects.contains_key(*id)) else { return };
        let mut object = self.objects[id].clone();
        self.by_hand(&mut object);
        self.version(&mut object);
        self.objects.insert(id.to_owned(), object);
        self.hands.push(self.states.len());
        self.states.push(self.objects.clone());
    }

    /// The same to an object, wherever it is.
    pub fn by_hand(&self, object: &mut Object) {
        match self.knobs.hand {
            Hand::Words => {
                object.body["description"] = json!("edited by hand");
                object.body["tags"] = json!(["by-hand"]);
            }
            Hand::SwitchOff => object.body["enabled"] = json!(false),
            Hand::Raise => object.body["rolloutPercentage"] = json!(100),
            Hand::Lower => object.body["rolloutPercentage"] = json!(0),
            Hand::Salt => object.body["bucketingSalt"] = json!("byhand01"),
            Hand::Archive => object.body["deleted"] = json!(true),
            Hand::Rename => {
                let key = object.variants.last().and_then(|last| last["key"].as_str()).unwrap_or_default().to_owned();
                let last = object.variants.len() - 1;
                self.renamed(object, last, &key, "renamed");
            }
        }
    }

    /// A variant under another key, with or without what stood under the old one.
    fn renamed(&self, object: &mut Object, at: usize, old: &str, new: &str) {
        object.variants[at]["key"] = json!(new);
        if !self.knobs.rename_carries {
            return;
        }
        let moved = |weights: &mut Value| {
            if let Some(weight) = weights.as_object_mut().and_then(|weights| weights.remove(old)) {
                weights[new] = weight;
            }
        };
        moved(&mut object.body["rolloutWeights"]);
        for segment in object.body["targetSegments"].as_array_mut().unwrap() {
            moved(&mut segment["rolloutWeights"]);
        }
        for lists in [&mut object.users, &mut object.cohorts] {
            if let Some(ids) = lists.remove(old) {
                lists.insert(new.to_owned(), ids);
            }
        }
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
        if !["flags", "experiments"].contains(list) {
            return self.group(list, rest, body);
        }
        let experiment = *list == "experiments";
        if rest.is_empty() && method == "POST" {
            return self.create(experiment, body);
        }
        let [id, rest @ ..] = rest else { return Answer::new(405, "Method Not Allowed") };
        let Some(before) = self.objects.get(*id).filter(|object| object.experiment == experiment).cloned() else {
            return Answer::new(self.knobs.unknown_id, "Not Found");
        };
        if self.knobs.web {
            return Answer::new(405, "Method Not Allowed");
        }
        let mut after = before.clone();
        let done = match (method, rest) {
            ("PATCH", []) => self.edit(&mut after, body),
            (_, ["variants", rest @ ..]) => self.variant(&mut after, method, rest, body),
            ("POST", ["deployments"]) => {
                let list = after.body["deployments"].as_array_mut().unwrap();
                let new = body["deployments"].as_array().unwrap();
                if self.knobs.duplicate != 200 && new.iter().any(|new| list.contains(new)) {
                    Err(self.knobs.duplicate)
                } else {
                    list.extend(new.iter().filter(|new| !list.contains(new)).cloned().collect::<Vec<_>>());
                    Ok(())
                }
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
                "rolloutWeights" if self.knobs.weights_in_edit == 1 => object.body[name] = value.clone(),
                "rolloutWeights" if self.knobs.weights_in_edit == 0 => {}
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
                        object.body["startDate"] = json!("2026-11-23");
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
            ("POST", [_]) if !self.knobs.edit_by_post => Err(405),
            ("PATCH" | "POST", [key]) => {
                let at = at(object, key).ok_or(self.knobs.unknown_id)?;
                for (name, value) in body.as_object().unwrap() {
                    match name.as_str() {
                        "rolloutWeight" => object.body["rolloutWeights"][*key] = value.clone(),
                        "key" => self.renamed(object, at, key, value.as_str().unwrap()),
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
                    for segment in object.body["targetSegments"].as_array_mut().unwrap() {
                        segment["rolloutWeights"].as_object_mut().unwrap().remove(*key);
                    }
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
                        let new: Vec<String> = ids("inclusions");
                        if self.knobs.duplicate != 200 && new.iter().any(|id| all.contains(id)) {
                            return Err(self.knobs.duplicate);
                        }
                        all.extend(new.into_iter().filter(|id| !all.contains(id)).collect::<Vec<_>>());
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

    /// Members of a slot, of which nobody knows whether they replace the others. The program writes no groups.
    fn group(&mut self, list: &str, parts: &[&str], body: &Value) -> Answer {
        self.violations.push(format!("{list} {parts:?} {body}: the program writes no groups"));
        let group = |group: &&mut Value| parts.first().is_some_and(|id| group["id"] == *id);
        let Some(group) = self.groups.get_mut(list).and_then(|groups| groups.iter_mut().find(group)) else {
            return Answer::new(404, "Not Found");
        };
        let slot = &mut group["slots"][0]["experiments"];
        let new = body["experiments"].as_array().cloned().unwrap_or_default();
        match slot.as_array_mut() {
            Some(all) if self.knobs.slots_append => all.extend(new),
            _ => *slot = json!(new),
        }
        Answer::new(200, "OK")
    }

    fn create(&mut self, experiment: bool, body: &Value) -> Answer {
        let same = |object: &Object| object.body["projectId"] == body["projectId"] && object.body["key"] == body["key"];
        if self.objects.values().any(same) {
            return Answer::new(409, "Conflict");
        }
        self.next_id += 1;
        let id = self.next_id.to_string();
        // Amplitude fills in a salt of its own.
        let mut made = json!({"bucketingSalt": "Zz9yXw8v", "bucketingUnit": ""});
        made.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        self.add(&id, experiment, &made);
        self.states.push(self.objects.clone());
        self.ok(Some(json!({"id": id, "url": format!("https://app.amplitude.com/experiment/x/{id}")})))
    }
}
