//! An Enterprise Server: other addresses, and nothing goes to github.com.

use super::stage::SCENES;
use crate::github::shop::*;

#[test]
fn everything_goes_to_the_server_of_the_environment() {
    for (name, make) in &SCENES[..2] {
        for given in [true, false] {
            let (mut fake, event) = make();
            let end = {
                let run = review(&fake, &event);
                assert_eq!(run.code, 0, "{name}: {}", run.err);
                super::stage::End::of(&fake)
            };
            let (again, _) = make();
            fake = again;
            fake.enterprise();
            if !given {
                fake.env("GITHUB_GRAPHQL_URL", None);
            }
            fake.clear();
            let run = review(&fake, &event);
            assert_eq!(run.code, 0, "{name}: {}", run.err);
            for request in fake.requests() {
                let place = if request.query.is_some() { "/api/graphql" } else { "/api/v3/repos/acme/shop/" };
                assert!(request.path.starts_with(place), "{name}: {}", request.path);
            }
            let same = super::stage::End::of(&fake);
            assert_eq!(same.statuses.len(), end.statuses.len(), "{name}");
            assert_eq!(same.comments.len(), end.comments.len(), "{name}");
        }
    }
}
