//! The computed shares of groups of users against users that were counted.

use std::collections::BTreeMap;

use countersign::flag::Flag;
use countersign::groups::Share;
use countersign::impact::{Impact, Partition, SegmentImpact, pairs};

/// The variant that one user got: the segment that held and the variant, before and after.
pub struct Seen<'v> {
    pub id: &'v str,
    pub sides: [(Option<&'v str>, Option<&'v str>); 2],
}

/// How far a count may be from its mean, with one chance in a milliard for each comparison, by Bernstein's inequality.
/// Not a number of standard deviations, which a share of a few ten-thousandths exceeds with the second user.
pub fn most_off(share: f64, size: f64) -> f64 {
    let chance = (2.0f64 / 1e-9).ln();
    chance / 3.0 + (chance * chance / 9.0 + 2.0 * chance * share * size * (1.0 - share)).sqrt()
}

/// The shares of each group of users within the sampling error of the exact ones, and no user on a way that is not
/// reported. The numbers of groups that were compared, and of those among them that changed segment.
pub fn shares(case: &str, flags: &[Flag; 2], effect: &Impact, seen: &[Seen<'_>]) -> (usize, usize) {
    let mut groups: BTreeMap<(Option<&str>, Option<&str>), Vec<&Seen<'_>>> = BTreeMap::new();
    for user in seen {
        groups.entry((user.sides[0].0, user.sides[1].0)).or_default().push(user);
    }
    let mut moved = 0;
    let reported = reported(flags);
    for ((from, to), users) in &groups {
        let ReportedMoves { segment, origin, ambiguous } = reported(*from, *to);
        let stays = origin.is_none();
        let changed = users.iter().filter(|user| user.sides[0].1 != user.sides[1].1).count();
        moved += usize::from(!stays);
        // A group that is gone may have had the name that another one has today.
        let found = effect.per_segment.iter().filter(|group| {
            group.segment == segment && group.moved_from.as_ref().map(|origin| &origin.segment) == origin.as_ref()
        });
        let compared: Vec<Result<(), String>> = found.map(|group| compare(group, users)).collect();
        // A way that is not reported is one nobody takes, or one that changes nothing.
        let unreported = compared.is_empty() || ambiguous;
        let fits = compared.iter().any(Result::is_ok) || (unreported && changed == 0);
        assert!(fits, "{case}: {from:?} to {to:?} changes {changed}: {compared:?}\n{effect:#?}");
    }
    (groups.len(), moved)
}

/// Whether these users are as many as the shares say, as near as chance allows.
fn compare(group: &SegmentImpact, users: &[&Seen<'_>]) -> Result<(), String> {
    let size = f64::from(u32::try_from(users.len()).unwrap());
    let within = |share: Share, wanted: &dyn Fn(Option<&str>, Option<&str>) -> bool, what: &str| {
        let count = users.iter().filter(|user| wanted(user.sides[0].1, user.sides[1].1)).count();
        let (mean, counted) = (share.to_f64() * size, f64::from(u32::try_from(count).unwrap()));
        let near = (mean - counted).abs() <= most_off(share.to_f64(), size) && !(share.is_nobody() && count > 0);
        near.then_some(()).ok_or_else(|| format!("{what}: {counted} of {size}, expected {mean}"))
    };
    for flow in &group.matrix {
        let cell = |from: Option<&str>, to: Option<&str>| from == flow.from.as_deref() && to == flow.to.as_deref();
        within(flow.share, &cell, &format!("{:?} to {:?}", flow.from, flow.to))?;
    }
    within(group.switch, &|from, to| from.is_some() && to.is_some() && from != to, "switch")?;
    within(group.newly, &|from, to| from.is_none() && to.is_some(), "newly")?;
    within(group.lose, &|from, to| from.is_some() && to.is_none(), "lose")
}

/// How the impact tells users who go from one group to another.
struct ReportedMoves {
    segment: Option<String>,
    /// The group they come from, if they move.
    origin: Option<Option<String>>,
    /// Whether that group is gone and another one has its name today.
    ambiguous: bool,
}

/// How the impact of a change of these flags tells the users of a group before and after.
fn reported(flags: &[Flag; 2]) -> impl Fn(Option<&str>, Option<&str>) -> ReportedMoves {
    let sides = [&flags[0], &flags[1]].map(|flag| (flag.format.exposure.groups)(flag).unwrap());
    let in_order = sides.iter().all(|side| side.partition == Partition::FirstMatch);
    let one = [0, 1].map(|side| sides[side].list.len() == 1);
    let [before, after] = sides.map(|side| side.list);
    let paired = if in_order { pairs(&before, &after, &flags[1].format.exposure) } else { Vec::new() };
    let names = |(at, to): (usize, usize)| (before[at].name.clone(), after[to].name.clone());
    let names_of_today: BTreeMap<Option<String>, Option<String>> = paired.into_iter().map(names).collect();
    move |from, to| {
        let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
        match one {
            // Where all users were or are one group, those of the other side are parts of it.
            [true, _] if !in_order => ReportedMoves { segment: to, origin: None, ambiguous: false },
            [_, true] if !in_order => ReportedMoves { segment: from, origin: None, ambiguous: false },
            _ => {
                // A group that was renamed is told by the name that it has today.
                let today = if in_order { names_of_today.get(&from) } else { Some(&from) };
                let stays = today == Some(&to);
                let origin = (!stays).then(|| today.unwrap_or(&from).clone());
                let ambiguous = today.is_none() && after.iter().any(|group| group.name == from);
                ReportedMoves { segment: to, origin, ambiguous }
            }
        }
    }
}
