import type { EngineInput } from "../contract/engine-input.ts";
import { parseTemplate } from "../contract/path-template.ts";
import type { PolicyIndex } from "../contract/policy-index.ts";
import { HTTP_METHODS, methodsOfAll, withoutNames } from "../contract/route.ts";
import { type Principal, type Situation, toPrincipals } from "./principals.ts";

/** Requests at the paths of a policy's rules, by every kind of principal and in every situation. */
export interface Requests {
  /** All of them, or an even part of them. */
  readonly inputs: Iterable<EngineInput>;
  /** The share that is made: one in so many. */
  readonly oneIn: number;
  readonly principals: number;
}

/** A path, and the claims that equal its parameters for the rules that say so. */
interface Place {
  readonly path: string;
  readonly own: Readonly<Record<string, string>>;
}

/**
 * Makes requests from a policy: at each path of a grant or denial, at a longer and a shorter one, and at those with an empty
 * segment; with each method of the rules there and one other; by each principal, who owns the path's parameters or not; in
 * each situation.
 *
 * @param atMost - The approximate number of requests. If there are more, they are thinned out evenly.
 */
export function toRequests(index: PolicyIndex, situations: readonly Situation[], atMost: number): Requests {
  const principals = toPrincipals(index.roles);
  const routes = toRoutes(index);
  const perRoute = principals.length * situations.length;
  const total = routes.reduce((sum, { place }) => sum + perRoute * ownersOf(place).length, 0);
  const oneIn = Math.max(1, Math.ceil(total / atMost));
  return {
    oneIn,
    principals: principals.length,
    inputs: {
      *[Symbol.iterator]() {
        let count = 0;
        for (const { place, method } of routes)
          for (const owned of ownersOf(place))
            for (const principal of principals)
              for (const situation of situations)
                if (isTaken(count++, oneIn)) yield toInput(principal, { ...situation, owned }, method, place.path);
      },
    },
  };
}

/** Takes one number in `oneIn`, scattered so that no combination of dimensions is left out as a whole. */
function isTaken(count: number, oneIn: number): boolean {
  return oneIn === 1 || (Math.imul(count, 0x9e3779b1) >>> 8) % oneIn === 0;
}

function toInput(
  principal: Principal,
  { claims, owned, request, ...others }: Situation & { readonly owned: Readonly<Record<string, string>> },
  method: string,
  path: string,
): EngineInput {
  const who = principal && { ...principal, claims: { ...claims, ...owned, ...principal.claims } };
  return { ...(who && { principal: who }), request: { ...request, method, path }, ...others };
}

/** Lists the claims of an owner of a place's parameters, of an owner of others, and of nobody's. */
function ownersOf({ own }: Place): readonly Readonly<Record<string, string>>[] {
  const names = Object.keys(own);
  return names.length === 0 ? [{}] : [{}, own, Object.fromEntries(names.map((name) => [name, "other"]))];
}

function toRoutes({ grants, denials }: PolicyIndex) {
  const rules = [...Object.values(grants), ...Object.values(denials).map((denial) => ({ ...denial, where: {} }))];
  const byTemplate = new Map<string, typeof rules>();
  for (const rule of rules) {
    const template = withoutNames(rule.path);
    byTemplate.set(template, [...(byTemplate.get(template) ?? []), rule]);
  }
  const routes = [...byTemplate.values()].flatMap((atTemplate) => {
    const verbs = methodsOfAll(atTemplate.flatMap((rule) => rule.verbs));
    const other = HTTP_METHODS.find((method) => !verbs.includes(method));
    const own = Object.assign({}, ...atTemplate.map(toOwn));
    const [path = "/"] = atTemplate.map((rule) => toPath(rule.path));
    const before = path.slice(0, path.lastIndexOf("/"));
    const places = [path, `${path === "/" ? "" : path}/z`, `${path}/`, before || "/", `${before}/`];
    return places.flatMap((at) =>
      [...verbs, ...(other === undefined ? [] : [other])].map((method) => ({ method, place: { path: at, own } })),
    );
  });
  return [...new Map(routes.map((route) => [`${route.method} ${route.place.path}`, route])).values()];
}

/** Makes the claims that equal the parameters of a rule's path, where the rule says that they must. */
function toOwn({ where, path }: { readonly where: Readonly<Record<string, string>>; readonly path: string }) {
  const values = parseTemplate(path).map(
    (segment, at) => [segment.kind === "parameter" ? segment.name : "", at] as const,
  );
  return Object.fromEntries(
    Object.entries(where).map(([parameter, claim]) => [claim, `v${values.find(([name]) => name === parameter)?.[1]}`]),
  );
}

/** Makes a path that a template matches. Parameters have values of their own, by their positions. */
function toPath(template: string): string {
  const texts = parseTemplate(template).map((segment, at) => {
    if (segment.kind === "literal") return segment.text;
    return segment.isGreedy ? `v${at}/w` : `v${at}`;
  });
  return `/${texts.join("/")}`;
}
