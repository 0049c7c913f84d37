//! Settings: what nobody outside of Amplitude knows of its API, each with the ways it may be; and faults.

/// What Amplitude's own approvals do to a write through the API.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Approvals {
    #[default]
    Off,
    /// A write that needs approval is refused.
    Refuse,
    /// It is answered with success, and a request for approval is opened; the object is locked from then on.
    Pend,
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
    /// What a success says: `OK`, `ok`, nothing, or JSON.
    pub success: usize,
    pub unknown_member: u16,
    /// Whether a write that changes nothing makes a version.
    pub no_op_versions: bool,
    /// Whether variants, inclusions and deployments make versions.
    pub sub_versions: bool,
    /// Who made a version: nobody, an id, an address.
    pub author: usize,
    /// Whether removing a variant takes its weights along, leaves them, or is refused while it has any.
    pub variant_removal: usize,
    /// The status for what is there already.
    pub duplicate: u16,
    pub tells_exposure: bool,
    pub enabling_moves_state: bool,
    pub archiving_disables: bool,
    pub approvals: Approvals,
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
            variant_removal: 0,
            duplicate: 400,
            tells_exposure: false,
            enabling_moves_state: false,
            archiving_disables: false,
            approvals: Approvals::Off,
            page: 1000,
            delay_ms: 0,
        }
    }
}

/// What goes wrong with one request.
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
    /// Somebody changes the object in the console before it is executed.
    Edit,
}
