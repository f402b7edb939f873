import { type Command, done } from "./command.ts";
import { policiesOf, readSubject } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer check [--policies DIR]
  --policies  the folder with access/ in it; default: policies`,
  flags: ["policies"],
  async run(given) {
    const subject = await readSubject(given);
    if (!subject.ok) return subject.error;
    await using policy = subject.value.policy;
    return done(`${policiesOf(given)}: ${Object.keys(policy.index.grants).length} grants, no problems\n`);
  },
};
