import { createHash } from "node:crypto";
import { type Checks, closed, is, listOf, mapOf, optional, TEXT, TEXTS } from "./checks.ts";
import { own } from "./json.ts";
import type { ApiOfManifest, CacheClass, ContractRoute, Manifest, PackedManifest } from "./manifest.ts";

/** The routes of a build, which are not packed for the Lambda; `dist/routes.json`. */
interface RoutesFile {
  /** `sha256:` and the digest of the `manifest.json` of the same build. */
  readonly manifest: string;
  /** The routes of all APIs together. */
  readonly routes: readonly ContractRoute[];
  /** The routes of each API that the build was given by name. */
  readonly apis?: Readonly<Record<string, readonly ContractRoute[]>>;
}

const CLASSES: Readonly<Record<CacheClass, true>> = { token: true, request: true, never: true };

const ROUTE: Checks<ContractRoute> = {
  verb: TEXT,
  path: TEXT,
  class: is((value) => typeof value === "string" && Object.hasOwn(CLASSES, value)),
  authorizer: TEXT,
  because: listOf(closed<ContractRoute["because"][number]>({ read: TEXT, conditions: TEXTS })),
};

const ROUTES = listOf(closed(ROUTE));

const FILE = closed<RoutesFile>({ manifest: TEXT, routes: ROUTES, apis: optional(mapOf(ROUTES)) });

/** Parses the value of `routes.json`; gives undefined if it does not have the form of this version, or has an unknown key. */
export function parseRoutes(value: unknown): RoutesFile | undefined {
  return FILE(value) === undefined ? (value as RoutesFile) : undefined;
}

/**
 * Formats the text of `routes.json`.
 *
 * @param manifestText - The text of the `manifest.json` of the same build.
 */
export function formatRoutes({ cache_contract: { routes }, apis }: Manifest, manifestText: string): string {
  const file: RoutesFile = {
    manifest: digestOf(manifestText),
    routes,
    ...(apis !== undefined && {
      apis: Object.fromEntries(Object.entries(apis).map(([name, api]) => [name, api.cache_contract.routes])),
    }),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function digestOf(manifestText: string): string {
  return `sha256:${createHash("sha256").update(manifestText).digest("hex")}`;
}

/**
 * Puts the manifest of a build together.
 *
 * @param manifestText - The text that `packed` was parsed from.
 * @returns Undefined if the routes are of another build.
 */
export function toManifest(packed: PackedManifest, manifestText: string, file: RoutesFile): Manifest | undefined {
  if (file.manifest !== digestOf(manifestText)) return undefined;
  const { cache_contract: contract, apis, ...parts } = packed;
  const common = { ...parts, cache_contract: { ...contract, routes: file.routes } };
  if (apis === undefined) return common;
  const whole: [string, ApiOfManifest][] = [];
  for (const [name, api] of Object.entries(apis)) {
    const routes = own(file.apis ?? {}, name);
    if (routes === undefined) return undefined;
    whole.push([name, { cache_contract: { ...api.cache_contract, routes } }]);
  }
  return { ...common, apis: Object.fromEntries(whole) };
}
