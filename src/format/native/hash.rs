//! Amplitude's bucketing arithmetic, as its evaluation engine has it: one hash decides both whether a user gets a
//! variant and which.
//!
//! Sources: <https://amplitude.com/docs/feature-experiment/under-the-hood/experiment-randomization>, and `bucket()` in
//! `packages/experiment-core/src/evaluation/evaluation.ts` of amplitude/experiment-js-client, published as
//! `@amplitude/experiment-core`: the hash is murmur3 (x86, 32 bits, seed 0) of `SALT/VALUE` in UTF-8; a user is
//! allocated when `hash % 100` is in the allocation's range and gets the first distribution whose range has
//! `hash / 100`. Ranges include their start and not their end.
//!
//! The engine takes the ranges as Amplitude's server made them, and the server's arithmetic is not public. Public are
//! two compiled distributions in the tests of amplitude/experiment-ruby-server: 1:99 is
//! `[0, 429497) [429496, 42949673)` and 99:1 is `[0, 42520177) [42520175, 42949673)`. Ranges overlap, the first one
//! wins, so the ends are what cuts; both are the exact quotient rounded up, and that is what is done here. (Amplitude's
//! page gives an equal split as 0 to 21474835 and 21474836 to 42949672, which is one slot off it: less than a
//! four-millionth of a percent.)

use std::hash::Hasher as _;

use hash32::Hasher as _;

/// The number of buckets by which users are allocated: `hash % 100`.
pub const BUCKETS: u64 = 100;

/// The number of slots by which they are distributed: `hash / 100` is 0 to 42,949,672.
pub const SLOTS: u64 = 42_949_673;

/// Murmur3 for x86 with 32 bits and seed 0.
#[must_use]
pub fn murmur3(text: &str) -> u32 {
    let mut hasher = hash32::Murmur3Hasher::default();
    hasher.write(text.as_bytes());
    hasher.finish32()
}

/// The bucket and the slot of a user.
#[must_use]
pub fn place(salt: &str, value: &str) -> (u64, u64) {
    let hash = u64::from(murmur3(&format!("{salt}/{value}")));
    (hash % BUCKETS, hash / BUCKETS)
}

/// The first slot that no longer belongs to the variants weighing `upto` of `total`. `None` if it can't be computed.
#[must_use]
pub fn cut(upto: u128, total: u128) -> Option<u64> {
    u64::try_from(upto.checked_mul(u128::from(SLOTS))?.checked_add(total.checked_sub(1)?)? / total).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors() {
        // Made with another implementation; all lengths of a tail are there, and text that is not ASCII.
        for (text, hash) in [
            ("", 0),
            ("a", 0x3c25_69b2),
            ("aa", 0x3710_91a9),
            ("aaa", 0xb4d0_5fb7),
            ("abc", 0xb3dd_93fa),
            ("test", 0xba6b_d213),
            ("ü✓", 0x01be_ce5d),
            ("Hello, world!", 0xc036_3e43),
            ("The quick brown fox jumps over the lazy dog", 0x2e4f_f723),
        ] {
            assert_eq!(murmur3(text), hash, "{text}");
        }
        assert_eq!(murmur3("mHdQDzeE/user-1"), 2_879_521_177);
        assert_eq!(place("mHdQDzeE", "user-1"), (77, 28_795_211));
        assert_eq!(place("mHdQDzeE", "user-2"), (0, 21_057_987));
        assert_eq!(place("mHdQDzeE", "12345"), (65, 3_216_582));
    }

    #[test]
    fn cuts_are_those_of_published_flags() {
        assert_eq!(cut(1, 100), Some(429_497));
        assert_eq!(cut(99, 100), Some(42_520_177));
        assert_eq!(cut(1, 1), Some(SLOTS));
        assert_eq!(cut(0, 7), Some(0));
        assert_eq!(cut(1, 2), cut(50, 100));
        assert_eq!(cut(u128::MAX / 2, u128::MAX), None, "too large to say");
        assert_eq!(cut(1, 0), None);
    }
}
