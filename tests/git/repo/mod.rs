//! The room `repo` against the real git, on real repositories in temporary folders.

mod disk;
mod hostile;
mod names;
mod packs;
mod property;
mod proposals;
mod random;
mod sparse;
