import { readFileSync, writeFileSync } from "node:fs";
import { type Document, parseDocument } from "yaml";
import { toCacheContractVariable, toSettings } from "../analysis/cache/settings.ts";
import { readDist } from "../build/package/dist.ts";
import { MAX_TTL_S } from "../contract/cache-key.ts";
import { toEditedText } from "../openapi/edited-text.ts";
import { toEdits } from "../openapi/secure-document.ts";
import { type Command, couldNotRun, createFlagReader, done, found, misused } from "./command.ts";
import { readTokenSource } from "./token-source.ts";

export const command: Command = {
  usage: `rego-authorizer openapi FILE [--format yaml|json] [--api rest|http] [--ttl SECONDS] [--uri URI] [--out FILE] [--dist DIR]
  FILE          the OpenAPI document that dist/ was built for: rego-authorizer build --openapi FILE
  --format      default: as FILE is called
  --api         the kind of API; default: rest
  --ttl         how long responses are cached where they may be, 0 to ${MAX_TTL_S}; default: 60, and 0 for an HTTP API
  --uri         what API Gateway invokes; default: \${AuthorizerUri}, for Fn::Sub
  --out         default: standard output
  --dist        what was built; default: dist
  TOKEN_SOURCE  in the environment, as for the authorizer; default: header:Authorization`,
  flags: ["format", "api", "ttl", "uri", "out", "dist"],
  takesPositionals: true,
  async run(given) {
    const [file, ...others] = given.positionals;
    const { uri: authorizerUri = "${AuthorizerUri}", out, dist: distPath = "dist" } = given.flags;
    const read = createFlagReader(given);
    const api = read.choose("api", ["rest", "http"], "rest");
    const format = read.choose("format", ["yaml", "json"], file?.endsWith(".json") ? "json" : "yaml");
    const ttlS = read.count("ttl", 0, MAX_TTL_S, api === "rest" ? 60 : 0);
    if (file === undefined || others.length > 0) read.report("one OpenAPI document must be named");
    const tokenSource = readTokenSource();
    if (read.errors.length > 0 || file === undefined) return misused(read.errors);
    if (!tokenSource.ok) return couldNotRun([tokenSource.error]);
    const dist = readDist(distPath);
    if (!dist.ok) return couldNotRun([dist.error]);
    const content = readContent(file);
    if ("errors" in content) return couldNotRun(content.errors.map((line) => `${file}: ${line}`));
    const contract = dist.value.manifest.cache_contract;
    const settings = toSettings(contract, api, ttlS, tokenSource.value);
    const { edits, errors, open } = toEdits(content.content, {
      contract,
      api,
      settings,
      tokenSource: tokenSource.value,
      authorizerUri,
      isSimple: false,
    });
    if (errors.length > 0) return found(errors.map((line) => `${file}: ${line}`));
    const { text, isInPlace } = toEditedText(content.document, content.content, edits, format);
    try {
      if (out !== undefined) writeFileSync(out, text);
    } catch {
      return couldNotRun([`${out}: can't be written`]);
    }
    const isCaching = settings.some((own) => own.ttlS > 0);
    return done(out === undefined ? text : undefined, [
      ...open.map((name) => `${file}: ${name} says of itself that it is open to everybody, and stays so`),
      ...(isInPlace ? [] : [`${file}: has aliases or empty entries, so that it is written anew, without comments`]),
      `The Lambda needs CACHE_CONTRACT='${toCacheContractVariable(contract, isCaching ? [api] : [])}'`,
      "If several APIs ask it: one with the id, and what each kind of API with a TTL adds, `rest` and `http`.",
    ]);
  },
};

/** The document, with its comments and order, and what is in it. */
function readContent(
  file: string,
): { readonly document: Document.Parsed; readonly content: unknown } | { readonly errors: readonly string[] } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { errors: ["can't be read"] };
  }
  const document = parseDocument(text);
  if (document.errors.length > 0) return { errors: document.errors.map(({ message }) => firstLine(message)) };
  try {
    const content: unknown = document.toJS();
    // Whatever leads back to itself has no text.
    JSON.stringify(content);
    return { document, content };
  } catch (error) {
    return {
      errors: [`has aliases that can't be followed: ${firstLine(error instanceof Error ? error.message : "")}`],
    };
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
