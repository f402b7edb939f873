import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatLogEntry, parseLogEntry } from "../../contract/decision-log.ts";
import type { LogEntry } from "../../contract/log-entry.ts";
import { builtIn, createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { opaIn } from "../support/opa.ts";
import { SAMPLE_POLICIES, SAMPLE_REQUESTS, sendSampleRequests } from "../support/sample-lines.ts";
import { createTestIssuer } from "../support/tokens.ts";

// The lines of the sample's requests: every user, and the machine, on every method, by every kind of event.

const MOST_BYTES = 450;
let workspace: Workspace;
let authorizer: RunningAuthorizer;
let whole: RunningAuthorizer;
const entries: (readonly [LogEntry, LogEntry])[] = [];

beforeAll(async () => {
  const issuer = createTestIssuer();
  const version = { AWS_LAMBDA_FUNCTION_VERSION: "12" };
  workspace = await createWorkspace(SAMPLE_POLICIES);
  await builtIn(workspace.root);
  authorizer = await startAuthorizer(issuer, version, {}, { policies: SAMPLE_POLICIES });
  whole = await startAuthorizer(issuer, { ...version, DECISION_LOG: "opa" }, {}, { policies: SAMPLE_POLICIES });
  await sendSampleRequests(issuer, [authorizer, whole]);
  for (const [at, entry] of authorizer.log.entries()) {
    const other = whole.log[at];
    if (other !== undefined) entries.push([entry, other]);
  }
}, 120_000);
afterAll(async () => {
  await authorizer[Symbol.asyncDispose]();
  await whole[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

function bytesOf(entry: LogEntry, format?: "opa"): number {
  return Buffer.byteLength(formatLogEntry(entry, format));
}

describe("a line of the sample's requests", () => {
  it("is at most 450 bytes long, where OPA's format would take more", () => {
    expect(entries.length).toBe(SAMPLE_REQUESTS);
    const longest = [...entries].sort(([one], [other]) => bytesOf(other) - bytesOf(one))[0];
    expect(longest && formatLogEntry(longest[0])).toSatisfy((line: string) => Buffer.byteLength(line) <= MOST_BYTES);
    expect(Math.max(...entries.map(([, other]) => bytesOf(other, "opa")))).toBeGreaterThan(MOST_BYTES * 1.5);
  });

  it("names the API, the stage and the version, and has the whole revision", () => {
    for (const [{ labels, revision }] of entries) {
      expect(labels).toMatchObject({
        api: expect.stringMatching(/^\w{6,}$/),
        stage: expect.any(String),
        version: "12",
      });
      expect(revision).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it("has the input with which OPA repeats the decision", async () => {
    const opa = await opaIn(workspace.root);
    const decided = entries.filter(([{ input }]) => "principal" in input);
    const effects = new Set<string>();
    // One of each kind of result and input: OPA takes a tenth of a second for each.
    const seen = new Map(
      decided.map(([entry, other]) => [JSON.stringify([other.result, Object.keys(entry.input)]), entry]),
    );
    for (const entry of seen.values()) {
      await writeFile(join(workspace.root, "input.json"), JSON.stringify(entry.input));
      const args = [
        "--format",
        "raw",
        "--bundle",
        "dist/bundle.tar.gz",
        "--input",
        "input.json",
        "data.engine.decision",
      ];
      expect(JSON.parse((await opa("eval", ...args)).stdout)).toMatchObject({ ...entry.result });
      effects.add(JSON.stringify(entry.result));
    }
    expect(effects.size).toBeGreaterThan(8);
  }, 120_000);

  it("says the same as the whole entry in OPA's format, but for what the policy computes again", () => {
    for (const [short, other] of entries) {
      const { principal = {}, ...input } = other.input as { readonly principal?: object };
      const { issuer: _issuer, ...known } = principal as { readonly issuer?: string };
      expect(short.input).toEqual({
        ...input,
        ...("principal" in other.input && { principal: known }),
        ...("now_s" in other.input && { now_s: expect.any(Number) }),
      });
      expect(other.result).toMatchObject({ ...short.result });
    }
  });
});

it("a line in OPA's format, as earlier versions wrote it, is an entry, too", () => {
  const [, other] = entries[0] ?? [];
  expect(other && parseLogEntry(JSON.stringify(other))).toEqual({ ok: true, value: other });
});
