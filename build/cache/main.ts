import { parseArgs } from "node:util";
import { err, ok, type Result } from "../../authorizer/result.ts";
import { print, readSubject } from "../command.ts";
import { toCacheContract } from "./contract.ts";
import { type Deployment, FORMATS } from "./formats.ts";
import { MAX_TTL_S } from "./settings.ts";
import { readTokenSource } from "./token-source.ts";

const USAGE = `npm run cache-contract -- [--openapi FILE] [--format table|json|terraform|sam] [--api rest|http] [--ttl SECONDS]
                          [--answers request|token]
  --openapi     the API's OpenAPI document, JSON or YAML; default: the paths that the policy names
  --format      default: table
  --api         one kind of API; default: both
  --ttl         how long answers are kept where they may be, 1 to ${MAX_TTL_S}; default: 60
  --answers     token: one answer for all routes of a token on a REST API; needs --openapi
  TOKEN_SOURCE  in the environment, as for the authorizer; default: header:Authorization`;

print(await describe());

async function describe(): Promise<Result<string, readonly string[]>> {
  const flags = parseFlags();
  if (!flags.ok) return err([...flags.error, USAGE]);
  const { format, openApiFile, answers, help, ...deployment } = flags.value;
  if (help) return ok(USAGE);
  const subject = await readSubject(openApiFile);
  if (!subject.ok) return subject;
  const { policy, routes } = subject.value;
  const contract = toCacheContract(policy.index, policy.needs, routes, answers);
  return contract.ok ? ok(FORMATS[format](contract.value, deployment)) : contract;
}

type Flags = Deployment & {
  readonly format: keyof typeof FORMATS;
  readonly openApiFile: string | undefined;
  readonly answers: "request" | "token";
  readonly help: boolean;
};

function parseFlags(): Result<Flags, readonly string[]> {
  const text = { type: "string" } as const;
  const options = {
    format: text,
    openapi: text,
    api: text,
    ttl: text,
    answers: text,
    help: { type: "boolean" },
  } as const;
  const faults: string[] = [];
  const one = <Name extends string>(
    flag: string,
    value: string | undefined,
    names: readonly Name[],
    preset: Name,
  ): Name => {
    const found = value === undefined ? preset : names.find((name) => name === value);
    if (found === undefined) faults.push(`--${flag} must be ${names.join(" or ")}`);
    return found ?? preset;
  };
  try {
    const { values } = parseArgs({ options });
    const ttlS = /^\d{1,4}$/.test(values.ttl ?? "60") ? Number(values.ttl ?? 60) : 0;
    if (ttlS < 1 || ttlS > MAX_TTL_S) faults.push(`--ttl must be a whole number from 1 to ${MAX_TTL_S}`);
    const tokenSource = readTokenSource();
    if (!tokenSource.ok) faults.push(tokenSource.error);
    const api = one("api", values.api, ["rest", "http", "both"], "both");
    const flags: Flags = {
      format: one("format", values.format, ["table", "json", "terraform", "sam"], "table"),
      answers: one("answers", values.answers, ["request", "token"], "request"),
      apis: api === "both" ? ["rest", "http"] : [api],
      openApiFile: values.openapi,
      help: values.help === true,
      ttlS,
      tokenSource: tokenSource.ok ? tokenSource.value : "",
    };
    return faults.length > 0 ? err(faults) : ok(flags);
  } catch (error) {
    return err([error instanceof Error ? error.message : String(error)]);
  }
}
