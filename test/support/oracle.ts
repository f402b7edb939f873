/**
 * The meaning of a policy, written a second time: straight from the description of the policy language, without an
 * index, without Rego, one grant after the other. The engine must decide the same.
 */

export interface Grant {
  /** The APIs that it is for, by name; missing: all. */
  readonly api?: readonly string[];
  readonly roles: readonly string[];
  readonly verbs: readonly string[];
  readonly path: string;
  readonly where?: Readonly<Record<string, string>>;
  readonly when?: readonly string[];
}

export interface Denial {
  readonly api?: readonly string[];
  readonly roles?: readonly string[];
  readonly verbs: readonly string[];
  readonly path: string;
  readonly unless?: readonly string[];
}

export interface Role {
  readonly groups?: readonly string[];
  readonly scopes?: readonly string[];
  readonly kinds?: readonly string[];
  readonly claims?: Readonly<Record<string, readonly string[]>>;
  readonly issuers?: readonly string[];
  readonly includes?: readonly string[];
}

export interface Policy {
  readonly roles: Readonly<Record<string, Role>>;
  readonly grants: Readonly<Record<string, Grant>>;
  readonly denials: Readonly<Record<string, Denial>>;
}

export interface Input {
  readonly principal?: {
    readonly kind?: "user" | "machine";
    readonly issuer_name?: string;
    readonly claims?: Readonly<Record<string, unknown>>;
  };
  readonly request: {
    readonly api?: unknown;
    readonly method: string;
    readonly path: string;
    readonly source_ip?: string;
    readonly headers?: Readonly<Record<string, readonly string[]>>;
    readonly query?: Readonly<Record<string, readonly string[]>>;
  };
  readonly now_s: number;
}

/** A condition in TypeScript, to be compared with the same one in Rego. */
export type Condition = (input: Input, params: Readonly<Record<string, string>>) => boolean;

/** Decides on an input, and returns the decision in the form of the engine. */
export function decide(
  policy: Policy,
  conditions: Readonly<Record<string, Condition>>,
  input: Input,
): { readonly effect: "allow" | "deny"; readonly roles: readonly string[] } & Readonly<Record<string, unknown>> {
  const roles = rolesOf(policy, input);
  const holds = (names: readonly string[] = [], params: Readonly<Record<string, string>>) =>
    names.filter((name) => !conditions[name]?.(input, params));

  // The name of the API that the request came from. Whatever is not a name says nothing.
  const from = typeof input.request.api === "string" && input.request.api !== "" ? input.request.api : undefined;
  const denials = Object.entries(policy.denials).filter(([, denial]) => {
    if (denial.api !== undefined && from !== undefined && !denial.api.includes(from)) return false;
    const params = matched(denial, input);
    if (params === undefined) return false;
    if (denial.roles !== undefined && !denial.roles.some((role) => roles.includes(role))) return false;
    return denial.unless === undefined || holds(denial.unless, params).length > 0;
  });
  if (denials.length > 0) {
    return { effect: "deny", reasons: ["denial"], denials: namesOf(denials), unmet: {}, roles };
  }

  const allowed: Record<string, Readonly<Record<string, string>>> = {};
  const unmet: Record<string, readonly string[]> = {};
  const reasons = new Set<string>();
  for (const [name, grant] of Object.entries(policy.grants)) {
    if (grant.api !== undefined && (from === undefined || !grant.api.includes(from))) continue;
    const params = matched(grant, input);
    if (params === undefined) continue;
    const missing = holds(grant.when, params);
    if (!grant.roles.some((role) => roles.includes(role))) reasons.add("role.missing");
    else if (Object.entries(grant.where ?? {}).some(([param, claim]) => !isClaim(input, claim, params[param])))
      reasons.add("where.mismatch");
    else if (missing.length > 0) {
      reasons.add("condition.unmet");
      unmet[name] = [...missing].sort();
    } else allowed[name] = params;
  }
  if (Object.keys(allowed).length > 0)
    return { effect: "allow", grants: Object.keys(allowed).sort(), params: allowed, roles };
  if (reasons.size === 0) reasons.add("grant.none");
  return { effect: "deny", reasons: [...reasons].sort(), denials: [], unmet, roles };
}

function namesOf(entries: readonly (readonly [string, unknown])[]): readonly string[] {
  return entries.map(([name]) => name).sort();
}

function isClaim(input: Input, claim: string, value: string | undefined): boolean {
  const claimed = input.principal?.claims?.[claim];
  return typeof claimed === "string" && claimed === value;
}

/** Matches a verb and path, and returns the parameters. */
function matched(
  { verbs, path: template }: Grant | Denial,
  { request }: Input,
): Readonly<Record<string, string>> | undefined {
  const methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
  const meant = verbs.flatMap((verb) => (verb === "ANY" ? methods : [verb]));
  if (!meant.includes(request.method)) return undefined;
  const wanted = template.split("/").slice(1);
  const given = request.path.split("/").slice(1);
  if (!request.path.startsWith("/") || (given.includes("") && request.path !== "/")) return undefined;
  if (template === "/" || request.path === "/") return template === request.path ? {} : undefined;
  const params = new Map<string, string>();
  for (const [at, segment] of wanted.entries()) {
    if (segment.endsWith("+}")) {
      if (given.length <= at) return undefined;
      params.set(segment.slice(1, -2), given.slice(at).join("/"));
      return Object.fromEntries(params);
    }
    if (given[at] === undefined) return undefined;
    if (segment.startsWith("{")) params.set(segment.slice(1, -1), given[at]);
    else if (segment !== given[at]) return undefined;
  }
  return given.length === wanted.length ? Object.fromEntries(params) : undefined;
}

function rolesOf(policy: Policy, { principal }: Input): readonly string[] {
  if (principal === undefined) return [];
  const claims = principal.claims ?? {};
  const groups = Array.isArray(claims["cognito:groups"]) ? claims["cognito:groups"] : [];
  const scopes = principal.kind === "machine" && typeof claims["scope"] === "string" ? claims["scope"].split(" ") : [];
  const held = new Set<string>(["authenticated"]);
  const add = (name: string) => {
    if (held.has(name)) return;
    held.add(name);
    for (const other of policy.roles[name]?.includes ?? []) add(other);
  };
  for (const [name, role] of Object.entries(policy.roles)) {
    const byClaim = Object.entries(role.claims ?? {}).some(([claim, values]) =>
      valuesOf(claim, claims[claim]).some((value) => values.includes(value)),
    );
    if (role.issuers !== undefined && !role.issuers.some((issuer) => issuer === principal.issuer_name)) continue;
    if (
      byClaim ||
      role.groups?.some((group) => groups.includes(group)) ||
      role.scopes?.some((scope) => scopes.includes(scope)) ||
      role.kinds?.some((kind) => kind === principal.kind)
    )
      add(name);
  }
  return [...held].sort();
}

/** Lists the strings of a claim. */
function valuesOf(name: string, claim: unknown): readonly string[] {
  if (Array.isArray(claim)) return claim.filter((item) => typeof item === "string");
  if (typeof claim !== "string") return [];
  if (/^\[".*"\]$/s.test(claim) && !["cognito:groups", "cognito:roles", "scope"].includes(name))
    return jsonTexts(claim);
  if (name === "cognito:roles") return claim.startsWith("arn:") ? claim.split(/,(?=arn:)/) : [];
  if (!name.startsWith("custom:") || !/^\[.*\]$/s.test(claim)) return [claim];
  const items = claim.slice(1, -1).split(", ");
  if (items.some((item) => item === "" || /^ | $|[[\],"\\]/.test(item))) return [];
  try {
    return items.map((item) => decodeURIComponent(item.replaceAll("+", " ")));
  } catch {
    return [];
  }
}

/** Lists the texts of a JSON list, if it is one without escapes and with one kind of separator. */
function jsonTexts(text: string): readonly string[] {
  if (/\\|""/.test(text) || (text.includes('","') && text.includes('", "'))) return [];
  try {
    const items: unknown[] = JSON.parse(text);
    const texts = items.filter((item) => typeof item === "string");
    const isExact = [",", ", "].some(
      (between) => text === `[${items.map((item) => JSON.stringify(item)).join(between)}]`,
    );
    return texts.length === items.length && isExact ? texts : [];
  } catch {
    return [];
  }
}
