//! Signatures of OpenPGP: what of them is looked at here, and what `gpg` has to say of one.
//!
//! In: a signature in ASCII armour, and the lines that `gpg --status-fd` writes when it verifies it. Out: whether a key
//! of the trust made it. It refuses whatever could have `gpg` say one thing of another: more than the one packet, parts
//! that no such signature needs, a second answer, an answer about a key that is not the one in the trust. Not taken:
//! the arithmetic, which is that of `gpg`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::policy::trust::OpenPgpKey;
use crate::policy::trust::openpgp::{OpenPgpPacket, SIGNATURE, digits, length, number, packets};

/// The first line of a signature.
pub const ARMOR: &str = "-----BEGIN PGP SIGNATURE-----";
const ARMOR_END: &str = "-----END PGP SIGNATURE-----";

/// Verifies a signature, in its packet, over bytes with a key: what `gpg` says on its status lines.
pub type OpenPgpVerifier<'v> = dyn Fn(&[u8], &[u8], &OpenPgpKey) -> Result<String, String> + 'v;

/// A signature over bytes that stand elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenPgpSignature {
    /// Its one packet, without armour.
    pub packet: Vec<u8>,
    /// The keys that it says made it: fingerprints, and their last sixteen digits.
    pub issuers: Vec<String>,
}

/// Digests that sign: SHA-256, SHA-384, SHA-512 and SHA-224. MD5, SHA-1 and RIPEMD-160 are too weak.
const DIGESTS: &[u8] = &[8, 9, 10, 11];

/// Parts that a signature of bytes may have: when, until when, by which key, by whom. Notes of anybody's are none of
/// them: what `gpg` wrote of them on its status lines was once taken for its own words.
const PARTS: &[u8] = &[2, 3, 16, 28, 33];

impl OpenPgpSignature {
    /// Reads a signature in ASCII armour.
    ///
    /// # Errors
    /// Why it is none that could count.
    pub fn parse(bytes: &[u8]) -> Result<OpenPgpSignature, String> {
        let packet = unarmored(bytes).ok_or("its signature is none of OpenPGP in ASCII armour")?;
        let all = packets(&packet).unwrap_or_default();
        let [OpenPgpPacket { tag: SIGNATURE, body }] = all.as_slice() else {
            return Err("its signature is not one packet of OpenPGP".to_owned());
        };
        let [4, kind, _, digest, rest @ ..] = body else {
            return Err("its signature is of another version of OpenPGP than 4".to_owned());
        };
        if *kind != 0 {
            return Err("its signature of OpenPGP is none over bytes".to_owned());
        }
        if !DIGESTS.contains(digest) {
            return Err("its signature rests on a digest that is too weak; sign with SHA-256 or longer".to_owned());
        }
        let cut = || "its signature of OpenPGP is cut off".to_owned();
        let (hashed, rest) = area(rest).ok_or_else(cut)?;
        let (other, _) = area(rest).ok_or_else(cut)?;
        let mut issuers = Vec::new();
        for (kind, data) in parts(hashed).and_then(|some| Some([some, parts(other)?].concat())).ok_or_else(cut)? {
            match (kind, data) {
                (33, [4, fingerprint @ ..]) | (16, fingerprint) => issuers.push(digits(fingerprint)),
                (kind, _) if PARTS.contains(&kind) => {}
                (kind, _) => {
                    let why = "sign without notations, policies and other extras";
                    return Err(format!("its signature has a part of the kind {kind} that is not taken; {why}"));
                }
            }
        }
        Ok(OpenPgpSignature { packet, issuers })
    }

    /// Whether it says that this key made it.
    #[must_use]
    pub fn may_be_of(&self, key: &OpenPgpKey) -> bool {
        self.issuers.iter().any(|issuer| key.has(issuer))
    }

    /// The key that it says made it, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let longest = self.issuers.iter().max_by_key(|issuer| issuer.len());
        longest.map_or_else(|| "that it does not name".to_owned(), Clone::clone)
    }
}

/// The bytes within ASCII armour; none if anything stands around it.
fn unarmored(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?.trim_end();
    let mut lines = text.lines().map(str::trim_end);
    if lines.next() != Some(ARMOR) || text.lines().next_back().map(str::trim_end) != Some(ARMOR_END) {
        return None;
    }
    // Headers, such as a comment, up to the first empty line.
    let inside = lines.skip_while(|line| !line.is_empty()).skip(1).take_while(|line| *line != ARMOR_END);
    let inside: Vec<&str> = inside.collect();
    // The check sum, which proves nothing.
    let base64: String = inside.iter().filter(|line| !line.starts_with('=')).copied().collect();
    let ends = text.matches(ARMOR_END).count();
    STANDARD.decode(base64).ok().filter(|bytes| ends == 1 && !bytes.is_empty())
}

/// An area of parts, after its length in two bytes.
fn area(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_at_checked(2)?;
    rest.split_at_checked(number(length))
}

/// The parts of an area, each with its kind, whether or not it is marked as one that has to be understood.
fn parts(mut bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (size, rest) = length(bytes)?;
        let (part, rest) = rest.split_at_checked(size)?;
        let (kind, data) = part.split_first()?;
        found.push((kind & 0x7f, data));
        bytes = rest;
    }
    Some(found)
}

/// Words of `gpg` after which a signature counts for nothing, with why.
const REFUSED: &[(&str, &str)] = &[
    ("BADSIG", "the OpenPGP signature is not over this content"),
    ("EXPSIG", "the OpenPGP signature has expired"),
    (
        "EXPKEYSIG",
        "the OpenPGP key has expired; put it into the trust anew once its owner has made it valid for longer",
    ),
    ("REVKEYSIG", "the OpenPGP key is revoked by its owner"),
    ("KEYREVOKED", "the OpenPGP key is revoked by its owner"),
    ("NO_PUBKEY", "the OpenPGP signature is of another key than it says"),
    ("ERRSIG", "`gpg` cannot check the OpenPGP signature"),
    ("NODATA", "`gpg` finds no OpenPGP signature in it"),
    ("UNEXPECTED", "`gpg` finds something else in it than an OpenPGP signature"),
    ("ERROR", "`gpg` cannot check the OpenPGP signature"),
    ("FAILURE", "`gpg` cannot check the OpenPGP signature"),
];

/// The fingerprint of the key or subkey that made a signature, by what `gpg` says: that one signature is good, and made
/// by this key.
///
/// # Errors
/// Why it does not count.
pub fn good(status: &str, key: &OpenPgpKey) -> Result<String, String> {
    let strange = || "`gpg` says something else of the OpenPGP signature than is understood".to_owned();
    let mut said: Vec<(&str, &str)> = Vec::new();
    for line in status.lines() {
        let line = line.strip_prefix("[GNUPG:] ").ok_or_else(strange)?;
        said.push(line.split_once(' ').unwrap_or((line, "")));
    }
    if let Some((_, why)) = REFUSED.iter().find(|(word, _)| said.iter().any(|(one, _)| one == word)) {
        return Err((*why).to_owned());
    }
    let one = |word: &str| {
        let mut found = said.iter().filter(|(one, _)| *one == word);
        found.next().filter(|_| found.next().is_none()).map(|(_, rest)| *rest)
    };
    one("NEWSIG").ok_or_else(strange)?;
    one("GOODSIG").ok_or_else(strange)?;
    let fields: Vec<&str> = one("VALIDSIG").ok_or_else(strange)?.split(' ').collect();
    let [by, _, _, _, _, _, _, digest, kind, primary] = fields.as_slice() else { return Err(strange()) };
    if *kind != "00" || !digest.parse::<u8>().is_ok_and(|digest| DIGESTS.contains(&digest)) {
        return Err(strange());
    }
    if *primary != key.fingerprint || !key.has(by) {
        return Err("the OpenPGP signature is of another key than that of the trust".to_owned());
    }
    Ok((*by).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY: &str = "0123456789ABCDEF0123456789ABCDEF01234567";

    fn key() -> OpenPgpKey {
        OpenPgpKey { packets: Vec::new(), fingerprint: BY.to_owned(), subkeys: Vec::new() }
    }

    fn status(lines: &[&str]) -> String {
        lines.iter().map(|line| format!("[GNUPG:] {line}\n")).collect()
    }

    #[test]
    fn one_good_signature_of_this_key() {
        let valid = format!("VALIDSIG {BY} 2026-11-02 1793600000 0 4 0 22 8 00 {BY}");
        let trust = "TRUST_ULTIMATE 0 tofu";
        assert_eq!(good(&status(&["NEWSIG", "GOODSIG 89AB Alice", &valid, trust]), &key()), Ok(BY.to_owned()));
        let other = "F".repeat(40);
        let no: &[&[&str]] = &[
            &[],
            &["NEWSIG", "GOODSIG 89AB Alice"],
            &["GOODSIG 89AB Alice", &valid],
            &["NEWSIG", &valid],
            // The good one of two may be the other one.
            &["NEWSIG", "GOODSIG 89AB Alice", &valid, "NEWSIG", "GOODSIG 89AB Alice", &valid],
            &["NEWSIG", "GOODSIG 89AB Alice", &valid, "BADSIG 89AB Alice"],
            &["NEWSIG", "GOODSIG 89AB Alice", &valid, &valid],
            &["NEWSIG", "EXPKEYSIG 89AB Alice", &valid],
            &["NEWSIG", "REVKEYSIG 89AB Alice", &valid],
            &["NEWSIG", "EXPSIG 89AB Alice", &valid],
            &["NEWSIG", "GOODSIG 89AB Alice", &valid.replace(" 8 00 ", " 2 00 ")],
            &["NEWSIG", "GOODSIG 89AB Alice", &valid.replace(" 8 00 ", " 8 01 ")],
            &["NEWSIG", "GOODSIG 89AB Alice", &valid.replace(BY, &other)],
            &["NEWSIG", "GOODSIG 89AB Alice", valid.rsplit_once(' ').unwrap_or_default().0],
        ];
        for lines in no {
            assert!(good(&status(lines), &key()).is_err(), "{lines:?}");
        }
        // A line that is none of its own.
        let whole = status(&["NEWSIG", "GOODSIG 89AB Alice", &valid]);
        assert!(good(&format!("gpg: {whole}"), &key()).is_err());
    }

    #[test]
    fn armour_holds_one_packet() {
        use base64::Engine as _;
        let armored = |bytes: &[u8]| format!("{ARMOR}\n\n{}\n=AAAA\n{ARMOR_END}\n", STANDARD.encode(bytes));
        // Version 4, over bytes, EdDSA; the digest; one part that names the key; nothing else.
        let body = |kind: u8, digest: u8, part: u8| {
            let issuer = [9, part, 1, 2, 3, 4, 5, 6, 7, 8];
            [&[4, kind, 22, digest, 0, 10][..], &issuer, &[0, 0, 0, 0]].concat()
        };
        let packet = |body: &[u8]| [&[0xc2, u8::try_from(body.len()).unwrap_or_default()][..], body].concat();
        let read = |text: &str| OpenPgpSignature::parse(text.as_bytes());
        let good = packet(&body(0, 8, 16));
        let signature = read(&armored(&good));
        assert_eq!(signature.map(|one| one.issuers), Ok(vec!["0102030405060708".to_owned()]));
        for (text, why) in [
            (armored(&[good.clone(), good.clone()].concat()), "not one packet"),
            (armored(&packet(&body(1, 8, 16))), "none over bytes"),
            (armored(&packet(&body(0, 2, 16))), "too weak"),
            (armored(&packet(&body(0, 1, 16))), "too weak"),
            (armored(&packet(&body(0, 8, 20))), "kind 20"),
            (armored(&packet(&body(0, 8, 16)[..9])), "cut off"),
            (armored(&[0xcb, 1, 0]), "not one packet"),
            (format!("{}{}", armored(&good), armored(&good)), "none of OpenPGP"),
            (format!("x\n{}", armored(&good)), "none of OpenPGP"),
            (String::new(), "none of OpenPGP"),
        ] {
            let said = read(&text).expect_err(&text);
            assert!(said.contains(why), "{said}: {text}");
        }
    }
}
