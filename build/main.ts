import { parseArgs } from "node:util";
import { err } from "../authorizer/result.ts";
import { type ApiOptions, build } from "./build.ts";
import { findOpa } from "./opa.ts";
import { createOpa } from "./opa-run.ts";
import { writeSbom } from "./sbom.ts";

const USAGE = `npm run build -- [--openapi FILE] [--answers request|token]
  --openapi  the API's OpenAPI document: the routes that the cache contract is for; default: the paths in the policy
  --answers  token: one answer for all routes of a token, where the policy lets it (REST APIs); needs --openapi
  KEY_SETS   in the environment: a file of key sets to pack, so that a cold start fetches none`;

const api = parseFlags();
const root = process.cwd();
const startMs = Date.now();
const opa = await findOpa();
const built = opa.ok
  ? await build(createOpa(opa.value, root), root, process.env["KEY_SETS"], api).catch((error: unknown) =>
      err([String(error)]),
    )
  : opa;
if (built.ok) {
  const { manifest, grants, bytes } = built.value;
  const size = Object.entries(bytes).map(([name, count]) => `${name} ${(count / 1000).toFixed(1)} kB`);
  console.log(`built revision ${manifest.revision} with ${grants} grants in ${Date.now() - startMs} ms`);
  console.log(`  ${size.join(", ")}`);
  const sbom = await writeSbom(root, process.env["npm_execpath"]);
  if (!sbom.ok) console.error(sbom.error);
} else {
  for (const line of [built.error].flat()) console.error(line);
  console.error("nothing was built");
  process.exitCode = 1;
}

function parseFlags(): ApiOptions {
  const text = { type: "string" } as const;
  try {
    const { values } = parseArgs({ options: { openapi: text, answers: text, help: { type: "boolean" } } });
    const { openapi: openApiFile, answers, help } = values;
    if (help === true) {
      console.log(USAGE);
      process.exit(0);
    }
    if (answers === undefined || answers === "request" || answers === "token") return { openApiFile, answers };
    console.error("--answers must be request or token");
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
  }
  console.error(USAGE);
  process.exit(1);
}
