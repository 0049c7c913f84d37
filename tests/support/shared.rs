//! A folder that several tests start from, made once and removed with the last of them.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

/// A folder in a static. The static holds no share of it, because statics are never dropped and the folder would stay
/// behind in the temporary folder.
pub struct Shared(Mutex<Weak<TempDir>>);

impl Shared {
    #[must_use]
    pub const fn new() -> Self {
        Shared(Mutex::new(Weak::new()))
    }

    /// The folder, made now if no test holds it.
    pub fn get(&self, make: impl FnOnce() -> TempDir) -> Arc<TempDir> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.upgrade().unwrap_or_else(|| {
            let made = Arc::new(make());
            *held = Arc::downgrade(&made);
            made
        })
    }
}
