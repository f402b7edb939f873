import { join } from "node:path";
import { NEEDS_ROUTES } from "../analysis/cache/contract.ts";
import { toCoverage } from "../analysis/reach/coverage.ts";
import { summarizeCoverage } from "../analysis/reach/formats.ts";
import { findOpa } from "../build/opa/find.ts";
import { type Built, build } from "../build/package/build.ts";
import { writeHandlerSbom } from "../build/package/handler.ts";
import { formatNotices } from "../build/policy/problem.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import type { ApiDocument } from "../contract/named-document.ts";
import type { LocatedRoute } from "../contract/route.ts";
import { readApis } from "../openapi/api-options.ts";
import {
  type Command,
  couldNotRun,
  createFlagReader,
  done,
  formatRuleCount,
  found,
  misused,
  policiesOf,
} from "./command.ts";
import { readDocuments, readKind } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer build [--policies DIR] [--openapi [NAME=]FILE]… [--api auto|rest|http]
                       [--cache-scope request|token] [--trailing-slash same|denied] [--dist DIR] [--format text|json]
  --policies     the folder with access/ in it; default: policies
  --openapi      the API's OpenAPI document, with the routes for the cache contract; default: the paths in the policy.
                 Each grant and denial must match a route of it. Once for each API, with its name if there are several:
                 --openapi orders=orders.yaml --openapi billing=billing.yaml
  --api          the kind of API that the documents are for, whose rules they must keep; default: auto, what each shows
  --cache-scope  token: per-token policy documents where the policy allows them (REST APIs); needs --openapi
  --trailing-slash  same: a path with a slash at its end is decided as the one without it; default: denied
  --dist         the folder for the package; default: dist
  --format       text or json; default: text
  KEY_SETS       in the environment: a file of key sets to pack, so that a cold start need not fetch them
  ISSUERS        in the environment: a file of trusted issuers to pack, JSON or YAML, with entries as in TRUSTED_ISSUERS`,
  flags: ["policies", "api", "cache-scope", "trailing-slash", "dist", "format"],
  lists: ["openapi"],
  async run(given) {
    const read = createFlagReader(given);
    const kind = readKind(read);
    const cacheScope = read.choose("cache-scope", ["request", "token"], "request");
    const trailingSlash = read.choose("trailing-slash", ["same", "denied"], "denied");
    const isJson = read.choose("format", ["text", "json"], "text") === "json";
    const documents = readDocuments(given.lists?.["openapi"], read);
    if (cacheScope === "token" && given.lists?.["openapi"] === undefined) read.report(NEEDS_ROUTES);
    if (read.errors.length > 0) return misused(read.errors);
    const startMs = Date.now();
    const { dist = "dist" } = given.flags;
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error, NOTHING]);
    const apis = await readApis({ documents, kind, cacheScope });
    if (!apis.ok) return couldNotRun([...apis.error, NOTHING]);
    const { derive, located } = apis.value;
    const policies = policiesOf(given);
    const keySetsFile = process.env["KEY_SETS"];
    const issuersFile = process.env["ISSUERS"];
    const files = { keySetsFile, issuersFile };
    const built = await build({
      opaPath: opa.value,
      policies,
      dist,
      ...files,
      derive,
      trailingSlash,
      routes: located?.routes,
    });
    if (!built.ok) return found([...built.error, NOTHING]);
    const { manifest, grants, bytes, notices } = built.value;
    const sizes = Object.entries(bytes).map(([name, count]) => `${name} ${(count / 1000).toFixed(1)} kB`);
    const sbom = await writeHandlerSbom(join(dist, "sbom.cdx.json"), process.env["npm_execpath"]);
    const open = manifest.public_rules?.length ?? 0;
    const count = formatRuleCount(grants, open);
    const text = `built revision ${manifest.revision} with ${count} in ${Date.now() - startMs} ms\n  ${sizes.join(", ")}\n`;
    const report = { revision: manifest.revision, grants, public_rules: open, bytes };
    return done(isJson ? `${JSON.stringify(report)}\n` : text, [
      ...formatNotices(located?.notices ?? []),
      ...notices,
      ...summarize(built.value, located?.routes ?? [], documents, kind),
      ...(sbom.ok ? [] : [sbom.error]),
    ]);
  },
};

const NOTHING = "nothing was built";

/** Sums up the routes that no rule reaches, and the rules that no route reaches; empty without routes. */
function summarize(
  { index, manifest }: Built,
  routes: readonly LocatedRoute[],
  documents: readonly ApiDocument[],
  kind: CachingApi | undefined,
): readonly string[] {
  if (routes.length === 0) return [];
  const rules = (
    [
      ["grant", index.grants],
      ["denial", index.denials],
    ] as const
  ).flatMap(([rule, table]) =>
    Object.entries(table).map(([name, { api, verbs, path }]) => ({
      ...{ kind: rule, name, verbs, path, file: "", line: 1 },
      ...(api.length > 0 && { apis: api }),
    })),
  );
  const open = (manifest.public_rules ?? []).map((rule) => ({ ...rule, kind: "public" as const, file: "", line: 1 }));
  const named = documents.map(({ api, file }) => `--openapi ${api === undefined ? file : `${api}=${file}`}`);
  const command = `rego-authorizer coverage ${named.join(" ")}`;
  return summarizeCoverage(toCoverage(routes, [...rules, ...open], kind), command).map((line) => `notice: ${line}`);
}
