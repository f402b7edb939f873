import { parseArgs } from "node:util";
import { err, ok, type Result } from "../../authorizer/result.ts";
import { print, readSubject } from "../command.ts";
import { parseApiArn } from "./document.ts";
import { toIamExport } from "./export.ts";
import { formatJson, formatTable, SAMPLE_ARN, type Wanted } from "./formats.ts";

const USAGE = `npm run iam -- [--openapi FILE] [--api-arn ARN] [--group NAME | --no-group] [--format table|json]
  --openapi  the API's OpenAPI document, JSON or YAML: the documents are for its routes; default: for all paths
  --api-arn  the API's stage, arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod; needed for json
  --group    one Cognito group only
  --no-group a user without a group only
  --format   table: what each group's role may do, and what is missing; json: policy documents; default: table`;

print(await describe());

async function describe(): Promise<Result<string, readonly string[]>> {
  const flags = parseFlags();
  if (!flags.ok) return err([...flags.error, USAGE]);
  const { openApiFile, arnPrefix, group, isJson, help } = flags.value;
  if (help) return ok(USAGE);
  const subject = await readSubject(openApiFile);
  if (!subject.ok) return subject;
  const { policy, routes } = subject.value;
  const exported = toIamExport(policy.index, policy.needs, "", routes);
  const names = Object.keys(exported.groups);
  if (typeof group === "string" && !names.includes(group)) {
    const known = `known are ${names.join(", ")}; --no-group is for a user without one`;
    return err([`no role of the policy names the group ${JSON.stringify(group)}; ${known}`]);
  }
  return ok((isJson ? formatJson : formatTable)(exported, { group, arnPrefix }));
}

interface Flags {
  readonly openApiFile: string | undefined;
  readonly arnPrefix: string;
  readonly group: Wanted["group"];
  readonly isJson: boolean;
  readonly help: boolean;
}

function parseFlags(): Result<Flags, readonly string[]> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { openapi: text, "api-arn": text, group: text, "no-group": flag, format: text, help: flag } as const;
  const faults: string[] = [];
  try {
    const { values } = parseArgs({ options });
    const { format = "table", openapi: openApiFile, help, "no-group": isForNone } = values;
    const group = isForNone === true ? null : values.group;
    if (isForNone === true && values.group !== undefined) faults.push("--group and --no-group exclude each other");
    if (format !== "table" && format !== "json") faults.push("--format must be table or json");
    const arn = values["api-arn"] === undefined ? ok(SAMPLE_ARN) : parseApiArn(values["api-arn"]);
    if (!arn.ok) faults.push(arn.error);
    if (format === "json" && values["api-arn"] === undefined) faults.push("--format json needs --api-arn");
    const arnPrefix = arn.ok ? arn.value : SAMPLE_ARN;
    if (help !== true && faults.length > 0) return err(faults);
    return ok({ openApiFile, arnPrefix, group, isJson: format === "json", help: help === true });
  } catch (error) {
    return err([error instanceof Error ? error.message : String(error)]);
  }
}
