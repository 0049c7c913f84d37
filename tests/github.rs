//! The gate on GitHub, in whole stories: the real program, run as on a runner, against a GitHub on loopback that keeps
//! state and judges every request and every reply by GitHub's own published descriptions.

#[path = "github/attacks.rs"]
mod attacks;
#[path = "github/fake/mod.rs"]
mod fake;
#[path = "github/faults/mod.rs"]
mod faults;
#[path = "github/requests.rs"]
mod requests;
#[path = "github/shop.rs"]
mod shop;
#[path = "github/stories/mod.rs"]
mod stories;
