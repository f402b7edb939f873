import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseEnvironment } from "../authorizer/config.ts";
import type { TrustedIssuer } from "../authorizer/identity/trusted-issuer.ts";
import { readPackage } from "../authorizer/package.ts";
import { createToCalendar } from "../authorizer/policy/calendar.ts";
import { createToInput } from "../authorizer/policy/input.ts";
import { type Dist, readDist } from "../build/package/dist.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { createDecide } from "./decide.ts";
import { createFindDoubts } from "./doubts.ts";
import { ANY_USER_POOL, listNeededClaims } from "./logged-claims.ts";
import { createToLoggedPrincipal } from "./logged-principal.ts";
import { createToLoggedRequest, hasClaims } from "./logged-request.ts";
import { createJudgeRequest } from "./public-requests.ts";
import type { NumberedLine } from "./read-lines.ts";
import { createReplayLine, type ReplayLine } from "./replay-line.ts";
import type { Counter } from "./tally.ts";
import { toToday } from "./today.ts";
import { unwrapLine } from "./unwrap.ts";

/** A built policy, and the issuers whose tokens it is for. */
export interface ReplayedPolicy {
  readonly dist: Dist;
  /** The trusted issuers; undefined if neither the environment nor the build says which. */
  readonly issuers: ReadonlyMap<string, TrustedIssuer> | undefined;
  /** The names of the claims that the policy reads. */
  readonly reads: readonly string[];
  /** The claims of tokens that a replay needs. */
  readonly claims: readonly string[];
}

/**
 * Reads a built policy for a replay. The trusted issuers are those of `TRUSTED_ISSUERS` and of the build, as for the authorizer.
 *
 * @returns The policy, or a line for every reason why it can't be replayed.
 */
export function readReplayedPolicy(
  distPath: string,
  trustedIssuers: string | undefined,
): Result<ReplayedPolicy, readonly string[]> {
  const dist = readDist(distPath);
  if (!dist.ok) return err([dist.error]);
  const { manifest, packedIssuers } = dist.value;
  const reads = manifest.input_references.flatMap(([root, part, name]) =>
    root === "principal" && part === "claims" && name !== undefined ? [name] : [],
  );
  if (trustedIssuers === undefined && packedIssuers === undefined) {
    if (manifest.issuers.named.length > 0)
      return err([
        `the policy ties roles to issuers (${manifest.issuers.named.join(", ")}); set TRUSTED_ISSUERS in the environment as for the authorizer`,
      ]);
    return ok({ dist: dist.value, issuers: undefined, reads, claims: listNeededClaims([ANY_USER_POOL], reads) });
  }
  const { known, config } = parseEnvironment({ TRUSTED_ISSUERS: trustedIssuers }, packedIssuers);
  if (known.issuers === undefined) return err(config.ok ? [] : config.error);
  const claims = listNeededClaims(known.issuers.values(), reads);
  return ok({ dist: dist.value, issuers: known.issuers, reads, claims });
}

/**
 * Creates the function that decides on logged requests with the module that ships.
 *
 * @param api - The name of the API that the log is of, for rules of named APIs.
 */
export function createReplay(
  { dist, issuers, reads }: ReplayedPolicy,
  api?: string,
): Result<ReplayLine, readonly string[]> {
  const packed = readPackage(pathToFileURL(join(dist.authorizerPath, "/")));
  if (!packed.ok) return packed;
  const { manifest } = dist;
  const { module, data } = packed.value;
  const toCalendar = createToCalendar(manifest.input_references);
  if (!toCalendar.ok) return err([`this Node.js does not know the time zones ${toCalendar.error.join(", ")}`]);
  return ok(
    createReplayLine({
      manifest,
      decide: createDecide(module, data),
      // No header or parameter is logged, so the parts of a request that carry the token don't matter.
      toInput: createToInput(manifest.input_references, manifest.request_values, [], toCalendar.value),
      findDoubts: createFindDoubts(dist.index, manifest),
      judgeRequest: createJudgeRequest(dist.publicRules, api),
      api,
      toLoggedPrincipal: createToLoggedPrincipal(issuers, reads, dist.index),
    }),
  );
}

/** How lines are read, besides what the policy says. */
export interface LineOptions {
  readonly format: ReadonlyMap<string, string> | undefined;
  readonly kind: CachingApi | undefined;
  readonly claims: readonly string[];
}

/** Replays a line, and counts what became of each of its entries. */
export function replayInto(
  counter: Counter,
  replayLine: ReplayLine,
  options: LineOptions,
): (line: NumberedLine, file: string) => void {
  const toLoggedRequest = createToLoggedRequest({ ...options, claims: new Set(options.claims) });
  return function replay({ number, text }, file) {
    const place = { file, line: number };
    if (text === undefined) return counter.countProblem("line.too_long", place);
    for (const entry of unwrapLine(text)) {
      const logged = entry.ok ? toLoggedRequest(entry.value) : entry;
      if (!logged.ok) {
        counter.countProblem(logged.error, place);
        continue;
      }
      const today = toToday(logged.value);
      if (today.kind === "undecided") {
        counter.countUndecided(today.because);
      } else if (Object.keys(logged.value.claims).length === 0) {
        counter.countProblem("claims.not_in_format", place);
      } else {
        const replayed = replayLine(logged.value);
        const isRefused = !replayed.ok || replayed.value.effect === "deny";
        // Nobody knows the token that is refused today, so the policy's refusal of a missing one says nothing.
        if (today.kind === "refused" && isRefused && !hasClaims(logged.value)) counter.countRefusedWithoutClaims();
        else if (replayed.ok) counter.countReplayed(logged.value, today, replayed.value, place);
        else counter.countProblem(replayed.error, place);
      }
    }
  };
}
