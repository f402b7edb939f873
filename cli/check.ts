import { findOpa } from "../build/opa/find.ts";
import { formatNotices, formatProblems } from "../build/policy/problem.ts";
import { readPolicy } from "../build/policy/read-policy.ts";
import { type Command, couldNotRun, done, found } from "./command.ts";
import { policiesOf, readDocuments } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer check [--policies DIR] [--openapi FILE]…
  --policies  the folder with access/ in it; default: policies
  --openapi   an API's OpenAPI document: each grant and denial must match a route of it; once for each API of the policy`,
  flags: ["policies"],
  lists: ["openapi"],
  async run(given) {
    const routes = await readDocuments(given);
    if (!routes.ok) return couldNotRun(routes.error);
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error]);
    const read = await readPolicy(opa.value, policiesOf(given), { routes: routes.value, isForReview: true });
    if (!read.ok) return found(formatProblems(read.error));
    await using policy = read.value;
    const { index, notices } = policy;
    const text = `${policiesOf(given)}: ${Object.keys(index.grants).length} grants, no problems\n`;
    return done(text, formatNotices(notices));
  },
};
