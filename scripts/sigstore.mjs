// Sigstore without its services. `attest` signs as `actions/attest` does, by the library that it uses, at stand-ins of the services;
// `cosign` takes the arguments that Countersign gives to `cosign`, and verifies by Sigstore's own library against a root of trust.
//
//     node sigstore.mjs PACKAGE_JSON attest SUBJECTS PREDICATE TYPE IDENTITY ISSUER FOLDER
//     node sigstore.mjs PACKAGE_JSON cosign ROOT verify-blob-attestation …
import { createHash, generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [packages, mode, ...rest] = process.argv.slice(2);
const require = createRequire(packages);
const read = (path) => readFileSync(path, "utf8");
const json = (path) => JSON.parse(read(path));

// What the action reads of a file of checksums: a digest, two spaces, a name.
const subjects = (text) =>
  text.split("\n").filter(Boolean).map((line) => {
    const [, sha256, name] = line.match(/^([0-9a-f]{64}) [ *](.+)$/);
    return { name, digest: { sha256 } };
  });

// What Rekor stores of an envelope that it is sent: hashes and signatures. The stand-in would store what it is sent.
function stored({ apiVersion, kind, spec: { proposedContent: { envelope, verifiers } } }) {
  const hash = (bytes) => ({ algorithm: "sha256", value: createHash("sha256").update(bytes).digest("hex") });
  const { payload, signatures } = JSON.parse(envelope);
  const signed = signatures.map(({ sig }, at) => ({ signature: sig, verifier: verifiers[at] }));
  const spec = { envelopeHash: hash(envelope), payloadHash: hash(Buffer.from(payload, "base64")), signatures: signed };
  return { apiVersion, kind, spec };
}

async function attest(subjectsPath, predicatePath, predicateType, identities, issuer, folder) {
  const nock = require("nock");
  const { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, rekorHandler } = require("@sigstore/mock");
  const { HashAlgorithm, PublicKeyDetails, TrustedRoot } = require("@sigstore/protobuf-specs");
  nock.disableNetConnect();
  const pair = () => generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const instance = (publicKey) => ({
    baseUrl: "https://rekor.sigstore.dev",
    hashAlgorithm: HashAlgorithm.SHA2_256,
    logId: { keyId: createHash("sha256").update(publicKey).digest() },
    publicKey: {
      rawBytes: publicKey,
      keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
      validFor: { start: new Date(0) },
    },
    operator: "",
  });
  const services = async () => {
    const [ctKey, caKey, tlogKey] = [pair(), pair(), pair()];
    const ct = await initializeCTLog(ctKey);
    const ca = await initializeCA(caKey, ct);
    const tlog = await initializeTLog("https://rekor.sigstore.dev", tlogKey);
    const log = tlog.log.bind(tlog);
    tlog.log = (proposed) => log(stored(proposed));
    const root = TrustedRoot.toJSON({
      mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      tlogs: [instance(tlog.publicKey)],
      ctlogs: [instance(ct.publicKey)],
      certificateAuthorities: [{
        subject: { organization: "stand-in", commonName: "stand-in" },
        uri: "https://fulcio.sigstore.dev",
        certChain: { certificates: [{ rawBytes: ca.rootCertificate }] },
        validFor: { start: new Date(0) },
        operator: "",
      }],
      timestampAuthorities: [],
    });
    return { ca, tlog, root };
  };
  const serve = (url, { path, fn }) =>
    nock(url).post(path).reply(async (_, body) => {
      const done = await fn(typeof body === "string" ? body : JSON.stringify(body));
      return [done.statusCode, done.response, { "Content-Type": done.contentType ?? "text/plain" }];
    });
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const { attest: sign } = await import(pathToFileURL(
    join(dirname(packages), "node_modules/@actions/attest/lib/attest.js"),
  ));
  process.env.ACTIONS_ID_TOKEN_REQUEST_URL = "https://token.example/get?a=b";
  process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN = "none";
  const [own, other] = [await services(), await services()];
  for (const [at, identity] of identities.split(" ").entries()) {
    // The certificate names what Fulcio takes from the token: here its subject.
    const token = `${encode({ alg: "none" })}.${encode({ sub: identity, iss: issuer, aud: "sigstore" })}.none`;
    nock("https://token.example").get("/get").query(true).reply(200, { value: token });
    serve("https://fulcio.sigstore.dev", fulcioHandler(own.ca));
    serve("https://rekor.sigstore.dev", rekorHandler(own.tlog));
    const made = await sign({
      subjects: subjects(read(subjectsPath)),
      predicateType,
      predicate: json(predicatePath),
      sigstore: "public-good",
      skipWrite: true,
    });
    writeFileSync(join(folder, at === 0 ? "bundle.json" : "bundle-of-another.json"), JSON.stringify(made.bundle));
  }
  writeFileSync(join(folder, "trusted-root.json"), `${JSON.stringify(own.root, null, 1)}\n`);
  writeFileSync(join(folder, "another-root.json"), `${JSON.stringify(other.root, null, 1)}\n`);
}

function cosign(rootPath, ...args) {
  const { bundleFromJSON } = require("@sigstore/bundle");
  const { toSignedEntity, toTrustMaterial, Verifier } = require("@sigstore/verify");
  const { TrustedRoot } = require("@sigstore/protobuf-specs");
  const option = (name) => args[args.indexOf(name) + 1];
  const bundle = bundleFromJSON(json(option("--bundle")));
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(json(rootPath))));
  const signer = verifier.verify(toSignedEntity(bundle));
  // Exactly, as `cosign` does; the library takes an expression.
  for (const [name, is, expected] of [
    ["identity", signer.identity?.subjectAlternativeName, option("--certificate-identity")],
    ["issuer", signer.identity?.extensions?.issuer, option("--certificate-oidc-issuer")],
  ]) {
    if (is !== expected) throw new Error(`none of the expected identities matched: the ${name} is ${is}`);
  }
  const { predicateType } = JSON.parse(bundle.content.dsseEnvelope.payload);
  if (predicateType !== option("--type")) throw new Error(`invalid predicate type ${predicateType}`);
}

try {
  await (mode === "attest" ? attest(...rest) : cosign(...rest));
} catch (error) {
  console.error(`${error.code ?? ""} ${error.message}`.trim());
  process.exitCode = 1;
}
