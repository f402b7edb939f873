import { join } from "node:path";
import { isObject } from "../../contract/json.ts";
import { type BuiltPolicy, builtPolicy } from "../built-policies.ts";
import { type ColdStart, measureColdStart, type Starter } from "../cold-start.ts";
import { createCoreShare } from "../core-share.ts";
import type { Case, Chapter, Contender } from "../frame/chapter.ts";
import { formatNumber } from "../frame/figure.ts";
import { bundleStarter, DECIDING, STARTERS_BY_NAME, type StarterName } from "../starter-bundles.ts";

const OURS = "rego-authorizer";
const CPU = "CPU time over an empty handler";
const PEERS = Object.keys(STARTERS_BY_NAME).filter((name) => name !== "empty") as Exclude<StarterName, "empty">[];

/** The share of a core that a Lambda function of 221 MB has. */
const SHARE = 1 / 8;

/** The shares of a core by memory size, as the Lambda developer guide tells them: one core at 1,769 MB. */
const SHARES = { "256 MB": 256 / 1_769, "512 MB, the default of the construct": 512 / 1_769, "1,769 MB": 1 };

const name = (grants: number) => `${grants.toLocaleString("en-US")} grants`;
const AT_SHARE = `${name(1_000)}, an eighth of a core`;

export const COLD_START: Chapter = {
  name: "cold-start",
  title: "Cold start",
  asks: `Each sample is a fresh process of Node 24, from its start to the answer to a first event, less an empty handler's in the
process before it. All handlers are bundled by esbuild with the same settings, and all have the key set beside them, so that nothing is
fetched. The policy lets customers read what is theirs, on as many paths as it has grants.

An eighth of a core is what a Lambda function of 221 MB has (1,769 MB have one). A control group of Linux limits the process to it, 2.5 ms
of each 20; where the machine has no such groups or no right to make one, the row is missing.`,
  contenders: {
    [OURS]: "the package that `rego-authorizer build` makes, as it is deployed",
    ...Object.fromEntries(PEERS.map((peer) => [peer, STARTERS_BY_NAME[peer]])),
  },
  measures: [
    { name: CPU, unit: "ms" },
    { name: "wall time over an empty handler", unit: "ms" },
    { name: "CPU time", unit: "ms" },
    { name: "wall time", unit: "ms" },
  ],
  rounds: 15,
  roundMs: 0,
  goals: [
    [10, 11],
    [1_000, 15],
    [10_000, 28],
  ].map(([grants = 0, limit = 0]) => ({
    what: `Cold start over an empty handler, ${name(grants)}, CPU time`,
    unit: "ms",
    bound: "at most",
    limit,
    of: (medianOf) => medianOf(name(grants), OURS),
    heldBack:
      "`node:crypto`, the handler's own JavaScript and, with many grants, the policy index; see [Where a cold start goes](#where-a-cold-start-goes)",
  })),
  meaning(medianOf) {
    const [few, many, most] = [10, 1_000, 10_000].map((grants) => medianOf(name(grants), OURS));
    if (few === undefined || many === undefined || most === undefined) return "";
    const sizes = Object.entries(SHARES).map(([size, share]) => `${formatNumber(many / share)} ms at ${size}`);
    return `A thousand more grants cost a start ${formatNumber((most - many) / 9)} ms of CPU time. Lambda gives CPU time in proportion to
memory, so the authorizer's part of a start with ${name(1_000)} takes about ${sizes.join("; ")}. More than 1,769 MB brings little, since
one thread does nearly all of a start. Lambda's own start comes on top, and Node's: it is the same for all handlers.`;
  },
  async *cases() {
    for (const grants of [10, 1_000, 10_000]) yield await toCase(name(grants), grants, []);
    await using share = await createCoreShare(SHARE);
    if (share !== undefined) yield await toCase(AT_SHARE, 1_000, share.before);
  },
};

async function toCase(caseName: string, grants: number, before: readonly string[]): Promise<Case> {
  const policy = await builtPolicy(grants);
  const bundle = (peer: StarterName) =>
    bundleStarter(peer, { issuer: policy.issuer, grants, folder: join(policy.folder, "../..", peer) });
  const { file: empty } = await bundle("empty");
  const peers = await Promise.all(PEERS.map(async (peer) => ({ peer, file: (await bundle(peer)).file })));
  const toContender = (contender: string, starter: Starter, decides: boolean): Contender => ({
    name: contender,
    ...(decides && { answers: () => answersOf(starter, policy) }),
    async run() {
      const base = await measureColdStart({ ...starter, file: empty }, before);
      return toSample(base, await measureColdStart(starter, before));
    },
  });
  const ours = {
    name: OURS,
    file: join(policy.folder, "index.mjs"),
    eventFile: policy.eventFile,
    env: policy.environment,
  };
  return {
    name: caseName,
    contenders: [
      toContender(OURS, ours, true),
      ...peers.map(({ peer, file }) =>
        toContender(peer, { name: peer, file, eventFile: policy.eventFile }, DECIDING.has(peer)),
      ),
    ],
  };
}

function toSample(empty: ColdStart, start: ColdStart): Readonly<Record<string, number>> {
  return {
    [CPU]: start.cpuMs - empty.cpuMs,
    "wall time over an empty handler": start.answeredMs - empty.answeredMs,
    "CPU time": start.cpuMs,
    "wall time": start.answeredMs,
  };
}

/** Asks a handler in fresh processes what it answers to all events of a policy. */
function answersOf(starter: Starter, { eventFiles }: BuiltPolicy): Promise<readonly string[]> {
  return Promise.all(
    eventFiles.map(async (eventFile) => effectOf((await measureColdStart({ ...starter, eventFile })).answer)),
  );
}

/** Reads the effect of a policy document. */
function effectOf(answer: unknown): string {
  const document = isObject(answer) ? answer["policyDocument"] : undefined;
  const statements = isObject(document) ? document["Statement"] : undefined;
  const [first]: readonly unknown[] = Array.isArray(statements) ? statements : [];
  return isObject(first) ? String(first["Effect"]) : "none";
}
