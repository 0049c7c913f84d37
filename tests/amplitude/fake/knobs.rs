//! Settings: what nobody outside of Amplitude knows of its API, each with the ways it may be; and faults.

/// The effect of Amplitude's own approvals on a write through the API.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Approvals {
    #[default]
    Off,
    /// A write that needs approval is refused.
    Refuse,
    /// The write is answered with success, and a request for approval is opened; the object is locked from then on.
    Pend,
}

/// The change of a list while somebody pages through it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Paging {
    #[default]
    Stable,
    /// Something new comes in front of the second page, so that an item comes twice.
    Twice,
    /// The second page begins one item too late, so that one is missed.
    Missed,
    /// Every page names another one.
    Endless,
}

/// Edits in the console meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Hand {
    /// Another description and other tags.
    #[default]
    Words,
    SwitchOff,
    /// The share of all users to 100.
    Raise,
    /// The same to 0.
    Lower,
    /// Another bucketing salt.
    Salt,
    /// The last variant gets another key.
    Rename,
    Archive,
}

/// The settings.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "settings, each on its own")]
pub struct Knobs {
    pub ids_are_numbers: bool,
    pub cursor_is_number: bool,
    /// How a list ends: null, absent or empty.
    pub end: usize,
    pub unknown_id: u16,
    /// The body of a success: `OK`, `ok`, nothing, or JSON.
    pub success: usize,
    pub unknown_member: u16,
    /// Whether a write that changes nothing makes a version.
    pub no_op_versions: bool,
    /// Whether variants, inclusions and deployments make versions.
    pub sub_versions: bool,
    /// The author of a version: nobody, an id, an address.
    pub author: usize,
    /// The fate of weights in the edit of an item: nothing, what it says, or a refusal.
    pub weights_in_edit: usize,
    /// Whether removing a variant takes its weights along, leaves them, or is refused while it has any.
    pub variant_removal: usize,
    /// Whether a renamed variant keeps its weights and what it includes.
    pub rename_carries: bool,
    /// The status for a variant, an included id or a deployment that is there already.
    pub duplicate: u16,
    /// Whether variants are edited by POST as well.
    pub edit_by_post: bool,
    /// Whether members of a group's slot are added to those it has, or replace them.
    pub slots_append: bool,
    /// Whether the list of deployments tells their secrets.
    pub deployments_tell: bool,
    pub tells_exposure: bool,
    pub enabling_moves_state: bool,
    pub archiving_disables: bool,
    pub approvals: Approvals,
    /// Whether it may be read and not written: a web experiment.
    pub web: bool,
    /// The change of a list while it is paged through.
    pub paging: Paging,
    /// The edit in the console at [`Fault::Edit`].
    pub hand: Hand,
    pub page: usize,
    pub delay_ms: u64,
}

impl Default for Knobs {
    fn default() -> Self {
        Knobs {
            ids_are_numbers: false,
            cursor_is_number: false,
            end: 0,
            unknown_id: 404,
            success: 0,
            unknown_member: 400,
            no_op_versions: false,
            sub_versions: true,
            author: 0,
            weights_in_edit: 0,
            variant_removal: 0,
            rename_carries: false,
            duplicate: 400,
            edit_by_post: false,
            slots_append: false,
            deployments_tell: true,
            tells_exposure: false,
            enabling_moves_state: false,
            archiving_disables: false,
            approvals: Approvals::Off,
            web: false,
            paging: Paging::Stable,
            hand: Hand::Words,
            page: 1000,
            delay_ms: 0,
        }
    }
}

/// The fault of one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Not executed, for a limit; with or without the time to wait.
    Limit(Option<u64>),
    /// Answered with this status, not executed.
    Before(u16),
    /// Executed, and answered with this status.
    After(u16),
    /// Executed, and the answer is lost.
    Lost,
    /// The answer is half there.
    Half,
    /// Says the key it was sent, in an error.
    Echo,
    /// Somebody changes the object in the console before it is executed: [`Knobs::hand`].
    Edit,
    /// The day's limit is used up: this and every request after it is refused.
    Day,
}
