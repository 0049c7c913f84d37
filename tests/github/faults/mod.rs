//! Faults: on the wire, in the middle, meanwhile, and on purpose. Nothing becomes a success by any of them,
//! nothing is said twice, and the next run puts it right.

mod apart;
mod enterprise;
mod every;
mod killed;
mod limits;
mod log;
mod overlap;
mod pages;
mod races;
mod stage;
mod tokens;
mod untrusted;
