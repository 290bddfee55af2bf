// sm-crypto (npm) as a judge of SM2 signatures.
//
//   sm2.mjs key KEY.hex                                  makes a key; prints its public point
//   sm2.mjs sign KEY.hex FILE ID                         prints the signature in DER, as hex
//   sm2.mjs verify POINT.hex FILE SIGNATURE.der [ID]     exit status 0 or 1
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { sm2 } = createRequire(import.meta.url)('sm-crypto');
const text = (path) => readFileSync(path, 'utf8').trim();
const bytes = (path) => [...readFileSync(path)];

const [verb, key, file, third, id] = process.argv.slice(2);
if (verb === 'key') {
  const pair = sm2.generateKeyPairHex();
  writeFileSync(key, pair.privateKey + '\n', { mode: 0o600 });
  console.log(pair.publicKey);
} else if (verb === 'sign') {
  console.log(sm2.doSignature(bytes(file), text(key), { hash: true, der: true, userId: third }));
} else if (verb === 'verify') {
  const signature = readFileSync(third).toString('hex');
  const options = { hash: true, der: true, ...(id === undefined ? {} : { userId: id }) };
  let fits = false;
  try {
    fits = sm2.doVerifySignature(bytes(file), signature, text(key), options);
  } catch (error) {
    console.error(String(error));
  }
  process.exit(fits ? 0 : 1);
} else {
  console.error('sm2.mjs: wrong command line');
  process.exit(2);
}
