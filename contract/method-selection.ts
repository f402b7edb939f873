import { nameOfRoute, type Route, withoutNames } from "./route.ts";

/** An authorizer that methods keep, although it evaluates no policy. */
export interface KeptAuthorizer {
  /** The id by which methods name it, such as `cognito.authorizerId`; or its name, or the path of its construct. In a document its scheme. */
  readonly authorizer: string;
  /** Why its methods keep it, for the next reader; not empty. It is in the template, and the gate accepts the authorizer for it. */
  readonly reason: string;
}

/**
 * The methods or routes of an API that get the authorizer: all, or those that one of these names. Methods with IAM authorization and
 * preflights never do.
 *
 * An API can be attached to several times, for different methods. A method that two attachments are for fails synthesis, but one
 * with `withoutAuthorizer` leaves it to the other.
 */
export type MethodSelection =
  | { readonly only?: never; readonly below?: never; readonly withoutAuthorizer?: never; readonly keep?: Keep }
  | {
      /** These alone, each as its method and its path: `"GET /orders/{id}"`, `"ANY /admin"`. */
      readonly only: readonly string[];
      readonly below?: never;
      readonly withoutAuthorizer?: never;
      readonly keep?: never;
    }
  | {
      /** A path and all paths below it, such as `"/admin"`; or several. */
      readonly below: string | readonly string[];
      readonly only?: never;
      readonly withoutAuthorizer?: never;
      readonly keep?: Keep;
    }
  | {
      /** Those that have no authorizer yet. All others keep theirs, and the gate asks for a reason. */
      readonly withoutAuthorizer: true;
      readonly only?: never;
      readonly below?: never;
      readonly keep?: never;
    };

/** The authorizers of other kinds that methods keep. Without an entry for it, one that a selected method has fails synthesis. */
type Keep = readonly KeptAuthorizer[];

/** Whether an authorizer enforces decisions, or only reports them and lets every request through. */
export type AttachmentMode = "enforce" | "report";

/** A selection that was checked. */
export interface Selection {
  readonly kind: "all" | "only" | "below" | "rest";
  /** Its entries: names of routes, or paths. */
  readonly entries: readonly string[];
  /** The entries as they were written, in the same order, for messages. */
  readonly texts: readonly string[];
  readonly keep: readonly KeptAuthorizer[];
  /** The selection in messages. */
  readonly called: string;
}

/** The selection of all methods. */
export const ALL_METHODS: Selection = { kind: "all", entries: [], texts: [], keep: [], called: "all methods" };

/** The remedy for a method with an authorizer of another kind. */
export const HOW_TO_KEEP =
  "remove it; or let the method keep it: say so in keep, with the reason, or attach to those withoutAuthorizer";

/** The name in a selection of an HTTP API's route without a path. */
const DEFAULT_ROUTE = "$default";

/** Parses a selection, which may come from JavaScript; or says what is wrong with it. */
export function parseSelection({ only, below, withoutAuthorizer, keep = [] }: MethodSelection): Selection | string {
  const given = [only, below, withoutAuthorizer].filter((one) => one !== undefined);
  if (given.length > 1)
    return "only, below and withoutAuthorizer exclude each other; select by one after the other, or leave all but one out";
  const empty = keep.find(({ reason }) => reason.trim() === "");
  if (empty !== undefined) return `keep: ${empty.authorizer} has no reason; say why its methods keep it`;
  if (keep.length > 0 && (only !== undefined || withoutAuthorizer !== undefined))
    return "keep is for all methods, or those below a path: only names its methods, and withoutAuthorizer takes no authorizer away; leave it out";
  if (only !== undefined) return parseOnly(only);
  if (below !== undefined) return parseBelow([below].flat(), keep);
  return withoutAuthorizer === undefined
    ? { ...ALL_METHODS, keep }
    : { kind: "rest", entries: [], texts: [], keep: [], called: "those without an authorizer" };
}

function parseOnly(only: readonly string[]): Selection | string {
  if (only.length === 0) return "only: names no method; name one, or leave it out for all";
  const wrong = only.find((text) => text !== DEFAULT_ROUTE && !/^[A-Z]+ \/\S*$/.test(text));
  if (wrong !== undefined)
    return `only: ${JSON.stringify(wrong)} is not a method with its path; write it like "GET /orders/{id}"`;
  return { kind: "only", entries: only.map(normalName), texts: only, keep: [], called: `only ${only.join(", ")}` };
}

function parseBelow(below: readonly string[], keep: readonly KeptAuthorizer[]): Selection | string {
  if (below.length === 0) return "below: names no path; name one, or leave it out for all";
  const wrong = below.find((path) => !/^\/[^\s*]*$/.test(path) || path.includes("+}") || path.includes("//"));
  if (wrong !== undefined)
    return `below: ${JSON.stringify(wrong)} is not a path; write it like "/admin", which has all paths below it`;
  return {
    kind: "below",
    entries: below.map((path) => withoutNames(path.replace(/\/$/, ""))),
    texts: below,
    keep,
    called: `below ${below.join(", ")}`,
  };
}

function normalName(text: string): string {
  const [verb = "", path] = text.split(" ");
  return path === undefined ? verb : nameOfRoute({ verb, path });
}

/** Lists the entries of a selection that a route is named by; undefined if it is not selected. */
export function findEntries({ kind, entries }: Selection, { verb, path }: Route): readonly string[] | undefined {
  if (kind === "all" || kind === "rest") return [];
  const own = kind === "only" ? normalName(path === "" ? verb : `${verb} ${path}`) : withoutNames(path);
  const found = entries.filter((entry) =>
    kind === "only" ? entry === own : path !== "" && (own === entry || `${own}/`.startsWith(`${entry}/`)),
  );
  return found.length === 0 ? undefined : found;
}

/** Tells whether requests for a path below a selected one can come to a route that is not below it: by parameters, or as `$default`. */
export function answersBelow({ kind, entries }: Selection, { path }: Route): boolean {
  if (kind !== "below") return false;
  const own = path === "" ? ["{+}"] : withoutNames(path).split("/").slice(1);
  return entries.some((entry) => {
    const above = entry.split("/").slice(1);
    for (const [at, part] of above.entries()) {
      const mine = own[at];
      if (mine === "{+}") return true;
      if (mine === undefined || (mine !== part && mine !== "{}" && part !== "{}")) return false;
    }
    return true;
  });
}
