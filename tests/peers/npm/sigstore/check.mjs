// Says whether sigstore's own code takes a bundle by this key, with nothing asked of a log or a time server.
//     node check.mjs BUNDLE.json KEY.pem HINT
// prints the payload's SHA-256 and ends with 0, or says why not and ends with 1. The verifier asks for the key by
// the bundle's hint; only HINT gets it.
import { createHash, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { bundleFromJSON } from "@sigstore/bundle";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

const [bundlePath, keyPath, hint] = process.argv.slice(2);
const nothingRooted = {
  mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  tlogs: [],
  certificateAuthorities: [],
  ctlogs: [],
  timestampAuthorities: [],
};
const findKey = (asked) => {
  if (asked !== hint) throw new Error(`asked for the key ${asked}`);
  return { publicKey: createPublicKey(readFileSync(keyPath)), validFor: () => true };
};

try {
  const bundle = bundleFromJSON(JSON.parse(readFileSync(bundlePath, "utf8")));
  const verifier = new Verifier(toTrustMaterial(nothingRooted, findKey), {
    ctlogThreshold: 0,
    tlogThreshold: 0,
    tsaThreshold: 0,
  });
  verifier.verify(toSignedEntity(bundle));
  console.log(createHash("sha256").update(bundle.content.dsseEnvelope.payload).digest("hex"));
} catch (problem) {
  console.error(`${problem.code ?? problem.name}: ${problem.message}`);
  process.exit(1);
}
