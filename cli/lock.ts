import { join } from "node:path";
import { formatTooManyTests } from "../analysis/access/formats.ts";
import { toAccessPolicy } from "../analysis/compare/access-policy.ts";
import { formatLockState, readLockState, toLockText, writeLock } from "../analysis/compare/lock-file.ts";
import { LOCK_FILE } from "../contract/access-lock.ts";
import { type Command, couldNotRun, done, found, policiesOf } from "./command.ts";
import { readWholePolicy } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer lock [--check] [--policies DIR]
  writes who may do what into the file access.lock beside access/, as sorted lines; check it in, and review its diff
  --check     compares the file with the policy instead; exit code 1 if it is stale or missing
  --policies  the folder with access/ in it; default: policies`,
  flags: ["policies"],
  switches: ["check"],
  async run(given) {
    const policies = policiesOf(given);
    const read = await readWholePolicy(given);
    if (!read.ok) return read.error;
    await using policy = read.value;
    const access = toAccessPolicy(policy);
    const file = join(policies, LOCK_FILE);
    if (given.switches.has("check")) {
      const state = await readLockState(policies, access);
      if (!state.ok) return couldNotRun([formatTooManyTests(state.error)]);
      const lines = formatLockState(policies, state.value);
      return lines.length === 0 ? done(`${file} is current\n`) : found(lines);
    }
    const text = toLockText(access);
    if (!text.ok) return couldNotRun([formatTooManyTests(text.error)]);
    const isChanged = await writeLock(policies, text.value);
    const count = text.value.split("\n").length - 2;
    return done(`${file}: ${count} ${count === 1 ? "line" : "lines"}${isChanged ? "" : ", as before"}\n`);
  },
};
