import { checkTitles } from "../build/policy/metadata.ts";
import { formatProblems, inFolder } from "../build/policy/problem.ts";
import { type Command, done, found } from "./command.ts";
import { policiesOf, readSubject } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer check [--policies DIR]
  --policies  the folder with access/ in it; default: policies`,
  flags: ["policies"],
  async run(given) {
    const subject = await readSubject(given);
    if (!subject.ok) return subject.error;
    await using policy = subject.value.policy;
    const untitled = inFolder(policiesOf(given), checkTitles(policy.sources));
    if (untitled.length > 0) return found(formatProblems(untitled));
    return done(`${policiesOf(given)}: ${Object.keys(policy.index.grants).length} grants, no problems\n`);
  },
};
