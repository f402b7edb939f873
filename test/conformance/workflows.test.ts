import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

/** The workflows of this repository, and those that `rego-authorizer init` writes. */
const FOLDERS = [".github/workflows", "templates/company/.github/workflows"];

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs?: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: unknown;
  readonly "timeout-minutes"?: number;
  readonly steps?: readonly { readonly run?: string; readonly uses?: string }[];
}

const workflows = (await Promise.all(FOLDERS.map(readWorkflows))).flat();

async function readWorkflows(folder: string) {
  const names = await readdir(folder);
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(folder, name), "utf8") })));
}

it("there are workflows, here and for companies", () => {
  const names = workflows.map(({ name }) => name);
  expect(names.filter((name) => ["ci.yml", "policies.yml"].includes(name)).sort()).toEqual(["ci.yml", "policies.yml"]);
});

it("companies get the actions, and the versions of Node and Go, that this repository's CI runs", () => {
  const textOf = (name: string) => workflows.find((workflow) => workflow.name === name)?.text ?? "";
  const pinsOf = (text: string) => [...text.matchAll(/(?:uses: |(?:node|go)-version: )(.*)$/gm)].map(([line]) => line);
  const ours = pinsOf(textOf("ci.yml"));
  const theirs = pinsOf(textOf("policies.yml"));
  expect([theirs.length > 4, theirs.filter((pin) => !ours.includes(pin))]).toEqual([true, []]);
});

describe.each(workflows)("$name", ({ name, text }) => {
  const { permissions, jobs = {} } = parse(text) as Workflow;

  it("runs actions that are pinned by a commit, with their version beside it", () => {
    const used = [...text.matchAll(/\buses:(.*)$/gm)].map(([, action]) => action ?? "");
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((action) => !/^ [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });

  it("names the versions of Node and Go that it installs", () => {
    const versions = [...text.matchAll(/^ *(?:node|go)-version: (.*)$/gm)].map(([, version]) => version ?? "");
    const setUp = text.match(/\buses: actions\/setup-(node|go)@/g) ?? [];
    expect([setUp.length > 0, versions.length]).toEqual([true, setUp.length]);
    expect(versions.filter((version) => !/^("1\.\d+"|\d+\.\d+\.\d+)$/.test(version))).toEqual([]);
  });

  it("may read the sources and nothing else, in every job but the one that publishes", () => {
    expect(permissions).toEqual({ contents: "read" });
    const others = Object.entries(jobs).filter(([, job]) => job.permissions !== undefined);
    const publishing = [["publish", { contents: "read", "id-token": "write" }]];
    expect(others.map(([job, { permissions: own }]) => [job, own])).toEqual(name === "release.yml" ? publishing : []);
  });

  it("runs no code of the repository where it may publish", () => {
    const publishing = Object.values(jobs).filter((job) => JSON.stringify(job).includes("secrets."));
    expect(publishing.length).toBe(name === "release.yml" ? 1 : 0);
    const steps = publishing.flatMap((job) => job.steps ?? []);
    expect(steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout@"))).toEqual([]);
    const published = steps.flatMap(({ run = "" }) => run.match(/npm publish.*/g) ?? []);
    expect(published.length).toBe(name === "release.yml" ? 2 : 0);
    expect(published.filter((line) => !/ --provenance .*--ignore-scripts/.test(line))).toEqual([]);
  });

  it("gives every job a time-out", () => {
    const timeouts = Object.values(jobs).map((job) => Number(job["timeout-minutes"]) > 0);
    expect([...new Set(timeouts)]).toEqual([true]);
  });

  it("runs no script that a stranger's title or branch name is pasted into", () => {
    const scripts = Object.values(jobs).flatMap(({ steps = [] }) => steps.flatMap(({ run = [] }) => run));
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
  });
});
