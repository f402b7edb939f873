import { formatTooManyTests, NOT_PROVED } from "../analysis/access/formats.ts";
import { toAccessPolicy } from "../analysis/compare/access-policy.ts";
import { formatMay, listWhoMay, toJsonMay } from "../analysis/matrix/who-may.ts";
import { parseMethod, parsePath } from "../analysis/requests/parse-request.ts";
import { API_NAME_RULE, isApiName } from "../contract/deployment-alias.ts";
import { listRuleApis } from "../contract/rule-apis.ts";
import { formatAnswer } from "../review/markdown.ts";
import { type Command, couldNotRun, createFlagReader, done, misused } from "./command.ts";
import { readWholePolicy } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer who METHOD PATH [--api NAME] [--policies DIR] [--format text|md|json]
  lists everybody who may send a request, each with the least that a token must carry, and under which conditions
  METHOD PATH  the request, like GET /orders/7; a template, like /orders/{id}, stands for paths that no rule names more exactly
  --api        the name of the API, for rules of named APIs; default: an API that no rule names
  --policies   the folder with access/ in it; default: policies
  --format     text, md or json; default: text
  exit code: 0 the list is complete, 2 could not run`,
  flags: ["api", "policies", "format"],
  takesPositionals: true,
  async run(given) {
    const flags = createFlagReader(given);
    const format = flags.choose("format", ["text", "md", "json"], "text");
    const { api } = given.flags;
    const [methodText, pathText, ...others] = given.positionals;
    if (methodText === undefined || pathText === undefined || others.length > 0)
      return misused(["name one method and one path, like GET /orders/7"]);
    const [method, path] = [parseMethod(methodText), parsePath(pathText, true)];
    for (const parsed of [method, path]) if (!parsed.ok) flags.report(parsed.error);
    if (api !== undefined && !isApiName(api)) flags.report(`--api must have ${API_NAME_RULE}`);
    if (flags.errors.length > 0 || !method.ok || !path.ok) return couldNotRun(flags.errors);
    const read = await readWholePolicy(given);
    if (!read.ok) return read.error;
    await using policy = read.value;
    const request = { method: method.value, path: path.value, api };
    const listed = listWhoMay(toAccessPolicy(policy), request);
    if (!listed.ok) return couldNotRun([formatTooManyTests(listed.error)]);
    const entries = listed.value;
    const apis = listRuleApis(policy.index);
    const notes = [
      ...(apis.length > 0 && api === undefined
        ? [`this is for APIs that no rule names; name one of ${apis.join(", ")} with --api`]
        : []),
      NOT_PROVED,
    ];
    if (format === "json") return done(`${JSON.stringify(toJsonMay(entries))}\n`, notes);
    const text = [formatMay(entries, request), ...notes, ""].join("\n");
    return done(format === "md" ? formatAnswer(text) : text);
  },
};
