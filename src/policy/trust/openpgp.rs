//! Keys of OpenPGP as far as the trust has to know them: which key it is, and whether any of it is too weak.
//!
//! In: the packets of a public key, as `gpg --export` writes them. Out: an [`OpenPgpKey`] with its fingerprints.
//! Whether a key has expired or was revoked by its owner is said by the signatures in it, which `gpg` verifies when
//! something was signed. It refuses a secret key, more than one key, and what it can't name. Not taken: a library for
//! all of OpenPGP, whose crates nobody here needs twice.

use std::fmt::Write as _;

/// Keys with more bytes than this are not read: one without the signatures of others has hundreds, or some thousands
/// with RSA.
const LARGEST: usize = 64 << 10;

/// RSA and DSA keys with fewer bits are not accepted.
const FEWEST_BITS: u16 = 2048;

/// The public key of a person, with its subkeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPgpKey {
    /// All of it, for the program that verifies.
    pub packets: Vec<u8>,
    /// The fingerprint of the primary key: forty digits in large letters.
    pub fingerprint: String,
    /// Fingerprints of the subkeys, one of which signs where there are any for that.
    pub subkeys: Vec<String>,
}

/// A packet: its tag, and what is in it.
#[derive(Clone, Copy, Debug)]
pub struct OpenPgpPacket<'b> {
    pub tag: u8,
    pub body: &'b [u8],
}

/// The tag of a signature.
pub const SIGNATURE: u8 = 2;

/// The packets of some bytes; none if they are not packets to the last byte, or of an open length.
#[must_use]
pub fn packets(mut bytes: &[u8]) -> Option<Vec<OpenPgpPacket<'_>>> {
    let mut found = Vec::new();
    while let Some((first, rest)) = bytes.split_first() {
        let (tag, length, rest) = match first {
            0x80..=0xbf => {
                let width = match first & 3 {
                    0 => 1,
                    1 => 2,
                    2 => 4,
                    _ => return None,
                };
                let (length, rest) = rest.split_at_checked(width)?;
                ((first >> 2) & 15, number(length), rest)
            }
            0xc0..=0xff => {
                let (length, rest) = length(rest)?;
                (first & 63, length, rest)
            }
            _ => return None,
        };
        let (body, rest) = rest.split_at_checked(length)?;
        found.push(OpenPgpPacket { tag, body });
        bytes = rest;
    }
    Some(found)
}

/// A length in one, two or five bytes, as packets of the new form and subpackets have it.
#[must_use]
pub fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    match first {
        0..=191 => Some((usize::from(*first), rest)),
        192..=223 => {
            let (second, rest) = rest.split_first()?;
            Some(((usize::from(*first) - 192) * 256 + usize::from(*second) + 192, rest))
        }
        255 => {
            let (length, rest) = rest.split_at_checked(4)?;
            Some((number(length), rest))
        }
        _ => None,
    }
}

/// A number in big-endian.
#[must_use]
pub fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum: usize, byte| sum.wrapping_shl(8) | usize::from(*byte))
}

/// Bytes as digits in large letters.
#[must_use]
pub fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

impl OpenPgpKey {
    /// Reads a public key.
    ///
    /// # Errors
    /// The reason why it is refused, as the words that follow "the key".
    pub fn read(bytes: Vec<u8>) -> Result<OpenPgpKey, String> {
        if bytes.len() > LARGEST {
            return Err(format!("has {} bytes, and more than {LARGEST} are not read", bytes.len()));
        }
        let all = packets(&bytes).ok_or("is no public key")?;
        let (mut primary, mut subkeys) = (None, Vec::new());
        for (at, packet) in all.iter().enumerate() {
            match packet.tag {
                5 | 7 => {
                    return Err(
                        "is a secret one, which is nobody's secret any more: revoke it and make another".to_owned()
                    );
                }
                6 if at == 0 => primary = Some(fingerprint(packet.body)?),
                6 => return Err("is followed by another key: write one line for each".to_owned()),
                14 if at > 0 => subkeys.push(fingerprint(packet.body)?),
                // A user, a picture of theirs, and signatures over these.
                SIGNATURE | 13 | 17 if at > 0 => {}
                _ => return Err("is no public key".to_owned()),
            }
        }
        let fingerprint = primary.ok_or("is no public key")?;
        Ok(OpenPgpKey { packets: bytes, fingerprint, subkeys })
    }

    /// Whether this names the key or a subkey of it: a fingerprint, or the last sixteen digits of one.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        id.len() >= 16 && std::iter::once(&self.fingerprint).chain(&self.subkeys).any(|one| one.ends_with(id))
    }
}

/// The fingerprint of a key of version 4, that of a subkey included.
fn fingerprint(body: &[u8]) -> Result<String, String> {
    let [4, _, _, _, _, algorithm, rest @ ..] = body else {
        return Err("is of another version than 4, which `gpg` makes".to_owned());
    };
    // RSA and DSA begin with the number that makes them strong.
    if matches!(algorithm, 1 | 2 | 3 | 17) {
        let bits = rest.split_at_checked(2).map_or(0, |(bits, _)| number(bits));
        if bits < usize::from(FEWEST_BITS) {
            return Err(format!("has {bits} bits, and fewer than {FEWEST_BITS} are not accepted"));
        }
    }
    let size = u16::try_from(body.len()).map_err(|_| "is no public key".to_owned())?;
    let mut hasher = gix_hash::hasher(gix_hash::Kind::Sha1);
    hasher.update(&[0x99]);
    hasher.update(&size.to_be_bytes());
    hasher.update(body);
    let digest = hasher.try_finalize().map_err(|_| "was made to have the fingerprint of another one".to_owned())?;
    Ok(digits(digest.as_slice()))
}
