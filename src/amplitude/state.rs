//! Lifecycle: `state` of a file for `enabled` and `deleted` of Amplitude.
//!
//! Amplitude's own word for the phase of an experiment says nothing of whether users are served (its documentation
//! shows an enabled one in `planning`), and neither testing nor a schedule can be read. So what counts is whether an
//! item is archived, on or off.

use super::Item;
use crate::flag::Kind;

/// Whether an item serves its users.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServingState {
    On,
    Off,
    Archived,
}

/// The state that the word of a file wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WantedState {
    To(ServingState),
    /// Nobody but testers: never on, and off where it was live before.
    Testing,
    /// On at a time that only the console can set.
    Scheduled,
    /// A word that is none: nothing.
    Unknown,
}

/// The state that a word wants.
#[must_use]
pub fn wanted_state(word: &str) -> WantedState {
    match word {
        "active" | "running" => WantedState::To(ServingState::On),
        "archived" => WantedState::To(ServingState::Archived),
        "scheduled" => WantedState::Scheduled,
        "testing" => WantedState::Testing,
        "inactive" | "planning" | "completed" => WantedState::To(ServingState::Off),
        _ => WantedState::Unknown,
    }
}

impl Item {
    #[must_use]
    pub fn serving_state(&self) -> ServingState {
        match (self.archived, self.enabled) {
            (true, _) => ServingState::Archived,
            (false, true) => ServingState::On,
            (false, false) => ServingState::Off,
        }
    }

    /// The word for the file of this item.
    #[must_use]
    pub fn word(&self) -> &'static str {
        let decided = matches!(self.phase.as_deref(), Some("decision-made" | "analyzing" | "completed" | "running"));
        match (self.serving_state(), self.kind) {
            (ServingState::Archived, _) => "archived",
            (ServingState::On, Kind::Flag) => "active",
            (ServingState::On, Kind::Experiment) => "running",
            (ServingState::Off, Kind::Flag) => "inactive",
            (ServingState::Off, Kind::Experiment) if decided => "completed",
            (ServingState::Off, Kind::Experiment) => "planning",
        }
    }

    /// The word of a file if this item is what it asks for, else the word for the item.
    #[must_use]
    pub fn word_for<'w>(&self, word: &'w str) -> &'w str
    where
        'static: 'w,
    {
        let same = match (wanted_state(word), self.serving_state()) {
            (WantedState::To(wanted), now) => wanted == now,
            (WantedState::Scheduled, now) => now != ServingState::Archived,
            (WantedState::Testing, now) => now == ServingState::Off,
            (WantedState::Unknown, _) => false,
        };
        if same { word } else { self.word() }
    }
}
