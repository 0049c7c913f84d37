//! Objects without a checkout: what is fetched, what is left out, and that nothing of a proposal runs. Real git over
//! `file://`, and for tokens and redirections a small server on loopback.

// The program between us and git here is a shell script.
#![cfg(unix)]

mod contributions;
mod hostile;
mod lookback;
mod reviews;
mod server;
