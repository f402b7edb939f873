import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ALGORITHMS, type AlgorithmName } from "../../contract/algorithms.ts";
import { builtIn, createWorkspace } from "../../dev/workspace.ts";
import { type Case, type Chapter, TIMES } from "../frame/chapter.ts";
import { formatNumber, ratio } from "../frame/figure.ts";
import { templateOf, toPolicies } from "../policies.ts";
import { type Running, startContender } from "./contender.ts";
import { type BenchIssuer, createIssuer, toTrustedIssuers } from "./issuer.ts";
import { createQuestions } from "./questions.ts";
import type { Order } from "./worker.ts";

const OURS = "rego-authorizer";
const SILENT = "rego-authorizer, no log line";
const FLOOR = "crypto.verify";
const VERIFY_ALONE = "aws-jwt-verify alone";

const CONTENDERS: Readonly<Record<string, string>> = {
  [OURS]:
    "the package that the build makes: it verifies, decides, answers, and writes a line of the decision log into a pipe",
  [SILENT]: "the same, with its line dropped; the difference is what the line costs",
  [FLOOR]: "`crypto.verify` of the signature and nothing else: the floor",
  [VERIFY_ALONE]: "a handler that verifies the token and decides nothing; `verifySync`, keys in memory, no log",
  "jose alone": "the same with `jwtVerify`",
  "aws-jwt-verify and casbin":
    "the shape of AWS's blueprint: verify, decide with casbin, answer with a policy document; no log",
  "aws-jwt-verify and cedar-wasm": "the same with cedar-wasm",
};

/** Contenders that verify and decide nothing. They are asked only what a token alone answers. */
const DECIDES_NOTHING = [FLOOR, VERIFY_ALONE, "jose alone"];

const RS256 = { alg: "RS256", isWhole: true } as const;

/** The algorithms that each policy is measured with. Another algorithm changes the verification, not what decides. */
const PLAN: readonly { readonly grants: number; readonly algorithms: readonly Algorithm[] }[] = [
  {
    grants: 10,
    algorithms: [
      RS256,
      ...(Object.keys(ALGORITHMS) as AlgorithmName[])
        .filter((alg) => alg !== "RS256")
        .map((alg) => ({ alg, isWhole: false })),
    ],
  },
  { grants: 1_000, algorithms: [RS256] },
];

interface Algorithm {
  readonly alg: AlgorithmName;
  /** Whether contenders that decide in their own code are measured, too. */
  readonly isWhole: boolean;
}

export const authorizer: Chapter = {
  name: "authorizer",
  title: "A warm invocation of the whole authorizer",
  asks: `An event comes in, the response goes out. Each contender has a process of its own, whose standard output is a pipe that another process
reads, as in Lambda. The token is of a Cognito user pool for RS256, and of another issuer for the other algorithms. All keys are in memory, and nobody caches verified
tokens. Contenders that decide answer the same for the owner, another customer, a route without a grant, and a suspended customer; all refuse a
forged token, and all but \`crypto.verify\` one that has expired.`,
  contenders: CONTENDERS,
  measures: TIMES,
  rounds: 9,
  roundMs: 60,
  goals: [
    {
      what: "warm decision ÷ handler with `aws-jwt-verify` alone",
      unit: "times",
      bound: "at most",
      limit: 1,
      of: (medianOf) => ratio(medianOf("RS256, 10 grants", OURS), medianOf("RS256, 10 grants", VERIFY_ALONE)),
      heldBack:
        "the checks of the event and the evaluation come on top of the verification, and so does the line of the decision log, which wakes the reader of the pipe",
    },
  ],
  meaning: (medianOf) => {
    const [whole, silent] = [medianOf("RS256, 10 grants", OURS), medianOf("RS256, 10 grants", SILENT)];
    if (whole === undefined || silent === undefined) return "";
    return `The line of the decision log costs ${formatNumber(whole - silent)} µs of the ${formatNumber(whole)} µs. Lambda gives a share of a core: at 512 MB, the
default of the construct, 29 %, so that a warm invocation takes about ${formatNumber(whole / 290)} ms.`;
  },
  async *cases() {
    for (const one of PLAN) yield* toCases(one);
  },
};

/** Builds one package with the keys of all issuers, and measures it with one issuer after the other. */
async function* toCases({ grants, algorithms }: (typeof PLAN)[number]): AsyncIterable<Case> {
  await using workspace = await createWorkspace(toPolicies(grants));
  const issuers = await Promise.all(algorithms.map(({ alg }) => createIssuer(alg)));
  const keySetsFile = join(workspace.root, "key-sets.json");
  const keySets = issuers.map(({ issuer, jwk }) => [issuer, { keys: [jwk] }]);
  await writeFile(keySetsFile, JSON.stringify(Object.fromEntries(keySets)));
  await builtIn(workspace.root, { keySetsFile });
  const file = pathToFileURL(join(workspace.root, "dist/authorizer/index.mjs")).href;
  for (const [at, { alg, isWhole }] of algorithms.entries()) {
    const issuer = issuers[at];
    if (issuer === undefined) continue;
    const name = `${alg}, ${grants.toLocaleString("en-US")} grants`;
    const isAsked = (contender: string) => isWhole || !contender.startsWith("aws-jwt-verify and");
    const absent: Record<string, string> = {};
    if (alg.startsWith("PS")) absent[VERIFY_ALONE] = "`aws-jwt-verify` does not know this algorithm";
    const names = Object.keys(CONTENDERS).filter((contender) => isAsked(contender) && !(contender in absent));
    const running: Running[] = [];
    try {
      for (const contender of names) running.push(await startOne(contender, file, issuer, grants));
      yield { name, contenders: running.map(({ contender }) => contender), absent };
    } finally {
      for (const { close } of running) close();
    }
  }
}

/** Starts the process of a contender with the questions that it can be asked. */
async function startOne(name: string, file: string, issuer: BenchIssuer, grants: number): Promise<Running> {
  const [valid, forged, expired, ...decided] = await createQuestions(issuer, templateOf(Math.floor(grants / 2)));
  const { alg, issuer: url, jwk } = issuer;
  const start: Order =
    name === OURS || name === SILENT
      ? { kind: "authorizer", file, isSilent: name === SILENT }
      : { kind: "handler", name, settings: { alg, issuer: url, jwk, grants } };
  const further = DECIDES_NOTHING.includes(name) ? decided.map(() => undefined) : decided;
  const questions = [valid, forged, name === FLOOR ? undefined : expired, ...further] as const;
  return await startContender(name, start, questions, { TRUSTED_ISSUERS: toTrustedIssuers(issuer) });
}
