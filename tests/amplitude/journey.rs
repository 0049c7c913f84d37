//! A journey of one item from what Amplitude has to what a file says, and what users get on the way: only what they got
//! before, what they are to get, and what the plan printed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign::amplitude::apply::{ApplyOutcome, ApplyRules, apply, kill};
use countersign::amplitude::client::AmplitudeClient;
use countersign::amplitude::compare::projected;
use countersign::amplitude::plan::Finding;
use countersign::amplitude::wire::item;
use countersign::amplitude::{Item, file};
use countersign::diagnostics::Diagnostics;
use countersign::flag::Kind;
use countersign::format::VOCABULARY;
use countersign::format::native::variant_of;
use serde_json::{Value, json};

use crate::amplitude::fake::{Fake, Hand, Object, World};
use crate::amplitude::shapes::Dice;
use crate::amplitude::traces::{flag, plan_by};

/// A flag as the console could have it.
pub fn made(dice: &mut Dice<'_>, experiment: bool) -> (Value, BTreeMap<String, Vec<String>>) {
    let keys: Vec<&str> = ["a", "b", "c"].into_iter().filter(|key| *key == "a" || dice.some()).collect();
    let mut weights = json!({});
    for key in &keys {
        weights[*key] = json!(dice.pick(&[1, 2, 0, 5]));
    }
    weights["a"] = json!(dice.pick(&[1, 3]));
    let variants: Vec<Value> = keys
        .iter()
        .map(|key| json!({"key": key, "payload": dice.pick(&[json!([1]), json!("x"), Value::Null])}))
        .collect();
    let segment = |dice: &mut Dice<'_>| {
        json!({"name": "Staff", "percentage": dice.pick(&[0, 30, 100]), "bucketingKey": "user_id", "rolloutWeights": weights.clone(),
            "conditions": [{"type": "property", "prop": "gp:staff", "op": "is", "values": ["true"]}]})
    };
    let segments = if dice.some() { vec![segment(dice)] } else { Vec::new() };
    let archived = dice.roll(8) == 0;
    let mut made = json!({"enabled": dice.roll(3) > 0, "deleted": archived, "variants": variants, "rolloutWeights": weights, "targetSegments": segments,
        "rolloutPercentage": dice.pick(&[0, 20, 60, 100]), "bucketingSalt": dice.pick(&["saltone1", "salttwo2"]), "bucketingKey": "user_id",
        "deployments": dice.pick(&[json!(["1"]), json!(["1", "2"]), json!(["2"])]), "tags": dice.pick(&[json!([]), json!(["x"])])});
    if experiment {
        made["state"] = json!("running");
        made["stickyBucketing"] = json!(dice.some());
        made["startDate"] = dice.pick(&[Value::Null, json!("2026-09-14")]);
    }
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for user in ["user-1", "user-3", "user-5"] {
        if dice.some() {
            users.entry(dice.pick(&keys).to_owned()).or_default().push(user.to_owned());
        }
    }
    (made, users)
}

pub fn item_of(world: &World, object: &Object) -> Item {
    let kind = if object.experiment { Kind::Experiment } else { Kind::Flag };
    let mut item = item(&world.reported(object), kind).unwrap();
    item.take_variants(&json!(object.variants)).unwrap();
    for variant in &object.variants {
        let key = variant["key"].as_str().unwrap();
        let users = object.users.get(key).cloned().unwrap_or_default();
        let cohorts = object.cohorts.get(key).cloned().unwrap_or_default();
        item.take_inclusions(key, &json!(users), &json!(cohorts)).unwrap();
    }
    item
}

/// The file of an object, with the lists of what its variants include.
pub fn file_of(world: &World, object: &Object) -> String {
    let item = item_of(world, object);
    let mut text = file::write(&item).unwrap().text;
    for key in item.variants() {
        if object.users.get(key).is_none_or(Vec::is_empty) {
            let from = format!("{{key: {key}");
            text = text.replacen(&from, &format!("{from}, inclusions: {{users: []}}"), 1);
        }
    }
    text
}

const USERS: usize = 24;
const DEPLOYMENTS: [&str; 2] = ["1", "2"];

thread_local! {
    /// The states that were worked out before: most states are those of other journeys.
    static KNOWN: RefCell<BTreeMap<String, Vec<Option<String>>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The variants that everybody gets in both deployments, by the arithmetic that Amplitude's engine agrees with.
fn everybody(object: &Object) -> Vec<Option<String>> {
    let (body, there) = (&object.body, |key: &str| object.variants.iter().any(|variant| variant["key"] == key));
    let keys: Vec<Value> = object.variants.iter().map(|variant| json!({"key": variant["key"]})).collect();
    let known = |weights: &Value| -> Value {
        weights
            .as_object()
            .unwrap()
            .iter()
            .filter(|(key, _)| there(key))
            .map(|(key, weight)| (key.clone(), weight.clone()))
            .collect()
    };
    let mut segments = body["targetSegments"].clone();
    for segment in segments.as_array_mut().unwrap() {
        segment["rolloutWeights"] = known(&segment["rolloutWeights"]);
    }
    let text = format!(
        "key: pay\nkind: flag\nstate: active\nvariants: {}\nrolloutPercentage: {}\nrolloutWeights: {}\nbucketingSalt: {}\nbucketingKey: {}\ntargetSegments: {}\n",
        json!(keys),
        body["rolloutPercentage"],
        known(&body["rolloutWeights"]),
        body["bucketingSalt"],
        body["bucketingKey"],
        segments
    );
    let on = body["enabled"] == true && body["deleted"] != true;
    let question = format!("{on} {} {:?}\n{text}", body["deployments"], object.users);
    if let Some(known) = KNOWN.with(|known| known.borrow().get(&question).cloned()) {
        return known;
    }
    // Weights that are all zero, say, serve nobody.
    let mut aside = Diagnostics::of("x.yaml");
    let parsed = VOCABULARY.flags_of(text.as_bytes(), "x.yaml", &mut aside).and_then(|mut flags| flags.pop());
    let has_segments = !segments.as_array().unwrap().is_empty();
    let gets = |user: usize| {
        let name = format!("user-{user}");
        if let Some((variant, _)) = object.users.iter().find(|(key, users)| there(key) && users.contains(&name)) {
            return Some(variant.clone());
        }
        let staff = has_segments && user.is_multiple_of(3);
        variant_of(parsed.as_ref()?, staff.then_some("Staff"), &name).unwrap_or(None)
    };
    let one: Vec<Option<String>> = (1..USERS).map(gets).collect();
    if parsed.is_some() {
        keep(object, &segments, &known(&body["rolloutWeights"]), &one);
    }
    let served = |deployment: &str| on && body["deployments"].as_array().unwrap().contains(&json!(deployment));
    let of = |deployment: &&str| {
        let served = served(deployment);
        one.iter().map(move |variant| variant.clone().filter(|_| served)).collect::<Vec<_>>()
    };
    let found: Vec<Option<String>> = DEPLOYMENTS.iter().flat_map(of).collect();
    KNOWN.with(|known| known.borrow_mut().insert(question, found.clone()));
    found
}

/// Keeps what was worked out for `scripts/oracle`, which asks Amplitude's own engine the same.
fn keep(object: &Object, segments: &Value, weights: &Value, gets: &[Option<String>]) {
    static FILE: Mutex<()> = Mutex::new(());
    let Some(path) = std::env::var_os("COUNTERSIGN_JOURNEYS") else { return };
    let positive = |weights: &Value| weights.as_object().unwrap().values().any(|weight| weight.as_f64() > Some(0.0));
    if !positive(weights) || !segments.as_array().unwrap().iter().all(|segment| positive(&segment["rolloutWeights"])) {
        return;
    }
    let keys: Vec<&Value> = object.variants.iter().map(|variant| &variant["key"]).collect();
    let users: Vec<Value> = (1..USERS)
        .map(|user| json!({"user_id": format!("user-{user}"), "user_properties": {"staff": user.is_multiple_of(3).to_string()}}))
        .collect();
    let flag = json!({"variants": keys, "users": object.users, "targetSegments": segments, "rolloutWeights": weights,
        "rolloutPercentage": object.body["rolloutPercentage"], "bucketingSalt": object.body["bucketingSalt"], "bucketingKey": object.body["bucketingKey"]});
    let _one_at_a_time = FILE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    writeln!(file, "{}", json!({"flag": flag, "users": users, "gets": gets})).unwrap();
}

/// An object of the content of one that has all users, with other weights and variants.
fn mixture(bucketing: &Object, weights: &Value, variants: &[Value]) -> Object {
    let mut mixed = bucketing.clone();
    mixed.variants = variants.to_vec();
    mixed.body["rolloutWeights"] = weights.clone();
    for (member, value) in [
        ("enabled", json!(true)),
        ("deleted", json!(false)),
        ("deployments", json!(DEPLOYMENTS)),
        ("rolloutPercentage", json!(100)),
    ] {
        mixed.body[member] = value;
    }
    for segment in mixed.body["targetSegments"].as_array_mut().unwrap() {
        segment["percentage"] = json!(100);
    }
    mixed
}

/// The distribution of weights as a plan prints it.
fn printed(object: &Object, order: &[Value]) -> String {
    let of = |variant: &Value| object.body["rolloutWeights"][variant["key"].as_str().unwrap()].as_f64().unwrap_or(0.0);
    let total: f64 = order.iter().map(of).sum();
    let share = |variant: &Value| {
        let text = format!("{:.1}", if total > 0.0 { 100.0 * of(variant) / total } else { 0.0 });
        format!("{} {}%", variant["key"].as_str().unwrap(), text.strip_suffix(".0").unwrap_or(&text))
    };
    order.iter().map(share).collect::<Vec<_>>().join(", ")
}

/// An Amplitude for all journeys of a test, and a client of it: reading all the certificates of a machine takes longer
/// than most journeys.
pub struct Station {
    fake: Fake,
    client: AmplitudeClient,
}

thread_local! {
    static STATION: Rc<Station> = {
        let fake = Fake::start();
        let client = fake.client(Duration::ZERO).paced(Duration::ZERO);
        Rc::new(Station { fake, client })
    };
}

/// The flag of a journey in a state of the world; none before it is made.
pub fn travelled(objects: &BTreeMap<String, Object>) -> Option<&Object> {
    let mut all = objects.values().filter(|object| object.body["key"] == "pay");
    let found = all.next();
    assert!(all.next().is_none(), "it was made twice");
    found
}

/// One change, and everything that its plans said.
pub struct Journey {
    station: Rc<Station>,
    /// The state of before; of a flag that was not there, one that serves nobody.
    pub a: Object,
    /// Whether the flag was not there before.
    pub is_new: bool,
    pub b: Object,
    pub then: String,
    pub want: String,
    pub allow: bool,
    /// The variants that users get in between, as the plans printed it.
    said: BTreeSet<String>,
    /// The steps that are left to be done by hand.
    by_hand: BTreeSet<String>,
}

impl Journey {
    pub fn new(
        a: (Value, BTreeMap<String, Vec<String>>),
        b: (Value, BTreeMap<String, Vec<String>>),
        experiment: bool,
        allow: bool,
    ) -> Journey {
        // The end, B, is made in another Amplitude, for its file and for what it gives.
        let station = STATION.with(Rc::clone);
        let fake = &station.fake;
        fake.reset();
        let (mut world, mut other) = (fake.world(), World::default());
        for (world, (object, users)) in [(&mut *world, a), (&mut other, b)] {
            world.add("7", experiment, &object);
            world.objects.get_mut("7").unwrap().users = users;
        }
        let (a, b) = (world.objects["7"].clone(), other.objects["7"].clone());
        let (then, want) = (file_of(&world, &a), file_of(&other, &b));
        drop(world);
        // Neighbours on other pages.
        for id in ["3", "9"] {
            fake.world().add(id, experiment, &json!({"key": format!("k{id}")}));
        }
        let (said, by_hand) = (BTreeSet::new(), BTreeSet::new());
        Journey { station, a, is_new: false, b, then, want, allow, said, by_hand }
    }

    /// A flag that is not there yet, and is to be B.
    pub fn creation(b: (Value, BTreeMap<String, Vec<String>>), experiment: bool) -> Journey {
        let nobody = json!({"enabled": false, "rolloutPercentage": 0, "rolloutWeights": {"on": 1}, "deployments": []});
        let mut journey = Journey::new((nobody, BTreeMap::new()), b, experiment, false);
        journey.world().objects.remove("7");
        (journey.is_new, journey.then) = (true, String::new());
        journey
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.station.fake.world()
    }

    /// Plans and applies; nothing if not even a plan could be had.
    pub fn run(&mut self) -> Option<ApplyOutcome> {
        let client = &self.station.client;
        let planned = plan_by(client, &self.then, &self.want).ok()?;
        if self.allow || !self.a.experiment {
            self.said.extend(planned.steps.calls().filter_map(|call| call.between.clone()));
        }
        self.by_hand.extend(planned.steps.by_hand.iter().cloned());
        let rules = ApplyRules { client, project: "450001", unmanaged: &[], allow_intermediate: self.allow };
        if planned.kill().is_some() && kill(&rules, &planned).outcome != ApplyOutcome::Done {
            return None;
        }
        let outcome = match &planned.finding {
            Finding::Same => ApplyOutcome::Done,
            Finding::Conflict(why) | Finding::Aside(why) => ApplyOutcome::Conflict(why.clone()),
            Finding::Behind | Finding::New => apply(&rules, &planned).outcome,
        };
        if outcome == ApplyOutcome::Done {
            let (world, flag) = (self.world(), flag(&self.want));
            // An edit after the last look, nobody has seen.
            let first = (!self.is_new).then_some(&self.a);
            let before = |at: &usize| at.checked_sub(1).map_or(first, |at| travelled(&world.states[at]));
            let mut seen: Vec<&Object> = travelled(&world.objects).into_iter().collect();
            seen.extend(world.hands.last().and_then(before));
            // An archived item that is not there is as good as archived.
            if seen.is_empty() && flag.state.word == "archived" {
                return Some(outcome);
            }
            let differing = |object: &&Object| projected(&item_of(&world, object), &flag, &[]).differing(&flag);
            let differing: Vec<_> = seen.iter().map(differing).collect();
            assert!(differing.contains(&Vec::new()), "a success that is not there: {differing:?}");
        }
        Some(outcome)
    }

    fn said(&self, what: &str) -> bool {
        self.said.iter().any(|said| said.contains(what))
    }

    /// Looks at every state there was: nobody is served whom neither side serves, or gets what neither side gives, but
    /// for what was printed. Somebody's edit in the console changes both sides.
    pub fn look_back(&self) {
        let world = self.world();
        assert!(world.violations.is_empty(), "{}", world.violations.join("\n"));
        let mut ends = vec![self.a.clone(), self.b.clone()];
        if self.said("what it served before it was archived") {
            let mut restored = self.a.clone();
            restored.body["deleted"] = json!(false);
            ends.push(restored);
        }
        if !world.hands.is_empty() {
            for end in ends.clone() {
                let mut edited = end.clone();
                world.by_hand(&mut edited);
                ends.push(edited);
            }
            ends.extend(world.hands.iter().filter_map(|at| travelled(&world.states[*at])).cloned());
        }
        let given: Vec<Vec<Option<String>>> = ends.iter().map(everybody).collect();
        for object in world.states.iter().filter_map(travelled) {
            let is = everybody(object);
            let strange = |at: &usize| is[*at].is_some() && !given.iter().any(|of| of[*at] == is[*at]);
            let strange: Vec<usize> = (0..is.len()).filter(strange).collect();
            if strange.is_empty() {
                continue;
            }
            let allowed = self.printed(object, &ends);
            for at in strange {
                let user = format!("user-{}", at % (USERS - 1) + 1);
                let tell = || {
                    format!(
                        "{user}: {:?}\n{}\nA {} {:?}\nB {} {:?}\nsaid {:?}\nby hand {:?}",
                        is[at],
                        object.body,
                        self.a.body,
                        self.a.users,
                        self.b.body,
                        self.b.users,
                        self.said,
                        self.by_hand
                    )
                };
                assert!(given.iter().any(|of| of[at].is_some()), "served on the way: {}", tell());
                let moves = self.said.iter().any(|said| {
                    said.starts_with("what all others get") && said.split([' ', ',']).any(|word| word == user)
                });
                assert!(moves || allowed.iter().any(|of| of[at] == is[at]), "neither A nor B: {}", tell());
            }
        }
    }

    /// The variants that everybody may get of a state by what was printed.
    fn printed(&self, state: &Object, ends: &[Object]) -> Vec<Vec<Option<String>>> {
        let mut orders = vec![state.variants.clone()];
        orders.extend(ends.iter().map(|end| end.variants.clone()));
        let mut mixtures = Vec::new();
        let keys = |variants: &[Value]| variants.iter().map(|variant| variant["key"].clone()).collect::<Vec<_>>();
        let mut every = self.a.variants.clone();
        every.extend(self.b.variants.iter().filter(|one| !keys(&self.a.variants).contains(&one["key"])).cloned());
        let distribution = self.said(&printed(state, &every)) || self.said(&printed(state, &state.variants));
        for (at, end) in ends.iter().enumerate() {
            // A side in the order that no call can change.
            if self.by_hand.iter().any(|why| why.contains("their order cannot be changed")) {
                mixtures.push(mixture(end, &end.body["rolloutWeights"], &state.variants));
            }
            if distribution {
                mixtures.push(mixture(end, &state.body["rolloutWeights"], &state.variants));
            }
            let of_b = at % 2 == 1;
            if of_b && self.said("the old weights, bucketed as that call says") {
                mixtures.push(mixture(end, &self.a.body["rolloutWeights"], &state.variants));
            }
        }
        mixtures.iter().map(everybody).collect()
    }

    /// Whether the last write was the switching off of an exchange of all deployments, and by nobody's hand.
    pub fn broke_off_switched_off(&self) -> bool {
        let world = self.world();
        let Some(last) = world.states.last().and_then(travelled) else { return false };
        let before = world.states.len().checked_sub(2).map_or(Some(&self.a), |at| travelled(&world.states[at]));
        let live = |object: &Object| object.body["enabled"] == true && object.body["deleted"] != true;
        let deployed = |object: &Object| object.body["deployments"].as_array().unwrap().clone();
        let is_exchanged = deployed(&self.a).iter().all(|one| !deployed(&self.b).contains(one));
        let switched = before.is_some_and(|before| live(before) && !live(last) && deployed(before) == deployed(last));
        world.hands.is_empty() && live(&self.a) && live(&self.b) && is_exchanged && switched
    }

    /// Whether somebody's switching off in the console was undone.
    pub fn switched_on_again(&self) -> bool {
        let world = self.world();
        let live = |object: &Object| object.body["enabled"] == true && object.body["deleted"] != true;
        if world.knobs.hand != Hand::SwitchOff || !live(&self.a) || !live(&self.b) || self.said("switched on again") {
            return false;
        }
        // Somebody may have edited another flag only.
        let is_live = |at: usize| travelled(&world.states[at]).is_some_and(live);
        let off = world.hands.iter().copied().find(|at| !is_live(*at));
        (off.unwrap_or(world.states.len())..world.states.len()).any(is_live)
    }
}
