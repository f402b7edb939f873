import type { WireRequest } from "../../simulator/arrival.ts";
import type { Outcome } from "../../simulator/simulator.ts";
import type { Sender } from "../support/cache-law.ts";
import { API_NAMES, APIS, type ApiName, toApiId } from "./apis.ts";
import type { Release } from "./app.ts";
import { type ApiState, type Cloud, createCloud, type Deployments, type FunctionState } from "./cloud.ts";
import { createStack, type DeployOptions, deploy, type Stack } from "./cloud-formation.ts";
import { at, run } from "./run.ts";
import type { Template } from "./template.ts";
import { createPick, type Sent, toTraffic } from "./traffic.ts";

/** A response that breaks the law. */
export interface Violation {
  readonly after: string;
  readonly kind: "neither" | "stale";
  readonly api: ApiName;
  readonly request: WireRequest;
  readonly cache: Outcome["cache"];
  readonly got: string;
  readonly wanted: readonly string[];
}

/** A response with status 500. */
export interface Fault {
  /** The step after which it came. */
  readonly after: string;
  readonly api: ApiName;
}

/** What callers saw. */
export interface Seen {
  requests: number;
  hits: number;
  allowed: number;
  /** The responses with status 500. */
  readonly faults: Fault[];
  readonly violations: Violation[];
}

/** The circumstances of a step of a life. */
export type Circumstances = Partial<Omit<DeployOptions, "assets" | "pick">> & {
  /** The stacks that are deployed, in this order. Default: the main one, then the one with the APIs. */
  readonly order?: readonly ("main" | "apis")[];
};

/** A deployed app with callers, who send requests between any two calls of a deployment. */
export interface Life {
  readonly seen: Seen;
  /** Deploys a release. From the first call on, its responses are right as well; after the last, those of releases before it are not. */
  readonly deploy: (release: Release, circumstances?: Circumstances) => Promise<string>;
  /** Does something that no deployment does, with traffic afterwards. From then on the responses of these releases are right. */
  readonly act: (label: string, change: () => void, releases: readonly Release[]) => Promise<void>;
  /** Empties the caches of all stages, after which no cached response of an earlier release is right. */
  readonly flush: () => Promise<void>;
  /** Lets time pass, then sends requests. */
  readonly wait: (seconds: number) => Promise<void>;
  readonly failures: () => readonly string[];
  readonly apiOf: (name: ApiName) => ApiState;
  readonly lambda: () => FunctionState;
}

/** The options of all lives of a run. */
export interface LifeOptions {
  readonly senders: readonly Sender[];
  readonly seed: number;
  /** How long a cached response may be applied, in seconds. */
  readonly ttlS: number;
  /** Default: `hold authorizers`. */
  readonly deployments?: Deployments;
  /** How much traffic there is between two calls. Default: 3. */
  readonly rounds?: number;
  /** The APIs that requests are sent to. Default: all. */
  readonly apis?: readonly ApiName[];
  /** Whether requests are sent to all APIs after each call, also to those whose stage serves what it served before. Default: false. */
  readonly isEverywhere?: boolean;
}

const START_MS = 1_700_000_000_000;
const BOTH: readonly ("main" | "apis")[] = ["main", "apis"];

export function createLife({ senders, seed, ttlS, rounds = 3, apis: all = API_NAMES, ...options }: LifeOptions): Life {
  const cloud = createCloud(run, options.deployments);
  const stacks = { main: createStack(), apis: createStack() };
  const pick = createPick(seed);
  const seen: Seen = { requests: 0, hits: 0, allowed: 0, faults: [], violations: [] };
  let nowMs = START_MS;
  /** The releases whose responses are right, and those before them, whose cached responses are right until they expire. */
  let current: readonly Release[] = [];
  let former: readonly Release[] = [];
  let settledMs = nowMs;
  let isServing = false;
  const deployed: { main?: Release; apis?: Release } = {};
  /** What each API's stage served when requests were last sent to it. */
  const served = new Map<ApiName, readonly unknown[]>();

  /** Lists the APIs whose stage does not serve what it served before. */
  function changedApis(): readonly ApiName[] {
    return all.filter((api) => {
      const [before = [], now] = [served.get(api), cloud.observe(toApiId(APIS[api].title), APIS[api].stage)];
      return now.length !== before.length || now.some((part, index) => part !== before[index]);
    });
  }

  /** Sends requests to some APIs. The wait before them is so long, now and then, that nothing is cached any more. */
  async function traffic(label: string, apis: readonly ApiName[] = all): Promise<void> {
    if (!isServing || apis.length === 0) return;
    nowMs += 1000 * (pick(4) === 0 ? ttlS + 1 : 1);
    for (const api of apis) served.set(api, cloud.observe(toApiId(APIS[api].title), APIS[api].stage));
    for (const sent of toTraffic(pick, senders, rounds, apis)) {
      const { api, request } = sent;
      const outcome = await at(nowMs, () => cloud.send(toApiId(APIS[api].title), APIS[api].stage, request, nowMs));
      const got = toAnswer(outcome);
      seen.requests += 1;
      seen.hits += outcome.cache === "hit" ? 1 : 0;
      seen.allowed += outcome.context === undefined ? 0 : 1;
      const wanted = await Promise.all(current.map((release) => answerOf(release, sent, nowMs)));
      if (outcome.status === 500) seen.faults.push({ after: label, api });
      if (outcome.status === 500 || wanted.includes(got)) continue;
      const before = await Promise.all(former.map((release) => answerOf(release, sent, nowMs)));
      const { cache, respondedAtMs = nowMs } = outcome;
      const isFormer = before.includes(got);
      if (isFormer && cache === "hit" && respondedAtMs <= settledMs && nowMs < respondedAtMs + ttlS * 1000) continue;
      const kind = isFormer ? "stale" : "neither";
      seen.violations.push({ after: label, kind, api, request, cache, got, wanted: [...wanted, ...before] });
    }
  }

  function settle(releases: readonly Release[]): void {
    former = [...new Set([...former, ...current])].filter((one) => !releases.includes(one));
    current = releases;
    settledMs = nowMs;
  }

  async function deployStack(stack: Stack, template: Template, release: Release, circumstances: Circumstances) {
    const steps = deploy(cloud, stack, template, { ...circumstances, assets: release.assets, pick });
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      const apis = options.isEverywhere === true || !isServing ? all : changedApis();
      await traffic(step.value.replace(/ [^ ]*$/, ""), apis);
    }
  }

  return {
    seen,
    async deploy(release, { order = BOTH, ...circumstances } = {}) {
      const earlier = current;
      current = [...new Set([...current, release])];
      let ended: string = "complete";
      for (const name of order) {
        const template = release[name];
        if (template === undefined) continue;
        ended = await deployStack(stacks[name], template, release, circumstances);
        if (ended !== "complete") break;
        deployed[name] = release;
      }
      if (ended === "rolled back") settle(earlier);
      const isWhole = BOTH.every((name) => release[name] === undefined || deployed[name] === release);
      if (ended === "complete" && isWhole) settle([release]);
      isServing = true;
      await traffic(`after it was ${ended}`);
      return ended;
    },
    async act(label, change, releases) {
      change();
      settle(releases);
      await traffic(label);
    },
    async flush() {
      for (const { stages } of cloud.apis.values())
        for (const { caches } of stages.values()) for (const cache of caches.values()) cache.flush();
      former = [];
      await traffic("flush");
    },
    async wait(seconds) {
      nowMs += seconds * 1000;
      await traffic("waiting");
    },
    failures: () => [...stacks.main.failures, ...stacks.apis.failures],
    apiOf: (name) => findApi(cloud, name),
    lambda() {
      const [lambda] = cloud.functions.values();
      if (lambda === undefined) throw new Error("there is no function");
      return lambda;
    },
  };
}

/** Counts the calls that create and change something when one release follows another. */
export function countCalls(from: Release, to: Release): number {
  const cloud = createCloud(run);
  const [one, other] = [createStack(), createStack()];
  let calls = 0;
  for (const release of [from, to]) {
    calls = 0;
    for (const [stack, template] of [
      [one, release.main],
      [other, release.apis],
    ] as const) {
      if (template === undefined) continue;
      for (const step of deploy(cloud, stack, template, { assets: release.assets, pick: () => 0 }))
        calls += step.startsWith("delete") ? 0 : 1;
    }
  }
  return calls;
}

function findApi({ apis }: Cloud, name: ApiName): ApiState {
  const found = apis.get(toApiId(APIS[name].title));
  if (found === undefined) throw new Error(`there is no API ${name}`);
  return found;
}

/** A text for the response that a caller sees, and the context that the back end gets. */
function toAnswer({ status, context }: Outcome): string {
  return context === undefined ? String(status) : `${status} ${JSON.stringify(context)}`;
}

const references = new Map<string, { readonly cloud: Cloud; readonly answers: Map<string, string> }>();

/**
 * Finds the response of a release that is deployed whole and by itself, and caches nothing. One that is weakened has the responses of the
 * release that it was made from.
 */
async function answerOf(release: Release, { api, request, id }: Sent, nowMs: number): Promise<string> {
  const reference = references.get(release.decidesAs) ?? { cloud: deployAlone(release), answers: new Map() };
  references.set(release.decidesAs, reference);
  const known = reference.answers.get(id);
  if (known !== undefined) return known;
  const { cloud, answers } = reference;
  for (const { caches } of findApi(cloud, api).stages.values()) for (const cache of caches.values()) cache.flush();
  const { title, stage } = APIS[api];
  const outcome = await at(nowMs, () => cloud.send(toApiId(title), stage, request, nowMs));
  const answer = toAnswer(outcome);
  if (outcome.status === 500) throw new Error(`${release.name} can't answer by itself`);
  answers.set(id, answer);
  return answer;
}

function deployAlone({ main, apis, assets }: Release): Cloud {
  const cloud = createCloud(run);
  for (const template of [main, apis]) {
    if (template === undefined) continue;
    const stack = createStack();
    for (const _ of deploy(cloud, stack, template, { assets, pick: () => 0 }));
    if (stack.failures.length > 0) throw new Error(stack.failures.join("\n"));
  }
  return cloud;
}
