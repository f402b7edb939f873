import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseDocument } from "yaml";
import { toCacheContractVariable, toSettings } from "../../build/cache/settings.ts";
import { readDist } from "../../build/dist.ts";
import { toEdits } from "./secure-document.ts";

const USAGE = `npm run openapi -- FILE [--format yaml|json] [--api rest|http] [--ttl SECONDS] [--uri URI] [--out FILE]
  FILE          the OpenAPI document that dist/ was built for: npm run build -- --openapi FILE
  --format      default: as FILE is called
  --api         the kind of API; default: rest
  --ttl         how long answers are kept where they may be, 0 to 3600; default: 60, and 0 for an HTTP API
  --uri         what API Gateway calls; default: \${AuthorizerUri}, for Fn::Sub
  --out         default: standard output
  TOKEN_SOURCE  in the environment, as for the authorizer; default: header:Authorization`;

process.exitCode = run();

function run(): number {
  const flags = parseFlags();
  if (flags === undefined) return quit([USAGE]);
  const { file, format, api, ttlS, authorizerUri, out } = flags;
  const dist = readDist("dist");
  if (!dist.ok) return quit([dist.error]);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return quit([`${file}: can't be read`]);
  }
  const document = parseDocument(text);
  if (document.errors.length > 0)
    return quit(document.errors.map(({ message }) => `${file}: ${message.split("\n")[0]}`));
  const tokenSource = process.env["TOKEN_SOURCE"] ?? "header:Authorization";
  const contract = dist.value.manifest.cache_contract;
  const settings = toSettings(contract, api, ttlS, tokenSource);
  const { edits, faults, open } = toEdits(document.toJS(), {
    contract,
    api,
    settings,
    tokenSource,
    authorizerUri,
    isSimple: false,
  });
  if (faults.length > 0) return quit(faults.map((line) => `${file}: ${line}`));
  for (const { path, value } of edits) document.setIn(path, document.createNode(value));
  for (const name of open) console.error(`${file}: ${name} says of itself that it is open to everybody, and stays so`);
  const written =
    format === "json" ? `${JSON.stringify(document.toJS(), null, 2)}\n` : document.toString({ lineWidth: 0 });
  if (out === undefined) process.stdout.write(written);
  else writeFileSync(out, written);
  console.error(`The Lambda needs CACHE_CONTRACT='${toCacheContractVariable(contract, ttlS > 0 ? [api] : [])}'`);
  return 0;
}

function parseFlags() {
  const text = { type: "string" } as const;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { format: text, api: text, ttl: text, uri: text, out: text },
    });
    const [file, ...others] = positionals;
    const {
      api = "rest",
      format = file?.endsWith(".json") ? "json" : "yaml",
      uri: authorizerUri = "${AuthorizerUri}",
      out,
    } = values;
    const { ttl = api === "rest" ? "60" : "0" } = values;
    if (file === undefined || others.length > 0 || (api !== "rest" && api !== "http")) return undefined;
    if ((format !== "yaml" && format !== "json") || !/^\d{1,4}$/.test(ttl) || Number(ttl) > 3600) return undefined;
    return { file, format, api, ttlS: Number(ttl), authorizerUri, out } as const;
  } catch {
    return undefined;
  }
}

function quit(lines: readonly string[]): number {
  for (const line of lines) console.error(line);
  return 1;
}
