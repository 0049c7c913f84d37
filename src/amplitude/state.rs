//! Lifecycle: `state` of a file for `enabled` and `deleted` of Amplitude.
//!
//! Amplitude's own word for the phase of an experiment says nothing of whether users are served (its documentation shows an
//! enabled one in `planning`), and neither testing nor a schedule can be read. So what counts is whether an item is archived,
//! on or off.

use super::Item;
use crate::flag::Kind;

/// What an item is to its users.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    On,
    Off,
    Archived,
}

/// What a `state` asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    To(Standing),
    /// Nobody but testers: never on, and off where it was live before.
    Testing,
    /// On at a time that only the console can set.
    Scheduled,
    /// A word that is none: nothing.
    Unknown,
}

/// What the word of a file asks for.
#[must_use]
pub fn asked(word: &str) -> Asked {
    match word {
        "active" | "running" => Asked::To(Standing::On),
        "archived" => Asked::To(Standing::Archived),
        "scheduled" => Asked::Scheduled,
        "testing" => Asked::Testing,
        "inactive" | "planning" | "completed" => Asked::To(Standing::Off),
        _ => Asked::Unknown,
    }
}

impl Item {
    #[must_use]
    pub fn standing(&self) -> Standing {
        match (self.archived, self.enabled) {
            (true, _) => Standing::Archived,
            (false, true) => Standing::On,
            (false, false) => Standing::Off,
        }
    }

    /// The word for the file of this item.
    #[must_use]
    pub fn word(&self) -> &'static str {
        let decided = matches!(self.phase.as_deref(), Some("decision-made" | "analyzing" | "completed" | "running"));
        match (self.standing(), self.kind) {
            (Standing::Archived, _) => "archived",
            (Standing::On, Kind::Flag) => "active",
            (Standing::On, Kind::Experiment) => "running",
            (Standing::Off, Kind::Flag) => "inactive",
            (Standing::Off, Kind::Experiment) if decided => "completed",
            (Standing::Off, Kind::Experiment) => "planning",
        }
    }

    /// The word of a file if this item is what it asks for, else the word for the item.
    #[must_use]
    pub fn word_for<'w>(&self, word: &'w str) -> &'w str
    where
        'static: 'w,
    {
        let same = match (asked(word), self.standing()) {
            (Asked::To(standing), now) => standing == now,
            (Asked::Scheduled, now) => now != Standing::Archived,
            (Asked::Testing, now) => now == Standing::Off,
            (Asked::Unknown, _) => false,
        };
        if same { word } else { self.word() }
    }
}
