//! Envelopes: DSSE, a payload with its type and the signatures over both.
//!
//! In: the JSON of an envelope, or of a bundle of Sigstore's that has one in it. Out: the payload and what is signed.
//! It refuses base64 that is not canonical, another payload type, more than one signature (whoever reads one of two
//! signatures does not know what the other one means), and a bundle with a member that is not known, which another
//! program may take for the payload. Not taken: signing; `ssh-keygen` does that, with the keys and agents people have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The type of every payload: a statement of in-toto.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope of DSSE.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Envelope {
    /// The payload, in base64.
    payload: String,
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

/// One signature of an envelope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeSignature {
    /// A hint at the key; nothing rests on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyid: Option<String>,
    /// The signature, in base64.
    pub sig: String,
}

/// An envelope, and whether it came in a bundle of Sigstore's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivered {
    pub envelope: Envelope,
    pub payload: Vec<u8>,
    /// The bundle for the program that verifies it: what was read here, and nothing else.
    pub bundle: Option<Vec<u8>>,
    /// When the log of Sigstore's took it in, as the bundle says and the program that verifies it checks.
    pub logged: Option<DateTime<Utc>>,
}

/// The bytes that DSSE signs: the type and the payload, each after its length in bytes.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut signed = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    signed.extend_from_slice(payload);
    signed
}

impl Envelope {
    /// An envelope without a signature.
    #[must_use]
    pub fn unsigned(payload: &[u8]) -> Envelope {
        let payload_type = PAYLOAD_TYPE.to_owned();
        Envelope { payload: STANDARD.encode(payload), payload_type, signatures: Vec::new() }
    }

    /// The envelope with this signature, and with this hint at its key.
    #[must_use]
    pub fn signed(mut self, signature: &[u8], keyid: Option<String>) -> Envelope {
        self.signatures = vec![EnvelopeSignature { keyid, sig: STANDARD.encode(signature) }];
        self
    }

    /// The bytes that are signed for this payload.
    #[must_use]
    pub fn to_sign(payload: &[u8]) -> Vec<u8> {
        pae(PAYLOAD_TYPE, payload)
    }

    /// The bytes of its one signature; none if it is unsigned.
    ///
    /// # Errors
    /// If there are several, or it is no base64.
    pub fn signature(&self) -> Result<Option<Vec<u8>>, String> {
        match self.signatures.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(STANDARD.decode(&one.sig).map_err(|_| "its signature is no base64".to_owned())?)),
            _ => Err("it has more than one signature".to_owned()),
        }
    }

    /// The envelope as JSON in one line.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A bundle of Sigstore's: these members and no other. One more would make `cosign` read it in an older form, whose
/// signature is over another payload.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SigstoreBundle {
    media_type: String,
    verification_material: serde_json::Map<String, Value>,
    dsse_envelope: Envelope,
}

impl SigstoreBundle {
    /// When the log took it in; the latest, if it says several.
    fn logged(&self) -> Option<DateTime<Utc>> {
        let entries = self.verification_material.get("tlogEntries").and_then(Value::as_array);
        // In JSON a long integer is a string.
        let seconds = |entry: &Value| {
            let at = entry.get("integratedTime")?;
            at.as_i64().or_else(|| at.as_str()?.parse().ok())
        };
        let times = entries.into_iter().flatten().filter_map(seconds);
        times.filter_map(|seconds| DateTime::from_timestamp(seconds, 0)).max()
    }
}

/// The member by which a bundle is told from an envelope.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BundleType {
    media_type: Option<String>,
}

impl Delivered {
    /// Reads an envelope, by itself or in a bundle of Sigstore's.
    ///
    /// # Errors
    /// The reason why it is none.
    pub fn parse(bytes: &[u8]) -> Result<Delivered, String> {
        let wrong = |error: serde_json::Error| format!("it is no envelope of DSSE: {error}");
        let kind = serde_json::from_slice::<BundleType>(bytes).map_err(wrong)?.media_type;
        let (envelope, bundle, logged) = match kind {
            Some(kind) if kind.starts_with("application/vnd.dev.sigstore.bundle") => {
                let wrong =
                    |error: serde_json::Error| format!("it is no bundle of Sigstore's with an envelope: {error}");
                let bundle: SigstoreBundle = serde_json::from_slice(bytes).map_err(wrong)?;
                // Written anew, so that whoever verifies it reads what was read here.
                let written = serde_json::to_vec(&bundle).map_err(wrong)?;
                let logged = bundle.logged();
                (bundle.dsse_envelope, Some(written), logged)
            }
            Some(kind) => return Err(format!("`{}` is no bundle that is known", kind.escape_debug())),
            None => (serde_json::from_slice::<Envelope>(bytes).map_err(wrong)?, None, None),
        };
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(format!(
                "its payload is a `{}`, expected `{PAYLOAD_TYPE}`",
                envelope.payload_type.escape_debug()
            ));
        }
        let payload = STANDARD.decode(&envelope.payload).map_err(|_| "its payload is no base64".to_owned())?;
        Ok(Delivered { envelope, payload, bundle, logged })
    }
}
