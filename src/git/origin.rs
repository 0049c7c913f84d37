//! The repository of a forge that `origin` points to.

use super::Repo;

impl Repo {
    /// `owner/name` of the remote `origin`, or of the only remote, if it is on the server at this address.
    #[must_use]
    pub fn origin_on(&self, server: &str) -> Option<String> {
        let remotes = self.git.remotes().ok()?;
        let remotes: Vec<&str> = remotes.iter().filter_map(|name| name.ok().flatten()).collect();
        let name = match remotes.as_slice() {
            [only] => only,
            _ => "origin",
        };
        named(self.git.find_remote(name).ok()?.url().ok()?, server)
    }
}

/// `owner/name` of an address, in any of the forms git takes for a server.
fn named(url: &str, server: &str) -> Option<String> {
    let host = server.split_once("://")?.1;
    let path = match url.split_once("://") {
        Some((_, rest)) => {
            let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
            let (found, path) = rest.split_once('/')?;
            // `ssh://git@host:22/…`
            let found = if host.contains(':') { found } else { found.split(':').next()? };
            found.eq_ignore_ascii_case(host).then_some(path)?
        }
        None => {
            let (found, path) = url.split_once(':')?;
            let found = found.rsplit_once('@').map_or(found, |(_, found)| found);
            found.eq_ignore_ascii_case(host.split(':').next()?).then_some(path)?
        }
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (path.split('/').count() == 2).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn an_address_names_its_repository() {
        let cases = [
            ("https://github.com/acme/shop.git", "https://github.com", Some("acme/shop")),
            ("https://user@github.com/acme/shop", "https://github.com", Some("acme/shop")),
            ("git@github.com:acme/shop.git", "https://github.com", Some("acme/shop")),
            ("ssh://git@github.com:22/acme/shop.git", "https://github.com", Some("acme/shop")),
            ("git@github.example.com:acme/shop", "https://github.example.com", Some("acme/shop")),
            ("https://localhost:8080/acme/shop", "https://localhost:8080", Some("acme/shop")),
            ("https://gitlab.com/acme/shop", "https://github.com", None),
            ("https://github.com/acme", "https://github.com", None),
            ("/srv/git/shop.git", "https://github.com", None),
        ];
        for (url, server, expected) in cases {
            assert_eq!(named(url, server).as_deref(), expected, "{url}");
        }
    }
}
