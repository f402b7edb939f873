import { parseApiArn } from "../analysis/iam/document.ts";
import { toIamExport } from "../analysis/iam/export.ts";
import { formatJson, formatTable, SAMPLE_ARN } from "../analysis/iam/formats.ts";
import { API_NAME_RULE, isApiName } from "../contract/deployment-alias.ts";
import { ok } from "../contract/result.ts";
import { toIndexOfApi } from "../contract/rule-apis.ts";
import { type Command, createFlagReader, done, found, misused } from "./command.ts";
import { readDocuments, readSubject } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer iam [--policies DIR] [--openapi [NAME=]FILE] [--api-name NAME] [--api-arn ARN] [--group NAME | --no-group] [--format table|json]
  --policies  the folder with access/ in it; default: policies
  --openapi   the API's OpenAPI document, JSON or YAML: limits the documents to its routes; default: all paths
  --api-name  the name of the API: grants and denials for it count, and those for other APIs do not; default: NAME. Without
              a name, grants for named APIs are left out
  --api-arn   the ARN of the API's stage, like arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod; json needs it
  --group     one Cognito group only
  --no-group  users without a group only
  --format    table: the permissions and gaps of each group's role; json: policy documents; default: table`,
  flags: ["policies", "openapi", "api-name", "api-arn", "group", "format"],
  switches: ["no-group"],
  async run(given) {
    const { flags, switches } = given;
    const read = createFlagReader(given);
    const isNoGroup = switches.has("no-group");
    const group = isNoGroup ? null : flags["group"];
    if (isNoGroup && flags["group"] !== undefined) read.report("--group and --no-group exclude each other");
    const format = read.choose("format", ["table", "json"], "table");
    const arn = flags["api-arn"] === undefined ? ok(SAMPLE_ARN) : parseApiArn(flags["api-arn"]);
    if (!arn.ok) read.report(arn.error);
    if (format === "json" && flags["api-arn"] === undefined) read.report("--format json needs --api-arn");
    const documents = readDocuments(flags["openapi"] === undefined ? [] : [flags["openapi"]], read);
    const { "api-name": apiName = documents[0]?.api } = flags;
    if (apiName !== undefined && !isApiName(apiName)) read.report(`--api-name must have ${API_NAME_RULE}`);
    if (read.errors.length > 0 || !arn.ok) return misused(read.errors);

    const subject = await readSubject(given, documents);
    if (!subject.ok) return subject.error;
    await using policy = subject.value.policy;
    const index = apiName === undefined ? policy.index : toIndexOfApi(policy.index, apiName);
    const exported = toIamExport(index, policy.keyDependencies, "", subject.value.apis?.[0]?.routes);
    const names = Object.keys(exported.groups);
    if (typeof group === "string" && !names.includes(group)) {
      const known = `the policy names ${names.join(", ")}; --no-group is for users without a group`;
      return found([`no role of the policy names the group ${JSON.stringify(group)}; ${known}`]);
    }
    const text = (format === "json" ? formatJson : formatTable)(exported, { group, arnPrefix: arn.value });
    return done(`${text}\n`);
  },
};
