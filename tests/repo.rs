//! The room `repo` against the real git, on real repositories in temporary folders.

#[path = "repo/hostile.rs"]
mod hostile;
#[path = "repo/property.rs"]
mod property;
#[path = "repo/proposals.rs"]
mod proposals;
#[path = "repo/random.rs"]
mod random;
#[path = "repo/world.rs"]
mod world;
