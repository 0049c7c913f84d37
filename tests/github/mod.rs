//! Everything on GitHub: the real program, run as on a runner, against a GitHub on loopback that keeps state and judges
//! every request and every reply by GitHub's own published descriptions; the action and the workflows that are shipped.

mod action;
mod amplitude;
mod amplitude_comment;
mod attacks;
mod attacks2;
mod attacks3;
mod audit;
mod doctor;
mod events;
mod fake;
mod fake_tests;
mod faults;
mod receipts;
mod requests;
mod shop;
mod stories;
