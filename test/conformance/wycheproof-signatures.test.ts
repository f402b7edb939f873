import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isSignature } from "../../authorizer/identity/algorithms.ts";
import { parseKeySet } from "../../authorizer/identity/key-set.ts";
import { ALGORITHMS, type AlgorithmName } from "../../contract/algorithms.ts";

// Wycheproof's vectors for the signature alone; those for whole tokens are in `wycheproof.test.ts`.

type Vector = readonly [id: number, comment: string, message: string, signature: string, result: string];

interface Group {
  readonly file: string;
  readonly alg: AlgorithmName;
  /** The length of the salt; JSON Web Signatures require the digest's. */
  readonly saltBytes?: number;
  readonly jwk: object;
  readonly tests: readonly Vector[];
}

const folder = join(import.meta.dirname, "../fixtures/wycheproof/signatures");
const decode = (text: string) => Buffer.from(text, "base64url");

/** How many vectors each algorithm accepts and refuses; RS256's are the tokens of `wycheproof.test.ts`. */
const COUNTS: Readonly<Record<Exclude<AlgorithmName, "RS256">, readonly [accepted: number, refused: number]>> = {
  RS384: [7, 251],
  RS512: [8, 251],
  PS256: [9, 94],
  PS384: [8, 46],
  PS512: [8, 47],
  ES256: [173, 89],
  ES384: [193, 87],
  ES512: [231, 87],
  EdDSA: [88, 63],
};

it.each(Object.entries(COUNTS))("%s accepts exactly the valid signatures", (alg, counts) => {
  const groups: readonly Group[] = JSON.parse(readFileSync(join(folder, `${alg}.json`), "utf8"));
  const seen: [number, number] = [0, 0];
  for (const { jwk, saltBytes, tests, alg: name, file } of groups) {
    const key = parseKeySet({ keys: [{ ...jwk, kid: "k" }] }, [name])?.get("k");
    if (key === undefined || key === "ambiguous") throw new Error(`${file}: its key can't be used`);
    const digestBytes = Number(alg.slice(2)) / 8;
    const isOtherSalt = saltBytes !== undefined && saltBytes !== digestBytes;
    for (const [id, comment, message, signature, result] of tests) {
      const isAccepted = isSignature(decode(message), decode(signature), key);
      // Where another salt is valid, the salt that JSON Web Signatures require is the defect of one vector.
      const isValid = isOtherSalt ? comment === `s_len changed to ${digestBytes}` : result === "valid";
      expect([file, id, comment, isAccepted]).toEqual([file, id, comment, isValid]);
      seen[isAccepted ? 0 : 1] += 1;
    }
  }
  expect(seen).toEqual(counts);
});

it("has a file for each algorithm but RS256", () => {
  const files = readdirSync(folder).map((name) => name.replace(".json", ""));
  expect([...files, "RS256"].sort()).toEqual(Object.keys(ALGORITHMS).sort());
});
