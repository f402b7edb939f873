import { execFile } from "node:child_process";
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { isSignature } from "../authorizer/identity/algorithms.ts";
import { createEvaluator, type Evaluate } from "../authorizer/policy/evaluator.ts";
import type { Built } from "../build/package/build.ts";
import { ALGORITHMS, type AlgorithmName } from "../contract/algorithms.ts";
import { builtIn, createWorkspace, type Workspace } from "../dev/workspace.ts";
import { toPolicies } from "./policies.ts";
import { median, percentile, sample } from "./statistics.ts";

// `npm run bench`: sizes, cold start, evaluation and a warm decision. Ratios are taken within one run.

const POOL = "eu-west-1_Bench0000";
const CLIENT = "benchclient";
const ISSUER = `https://cognito-idp.eu-west-1.amazonaws.com/${POOL}`;
const NAMES = Object.keys(ALGORITHMS) as AlgorithmName[];
const issuerOf = (name: AlgorithmName) => `https://${name.toLowerCase()}.example.com`;
const TRUSTED_POOL = { userPoolId: POOL, clientIds: [CLIENT], tokenUse: "any" };
const TRUSTED_ISSUERS = JSON.stringify([
  TRUSTED_POOL,
  ...NAMES.map((name) => {
    const issuer = issuerOf(name);
    return { issuer, audience: [CLIENT], jwksUri: issuer, groupsClaim: "groups", algorithms: [name] };
  }),
]);

const { publicKey, privateKey } = await generateKeyPair("RS256");
const jwk = { ...(await exportJWK(publicKey)), kid: "bench", alg: "RS256", use: "sig" };
const nowS = Math.floor(Date.now() / 1000);
const token = await new SignJWT({
  sub: "7d8ca528-4931-4254-9273-ea5ee853f271",
  iss: ISSUER,
  client_id: CLIENT,
  username: "bench",
  token_use: "access",
  scope: "aws.cognito.signin.user.admin",
  "cognito:groups": ["Customers"],
  auth_time: nowS,
  iat: nowS,
  exp: nowS + 3600,
})
  .setProtectedHeader({ alg: "RS256", kid: "bench" })
  .sign(privateKey);

const signers = await Promise.all(NAMES.map(createSigner));

await using few = await createWorkspace(toPolicies(10));
await using many = await createWorkspace(toPolicies(1000));
const [small, large] = [await buildIn(few), await buildIn(many)];

console.log("size");
print("dist/authorizer.zip", kB(small.bytes["authorizer.zip"]));
print("  at 1,000 grants", kB(large.bytes["authorizer.zip"]));
print("policy.wasm at 10 grants", kB(small.bytes["policy.wasm"]));
print("policy.wasm at 1,000 grants", kB(large.bytes["policy.wasm"]), "the same");
print("index.mjs", kB(small.bytes["index.mjs"]));

console.log("\ncold start, 21 processes each, in turn");
const { empty, handler } = await timeImports(few.root);
print("import of an empty module, median", ms(median(empty)));
print("import of index.mjs, policy ready, median", ms(median(handler)));
print("difference", ms(median(handler) - median(empty)), "below 25 ms");

console.log("\nevaluation of engine/decision, 20,000 each, in turn");
const evaluators = [await evaluatorIn(few), await evaluatorIn(many)];
const input = {
  principal: { id: "7d8c", claims: { "cognito:groups": ["Customers"], "custom:customer_id": "42" } },
  request: { method: "GET", path: "/customers/42/orders5" },
};
const [ten = [], thousand = []] = sample(
  20_000,
  evaluators.map((evaluate) => () => void evaluate("engine/decision", input)),
);
print("p50 at 10 grants", us(median(ten)), "below 20 µs");
print("p50 at 1,000 grants", us(median(thousand)), "below 20 µs");
print("p99 at 10 and at 1,000 grants", `${us(percentile(ten, 99))}, ${us(percentile(thousand, 99))}`);
print("ratio of the p50", (median(thousand) / median(ten)).toFixed(2), "at most 1.3");

console.log("\na warm decision, event in and response out, 5,000 each, in turn");
process.env["TRUSTED_ISSUERS"] = TRUSTED_ISSUERS;
process.stdout.write = silenced(process.stdout.write);
const { handler: authorize } = await import(pathToFileURL(join(few.root, "dist/authorizer/index.mjs")).href);
const event = JSON.parse((await readFile(join(import.meta.dirname, "event.json"), "utf8")).replaceAll("TOKEN", token));
const [head = "", payload = "", signature = ""] = token.split(".");
const key = createPublicKey({ key: jwk, format: "jwk" });
const signed = Buffer.from(`${head}.${payload}`);
const signatureBytes = Buffer.from(signature, "base64url");
const decisions: number[] = [];
const verifications: number[] = [];
for (let run = 0; run < 6_000; run += 1) {
  const startNs = process.hrtime.bigint();
  await authorize(event);
  const betweenNs = process.hrtime.bigint();
  if (!verify("RSA-SHA256", signed, key, signatureBytes)) throw new Error("the signature is wrong");
  const endNs = process.hrtime.bigint();
  if (run < 1_000) continue;
  decisions.push(Number(betweenNs - startNs));
  verifications.push(Number(endNs - betweenNs));
}
print("crypto.verify of the same token, p50", us(median(verifications)));
print("decision, p50", us(median(decisions)));
print("decision, p99", us(percentile(decisions, 99)));
print("ratio of the p50", (median(decisions) / median(verifications)).toFixed(2), "below 4");

console.log("\na warm decision and a bare crypto.verify of its token, by algorithm, 1,000 each, in turn");
for (const signer of signers) {
  const [tokenOfIt, signedByIt] = await signer.sign();
  const eventOfIt = JSON.parse(JSON.stringify(event).replaceAll(token, tokenOfIt));
  const runs: [decision: number, verification: number][] = [];
  for (let run = 0; run < 1_200; run += 1) {
    const startNs = process.hrtime.bigint();
    await authorize(eventOfIt);
    const betweenNs = process.hrtime.bigint();
    if (!isSignature(...signedByIt)) throw new Error("the signature is wrong");
    const endNs = process.hrtime.bigint();
    if (run >= 200) runs.push([Number(betweenNs - startNs), Number(endNs - betweenNs)]);
  }
  const [decision, verification] = [median(runs.map(([one]) => one)), median(runs.map(([, other]) => other))];
  print(`${signer.name}: verification, decision, p50`, `${us(verification)}, ${us(decision)}`);
  print("  ratio, difference", `${(decision / verification).toFixed(2)}, ${us(decision - verification)}`);
}

/** Creates an issuer that signs with an algorithm, and its key as the authorizer reads it. */
async function createSigner(name: AlgorithmName) {
  const pair = await generateKeyPair(name, { extractable: true });
  const publicJwk = { ...(await exportJWK(pair.publicKey)), kid: name, use: "sig" };
  async function sign(): Promise<[string, [Buffer, Buffer, { readonly alg: AlgorithmName; readonly key: KeyObject }]]> {
    const text = await new SignJWT({
      sub: "bench",
      iss: issuerOf(name),
      aud: CLIENT,
      groups: ["Customers"],
      iat: nowS,
      exp: nowS + 3600,
    })
      .setProtectedHeader({ alg: name, kid: name })
      .sign(pair.privateKey);
    const at = text.lastIndexOf(".");
    const key = createPublicKey({ key: publicJwk, format: "jwk" });
    return [text, [Buffer.from(text.slice(0, at)), Buffer.from(text.slice(at + 1), "base64url"), { alg: name, key }]];
  }
  return { name, jwk: publicJwk, sign };
}

async function buildIn({ root }: Workspace): Promise<Built> {
  const keySets = join(root, "key-sets.json");
  await writeFile(
    keySets,
    JSON.stringify({
      [ISSUER]: { keys: [jwk] },
      ...Object.fromEntries(signers.map((signer) => [issuerOf(signer.name), { keys: [signer.jwk] }])),
    }),
  );
  const built = await builtIn(root, { keySetsFile: keySets });
  return built;
}

async function evaluatorIn({ root }: Workspace): Promise<Evaluate> {
  const read = (file: string) => readFile(join(root, "dist", "authorizer", file));
  const module = new WebAssembly.Module(await read("policy.wasm"));
  return createEvaluator(module, Uint8Array.from(await read("data.json")).buffer);
}

/** Measures imports, each in a process of its own, as in a cold start. */
async function timeImports(root: string): Promise<{ empty: number[]; handler: number[] }> {
  const nothing = join(root, "empty.mjs");
  await writeFile(nothing, "export const handler = undefined;\n");
  const time = async (file: string) => {
    const script = `const start = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(performance.now() - start);`;
    const env = { ...process.env, TRUSTED_ISSUERS: JSON.stringify([TRUSTED_POOL]) };
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { env });
    return Number(stdout) * 1e6;
  };
  const empty: number[] = [];
  const handler: number[] = [];
  for (let run = 0; run < 22; run += 1) {
    const pair = [await time(nothing), await time(join(root, "dist/authorizer/index.mjs"))];
    if (run === 0) continue;
    empty.push(pair[0] ?? 0);
    handler.push(pair[1] ?? 0);
  }
  return { empty, handler };
}

/** Drops lines of the decision log, and writes all others. */
function silenced(write: typeof process.stdout.write): typeof process.stdout.write {
  return ((chunk: string, ...rest: []) =>
    chunk.startsWith('{"decision_id"') ? true : write.call(process.stdout, chunk, ...rest)) as typeof write;
}

function print(what: string, figure: string, target = ""): void {
  console.log(`  ${what.padEnd(44)} ${figure.padStart(12)}${target && `   (${target})`}`);
}

function kB(bytes = 0): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function ms(ns: number): string {
  return `${(ns / 1e6).toFixed(1)} ms`;
}

function us(ns: number): string {
  return `${(ns / 1e3).toFixed(1)} µs`;
}
