//! A forge on paper: what would be posted, written down.
//!
//! In: posts. Out: text for a person. It refuses nothing and sends nothing.

use crate::github::plan::Post;
use crate::render::plain;

/// What would be posted on a pull request, one after the other.
#[must_use]
pub fn told(pull: u64, posts: &[Post]) -> String {
    if posts.is_empty() {
        return format!("#{pull}: nothing would be posted, all of it is there\n");
    }
    posts.iter().map(|post| format!("#{pull}: {}\n", one(post))).collect()
}

fn one(post: &Post) -> String {
    let indented = |body: &str| body.lines().map(|line| format!("\n    {}", plain(line))).collect::<String>();
    match post {
        Post::Status { sha, context, light, text, .. } => {
            let short: String = sha.chars().take(8).collect();
            format!("would set the status {} of {short} to {}: {}", plain(context), light.word(), plain(text))
        }
        Post::Sticky { id: None, body } => format!("would write this comment:{}", indented(body)),
        Post::Sticky { id: Some(_), body } => format!("would change its comment to:{}", indented(body)),
        Post::Remove { .. } => "would remove a copy of its comment".to_owned(),
        Post::Notice { body } => format!("would write a new comment:{}", indented(body)),
        Post::Ask { users, teams } => {
            let all: Vec<String> = users.iter().chain(teams).map(|name| plain(name)).collect();
            format!("would ask for reviews: {}", all.join(", "))
        }
        Post::Lines { lines, .. } => {
            let all =
                lines.iter().map(|line| format!("\n    {}:{}: {}", plain(&line.path), line.line, plain(&line.text)));
            format!("would put notes on lines:{}", all.collect::<String>())
        }
    }
}
