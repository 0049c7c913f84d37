//! The fake GitHub of the tests, tested: it catches what it is there to catch, its own mistakes included.

#[path = "github/fake/mod.rs"]
mod fake;

use fake::Fake;

#[test]
fn it_starts() {
    let fake = Fake::start();
    fake.verify();
}
