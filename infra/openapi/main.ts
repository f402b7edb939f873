import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Document, parseDocument } from "yaml";
import { MAX_TTL_S, toCacheContractVariable, toSettings } from "../../build/cache/settings.ts";
import { readTokenSource } from "../../build/cache/token-source.ts";
import { readDist } from "../../build/dist.ts";
import { toEditedText } from "./edited-text.ts";
import { toEdits } from "./secure-document.ts";

const USAGE = `npm run openapi -- FILE [--format yaml|json] [--api rest|http] [--ttl SECONDS] [--uri URI] [--out FILE]
  FILE          the OpenAPI document that dist/ was built for: npm run build -- --openapi FILE
  --format      default: as FILE is called
  --api         the kind of API; default: rest
  --ttl         how long answers are kept where they may be, 0 to ${MAX_TTL_S}; default: 60, and 0 for an HTTP API
  --uri         what API Gateway calls; default: \${AuthorizerUri}, for Fn::Sub
  --out         default: standard output
  TOKEN_SOURCE  in the environment, as for the authorizer; default: header:Authorization`;

process.exitCode = run();

function run(): number {
  const flags = parseFlags();
  if (flags === "help") {
    console.log(USAGE);
    return 0;
  }
  if (flags === undefined) return quit([USAGE]);
  const { file, format, api, ttlS, authorizerUri, out } = flags;
  const tokenSource = readTokenSource();
  if (!tokenSource.ok) return quit([tokenSource.error]);
  const dist = readDist("dist");
  if (!dist.ok) return quit([dist.error]);
  const read = readContent(file);
  if ("faults" in read) return quit(read.faults.map((line) => `${file}: ${line}`));
  const contract = dist.value.manifest.cache_contract;
  const settings = toSettings(contract, api, ttlS, tokenSource.value);
  const { edits, faults, open } = toEdits(read.content, {
    contract,
    api,
    settings,
    tokenSource: tokenSource.value,
    authorizerUri,
    isSimple: false,
  });
  if (faults.length > 0) return quit(faults.map((line) => `${file}: ${line}`));
  const { text, isInPlace } = toEditedText(read.document, read.content, edits, format);
  try {
    if (out === undefined) process.stdout.write(text);
    else writeFileSync(out, text);
  } catch {
    return quit([`${out}: can't be written`]);
  }
  for (const name of open) console.error(`${file}: ${name} says of itself that it is open to everybody, and stays so`);
  if (!isInPlace) console.error(`${file}: has aliases or empty entries, so that it is written anew, without comments`);
  const isCaching = settings.some((own) => own.ttlS > 0);
  console.error(`The Lambda needs CACHE_CONTRACT='${toCacheContractVariable(contract, isCaching ? [api] : [])}'`);
  console.error(
    "If several APIs ask it: one with the id, and what each kind of API with a TTL adds, `rest` and `http`.",
  );
  return 0;
}

/** The document, with its comments and order, and what is in it. */
function readContent(
  file: string,
): { readonly document: Document.Parsed; readonly content: unknown } | { readonly faults: readonly string[] } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { faults: ["can't be read"] };
  }
  const document = parseDocument(text);
  if (document.errors.length > 0) return { faults: document.errors.map(({ message }) => firstLine(message)) };
  try {
    const content: unknown = document.toJS();
    // Whatever leads back to itself has no text.
    JSON.stringify(content);
    return { document, content };
  } catch (error) {
    return {
      faults: [`has aliases that can't be followed: ${firstLine(error instanceof Error ? error.message : "")}`],
    };
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

function parseFlags() {
  const text = { type: "string" } as const;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { format: text, api: text, ttl: text, uri: text, out: text, help: { type: "boolean" } },
    });
    if (values.help === true) return "help";
    const [file, ...others] = positionals;
    const {
      api = "rest",
      format = file?.endsWith(".json") ? "json" : "yaml",
      uri: authorizerUri = "${AuthorizerUri}",
      out,
    } = values;
    const { ttl = api === "rest" ? "60" : "0" } = values;
    if (file === undefined || others.length > 0 || (api !== "rest" && api !== "http")) return undefined;
    if ((format !== "yaml" && format !== "json") || !/^\d{1,4}$/.test(ttl) || Number(ttl) > MAX_TTL_S) return undefined;
    return { file, format, api, ttlS: Number(ttl), authorizerUri, out } as const;
  } catch {
    return undefined;
  }
}

function quit(lines: readonly string[]): number {
  for (const line of lines) console.error(line);
  return 1;
}
