import { join } from "node:path";
import { NEEDS_ROUTES } from "../analysis/cache/contract.ts";
import { findOpa } from "../build/opa/find.ts";
import { build } from "../build/package/build.ts";
import { writeHandlerSbom } from "../build/package/handler.ts";
import { readDerive } from "../openapi/api-options.ts";
import { type Command, couldNotRun, createFlagReader, done, found, misused } from "./command.ts";
import { policiesOf } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer build [--policies DIR] [--openapi FILE] [--cache-scope request|token] [--dist DIR]
  --policies     the folder with access/ in it; default: policies
  --openapi      the API's OpenAPI document, with the routes for the cache contract; default: the paths in the policy
  --cache-scope  token: per-token policy documents where the policy allows them (REST APIs); needs --openapi
  --dist         the folder for the package; default: dist
  KEY_SETS       in the environment: a file of key sets to pack, so that a cold start need not fetch them`,
  flags: ["policies", "openapi", "cache-scope", "dist"],
  async run(given) {
    const read = createFlagReader(given);
    const cacheScope = read.choose("cache-scope", ["request", "token"], "request");
    if (cacheScope === "token" && given.flags["openapi"] === undefined) read.report(NEEDS_ROUTES);
    if (read.errors.length > 0) return misused(read.errors);
    const startMs = Date.now();
    const { openapi: openApiFile, dist = "dist" } = given.flags;
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error, NOTHING]);
    const derive = await readDerive({ openApiFile, cacheScope });
    if (!derive.ok) return couldNotRun([...derive.error, NOTHING]);
    const policies = policiesOf(given);
    const keySetsFile = process.env["KEY_SETS"];
    const built = await build({ opaPath: opa.value, policies, dist, keySetsFile, derive: derive.value });
    if (!built.ok) return found([...built.error, NOTHING]);
    const { manifest, grants, bytes } = built.value;
    const sizes = Object.entries(bytes).map(([name, count]) => `${name} ${(count / 1000).toFixed(1)} kB`);
    const sbom = await writeHandlerSbom(join(dist, "sbom.cdx.json"), process.env["npm_execpath"]);
    const text = `built revision ${manifest.revision} with ${grants} grants in ${Date.now() - startMs} ms\n  ${sizes.join(", ")}\n`;
    return done(text, sbom.ok ? [] : [sbom.error]);
  },
};

const NOTHING = "nothing was built";
