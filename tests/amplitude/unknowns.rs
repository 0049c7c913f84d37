//! Unknowns of Amplitude's API, one row each, with the ways it may be; and the program under each.

use std::collections::BTreeMap;

use countersign::amplitude::apply::ApplyOutcome;
use countersign::amplitude::plan::Finding;
use serde_json::{Value, json};

use crate::amplitude::fake::{Approvals, Fake, Fault, Hand, Knobs, Object, Paging};
use crate::amplitude::journey::Journey;
use crate::amplitude::shapes::Dice;
use crate::amplitude::traces::{NEW, carry_out, plan_of};

/// One unknown.
pub struct Unknown {
    /// The unknown.
    pub about: &'static str,
    /// The number of ways it may be.
    pub ways: usize,
    /// Sets one of them.
    pub set: fn(&mut Knobs, usize),
    /// Whether a run may end without having done everything, until that is over.
    pub stops: bool,
}

const fn unknown(about: &'static str, ways: usize, set: fn(&mut Knobs, usize)) -> Unknown {
    Unknown { about, ways, set, stops: false }
}

impl Unknown {
    const fn stops(mut self) -> Self {
        self.stops = true;
        self
    }
}

/// All of them. Faults of single requests and what somebody does meanwhile are thrown in `faults.rs`.
pub const UNKNOWNS: &[Unknown] = &[
    unknown("ids are strings or numbers", 2, |knobs, way| knobs.ids_are_numbers = way == 1),
    unknown("cursors are strings or numbers", 2, |knobs, way| knobs.cursor_is_number = way == 1),
    unknown("the end of a list is null, absent or empty", 3, |knobs, way| knobs.end = way),
    unknown("an unknown id is 404 or 400", 2, |knobs, way| knobs.unknown_id = [404, 400][way]),
    unknown("a success says OK, ok, nothing or JSON", 4, |knobs, way| knobs.success = way),
    unknown("an unknown member of an edit is refused or ignored", 2, |knobs, way| {
        knobs.unknown_member = [400, 200][way]
    }),
    unknown("weights in an edit are ignored, taken or refused", 3, |knobs, way| knobs.weights_in_edit = way),
    unknown("a write that changes nothing makes a version", 2, |knobs, way| knobs.no_op_versions = way == 1),
    unknown("variants, inclusions and deployments make versions", 2, |knobs, way| knobs.sub_versions = way == 1),
    unknown("the author of a write with a key is nobody, an id or an address", 3, |knobs, way| knobs.author = way),
    unknown("removing a variant takes weights along, leaves them, or is refused", 3, |knobs, way| {
        knobs.variant_removal = way
    }),
    unknown("a rename carries weights and inclusions", 2, |knobs, way| knobs.rename_carries = way == 1),
    unknown("what is there already is refused or taken", 2, |knobs, way| knobs.duplicate = [400, 200][way]),
    unknown("members of a slot replace the others or are added", 2, |knobs, way| knobs.slots_append = way == 1),
    unknown("reads tell the exposure event", 2, |knobs, way| knobs.tells_exposure = way == 1),
    unknown("switching an experiment on moves its state and its start", 2, |knobs, way| {
        knobs.enabling_moves_state = way == 1
    }),
    unknown("archiving switches off", 2, |knobs, way| knobs.archiving_disables = way == 1),
    unknown("approvals in Amplitude are off, refuse, or wait and lock", 3, |knobs, way| {
        knobs.approvals = [Approvals::Off, Approvals::Refuse, Approvals::Pend][way];
    })
    .stops(),
    unknown("a web experiment may be read and not written", 2, |knobs, way| knobs.web = way == 1).stops(),
    unknown("a list is stable, tells an item twice, or misses one", 3, |knobs, way| {
        (knobs.paging, knobs.page) =
            ([Paging::Stable, Paging::Twice, Paging::Missed][way], if way == 0 { 1000 } else { 1 });
    }),
    unknown("the list of deployments tells secrets", 2, |knobs, way| knobs.deployments_tell = way == 1),
    unknown("variants are edited by POST too", 2, |knobs, way| knobs.edit_by_post = way == 1),
];

/// Every unknown in some way; one that stops runs in some of them.
pub fn thrown(dice: &mut Dice<'_>) -> Knobs {
    let mut knobs = Knobs::default();
    for unknown in UNKNOWNS {
        let way = dice.roll(unknown.ways);
        let way = if unknown.stops && dice.roll(3) > 0 { 0 } else { way };
        (unknown.set)(&mut knobs, way);
    }
    let hands = [Hand::Words, Hand::SwitchOff, Hand::Raise, Hand::Lower, Hand::Salt, Hand::Rename, Hand::Archive];
    knobs.hand = dice.pick(&hands);
    knobs
}

type Side = (Value, BTreeMap<String, Vec<String>>);

fn side(over: &Value, users: &[(&str, &[&str])]) -> Side {
    let mut made = json!({"enabled": true, "rolloutPercentage": 20, "variants": [{"key": "a"}, {"key": "b"}], "rolloutWeights": {"a": 1, "b": 1},
        "bucketingSalt": "saltone1", "bucketingKey": "user_id", "deployments": ["1"], "tags": ["x"]});
    made.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<String>>();
    (made, users.iter().map(|(key, users)| ((*key).to_owned(), ids(users))).collect())
}

/// Changes of every kind that has calls of its own.
fn changes() -> Vec<(&'static str, Side, Side)> {
    let plain = || side(&json!({}), &[]);
    let three = json!({"variants": [{"key": "a"}, {"key": "b"}, {"key": "c", "payload": {"n": 1}}], "rolloutWeights": {"a": 1, "b": 1, "c": 2}});
    let staff = json!([{"name": "Staff", "percentage": 100, "bucketingKey": "user_id", "rolloutWeights": {"a": 1, "b": 0},
        "conditions": [{"type": "property", "prop": "gp:staff", "op": "is", "values": ["true"]}]}]);
    vec![
        ("a share that grows", plain(), side(&json!({"rolloutPercentage": 60, "tags": []}), &[])),
        (
            "a share that falls, and a salt",
            plain(),
            side(&json!({"rolloutPercentage": 5, "bucketingSalt": "salttwo2"}), &[]),
        ),
        (
            "a salt, a share and weights",
            plain(),
            side(
                &json!({"rolloutPercentage": 90, "bucketingSalt": "salttwo2", "rolloutWeights": {"a": 3, "b": 1}}),
                &[],
            ),
        ),
        (
            "a segment and weights",
            plain(),
            side(&json!({"targetSegments": staff, "rolloutWeights": {"a": 5, "b": 1}}), &[]),
        ),
        ("weights", plain(), side(&json!({"rolloutWeights": {"a": 3, "b": 0}}), &[])),
        ("a variant that comes", plain(), side(&three, &[("c", &["user-1"])])),
        ("a variant that goes", side(&three, &[("c", &["user-1", "user-2"])]), side(&json!({}), &[("a", &["user-2"])])),
        (
            "users that come, go and move",
            side(&json!({}), &[("a", &["user-1", "user-2"])]),
            side(&json!({"bucketingSalt": "salttwo2"}), &[("a", &["user-3"]), ("b", &["user-2", "user-4"])]),
        ),
        ("a deployment more", plain(), side(&json!({"deployments": ["1", "2"]}), &[])),
        ("other deployments, and a share", plain(), side(&json!({"deployments": ["2"], "rolloutPercentage": 60}), &[])),
        ("switching off", plain(), side(&json!({"enabled": false, "rolloutPercentage": 0}), &[])),
        ("switching on", side(&json!({"enabled": false}), &[]), side(&json!({"rolloutPercentage": 60}), &[])),
        ("archiving", plain(), side(&json!({"enabled": false, "deleted": true}), &[])),
        ("restoring, off", side(&json!({"deleted": true}), &[]), side(&json!({"enabled": false}), &[])),
        (
            "restoring, on, as another one",
            side(&json!({"deleted": true}), &[]),
            side(&json!({"bucketingSalt": "salttwo2"}), &[]),
        ),
    ]
}

#[test]
fn every_change_is_safe_and_ends_under_every_unknown() {
    for unknown in UNKNOWNS {
        for way in 0..unknown.ways {
            for (at, (name, a, b)) in changes().into_iter().enumerate() {
                // Flags and experiments by turns.
                let (experiment, allow) = [(false, false), (true, true)][(at + way) % 2];
                let mut journey = Journey::new(a.clone(), b.clone(), experiment, allow);
                (unknown.set)(&mut journey.world().knobs, way);
                let place = format!("{name}, {}: {way}, experiment {experiment}", unknown.about);
                let first = journey.run();
                journey.look_back();
                let reported = |outcome: &Option<ApplyOutcome>| {
                    let leave = matches!(outcome, Some(ApplyOutcome::NeedsLeave(_))) && !allow;
                    *outcome == Some(ApplyOutcome::Done) || leave
                };
                let world = journey.world();
                let stopped = matches!(&first, None | Some(ApplyOutcome::Refused(_) | ApplyOutcome::Pending(_)));
                if unknown.stops && way > 0 {
                    assert!(reported(&first) || stopped, "{place}: {first:?}");
                    assert!(!world.knobs.web || world.states.is_empty(), "{place}: a web experiment was written");
                } else {
                    assert!(reported(&first), "{place}: {first:?}");
                }
                drop(world);
                // It is over: somebody agreed, or it is another item by now. The next run finishes.
                let mut world = journey.world();
                world.knobs = Knobs::default();
                world.objects.get_mut("7").unwrap().pending = false;
                drop(world);
                let last = journey.run();
                journey.look_back();
                assert!(reported(&last), "{place}: {last:?}");
            }
        }
    }
}

/// A flag that is new, under one setting and with one fault: no state serves anybody before it is whole, no success
/// that is not there, none is made twice, and the next run finishes. The number of requests.
fn made(place: &str, set: &dyn Fn(&mut Knobs), fault: Option<(usize, Fault)>) -> usize {
    let fake = Fake::start();
    let planned = plan_of(&fake, "", NEW);
    fake.calls();
    set(&mut fake.world().knobs);
    fake.world().faults.extend(fault);
    let applied = carry_out(&fake, &planned, false);
    let requests = fake.calls().len();
    let whole = |object: &Object| {
        let body = &object.body;
        body["rolloutPercentage"] == 10
            && body["bucketingSalt"] == "Qw8rTz1k"
            && body["tags"] == json!(["q3"])
            && object.users.get("on").is_some_and(|users| users == &["t1", "t2"])
    };
    let safe = |fake: &Fake| {
        let world = fake.world();
        let live = |object: &&Object| object.body["enabled"] == true;
        assert!(
            world.states.iter().flat_map(BTreeMap::values).filter(live).all(whole),
            "{place}: served before it is whole"
        );
        assert!(world.objects.len() < 2, "{place}: made twice");
        world.objects.values().next().cloned()
    };
    let is_there = |object: &Option<Object>| {
        object.as_ref().is_some_and(|object| {
            whole(object) && object.body["enabled"] == true && object.body["deployments"] == json!(["71001"])
        })
    };
    let object = safe(&fake);
    assert!(applied.outcome != ApplyOutcome::Done || is_there(&object), "{place}: {applied:?}");
    fake.world().knobs = Knobs::default();
    fake.world().faults.clear();
    if let Some(object) = fake.world().objects.values_mut().next() {
        object.pending = false;
    }
    let planned = plan_of(&fake, "", NEW);
    let applied = if planned.finding == Finding::Same { None } else { Some(carry_out(&fake, &planned, false)) };
    assert!(is_there(&safe(&fake)), "{place}: {:?} {applied:?}", planned.finding);
    requests
}

#[test]
fn a_new_flag_is_safe_and_whole_in_the_end_under_every_unknown_and_fault() {
    for unknown in UNKNOWNS {
        for way in 0..unknown.ways {
            made(&format!("{}: {way}", unknown.about), &|knobs| (unknown.set)(knobs, way), None);
        }
    }
    let requests = made("nothing", &|_| {}, None);
    assert!(requests > 12, "{requests}");
    for fault in
        [Fault::Limit(Some(0)), Fault::Limit(None), Fault::Before(502), Fault::After(502), Fault::Lost, Fault::Half]
    {
        for at in 0..requests {
            made(&format!("{fault:?} at {at}"), &|_| {}, Some((at, fault)));
        }
    }
}

#[test]
fn no_unknown_is_left_to_a_default() {
    // Each way of a row is another setting, and together the rows set everything but the pace, and whose hand it is.
    for unknown in UNKNOWNS {
        let all: Vec<Knobs> = (0..unknown.ways)
            .map(|way| {
                let mut knobs = Knobs::default();
                (unknown.set)(&mut knobs, way);
                knobs
            })
            .collect();
        for (at, knobs) in all.iter().enumerate() {
            assert!(!all[..at].contains(knobs), "{}: two ways are one", unknown.about);
        }
    }
    let fields = format!("{:?}", Knobs::default()).matches(": ").count();
    // A row each; the page goes with the stability of lists.
    assert_eq!(fields, UNKNOWNS.len() + ["page", "hand", "delay_ms"].len());
}
