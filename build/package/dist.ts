import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readPackedIssuers } from "../../authorizer/package.ts";
import { type IamExport, parseIamExport } from "../../contract/iam-export.ts";
import { type Manifest, parseManifest } from "../../contract/manifest.ts";
import { parseRoutes, toManifest } from "../../contract/manifest-routes.ts";
import { formatPolicyIndexError, parsePolicyData } from "../../contract/policy-data.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { PRODUCT_VERSION } from "../../contract/product-version.ts";
import type { PublicRule } from "../../contract/public-rules.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { toRevision } from "../../contract/revision.ts";
import { listRoleWays } from "../../contract/role-ways.ts";
import type { IssuerFile } from "../../contract/trusted-issuers.ts";

/** The facts about a build that a deployment needs. */
export interface Dist {
  /** The folder with the Lambda's code. */
  readonly authorizerPath: string;
  readonly manifest: Manifest;
  /** The grants, denials and roles. */
  readonly index: PolicyIndex;
  /** The rules that open routes to everybody. */
  readonly publicRules: readonly PublicRule[];
  /** True if key sets are packed, so that the authorizer needs no network. */
  readonly hasKeySets: boolean;
  /** The trusted issuers that are packed; undefined without any. */
  readonly packedIssuers: IssuerFile | undefined;
  /** The groups that give roles, sorted; some may do so in the tokens of certain issuers only. */
  readonly groups: readonly string[];
  /** The roles that a claim gives, by its name and value, whichever issuer the token is of. */
  readonly rolesByClaim: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

const REBUILD = "run rego-authorizer build --openapi FILE, where FILE describes the API";

/**
 * Reads `dist/`.
 *
 * @returns The facts; or why the build can't be deployed, and what to do.
 */
export function readDist(distPath: string): Result<Dist, string> {
  const authorizerPath = join(distPath, "authorizer");
  const read = (file: string) => readFileSync(join(authorizerPath, file));
  if (!existsSync(join(authorizerPath, "manifest.json"))) return err(`there is no build in ${distPath}; ${REBUILD}`);
  try {
    const text = read("manifest.json").toString();
    const value: unknown = JSON.parse(text);
    const { product_version: version = "before 0.2.0" } = Object(value);
    if (version !== PRODUCT_VERSION) {
      return err(
        `${distPath} was built by rego-authorizer ${version}, and this is ${PRODUCT_VERSION}; npm ls rego-authorizer lists the ` +
          `versions that are installed. With one of them, ${REBUILD}`,
      );
    }
    const packed = parseManifest(value);
    if (packed === undefined) return err(`${distPath} has a manifest that this version does not know; ${REBUILD}`);
    const data = read("data.json");
    const { revision, user_token_use: userTokenUse, trailing_slash: trailingSlash, public_rules: publicRules } = packed;
    if (toRevision(read("policy.wasm"), data, userTokenUse, trailingSlash, publicRules) !== revision) {
      return err(
        `${distPath} is stale: manifest.json is from another build than policy.wasm and data.json; ${REBUILD}`,
      );
    }
    const parsed = parsePolicyData(JSON.parse(data.toString()));
    if (!parsed.ok) return err(`${distPath} can't be deployed: ${formatPolicyIndexError(parsed.error)}; ${REBUILD}`);
    const routesFile = join(distPath, "routes.json");
    if (!existsSync(routesFile)) return err(`${routesFile} does not exist; ${REBUILD}`);
    const routes = parseRoutes(JSON.parse(readFileSync(routesFile, "utf8")));
    const manifest = routes && toManifest(packed, text, routes);
    if (manifest === undefined)
      return err(`${distPath} is stale: routes.json is from another build than manifest.json; ${REBUILD}`);
    const { index } = parsed.value;
    const { roles } = index;
    const groups = listRoleWays(roles).flatMap(({ by, value }) => (by === "group" ? [value] : []));
    const packedIssuers = readPackedIssuers(pathToFileURL(join(authorizerPath, "/")));
    if (!packedIssuers.ok) return err(`${distPath} can't be deployed: ${packedIssuers.error.join("; ")}; ${REBUILD}`);
    const hasKeySets = existsSync(join(authorizerPath, "key-sets.json"));
    return ok({
      authorizerPath,
      manifest,
      index,
      publicRules: publicRules ?? [],
      groups: [...new Set(groups)].sort(),
      rolesByClaim: roles.claims,
      hasKeySets,
      packedIssuers: packedIssuers.value,
    });
  } catch {
    return err(`the files in ${distPath} can't be read; ${REBUILD}`);
  }
}

/**
 * Reads `dist/iam.json`, which must be from the same build as the package.
 *
 * @param dist - The rest of `dist/`.
 * @returns The documents; or why they can't be deployed, and what to do.
 */
export function readIamExport(distPath: string, { manifest }: Dist): Result<IamExport, string> {
  const file = join(distPath, "iam.json");
  if (!existsSync(file)) return err(`${file} does not exist; ${REBUILD}`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    value = undefined;
  }
  const iam = parseIamExport(value);
  if (iam === undefined) return err(`${file} does not have the form of an IAM export; ${REBUILD}`);
  if (iam.revision !== manifest.revision) {
    return err(`${distPath} is stale: iam.json is from another build than manifest.json; ${REBUILD}`);
  }
  return ok(iam);
}
