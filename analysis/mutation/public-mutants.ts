import { isObject, isText, isTexts } from "../../contract/json.ts";
import { covers, overlaps, parseTemplate } from "../../contract/path-template.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { methodsOfAll } from "../../contract/route.ts";

type Rules = Readonly<Record<string, unknown>>;

/** A policy with one public rule that opens more. */
export interface PublicMutant {
  /** `ops.health` */
  readonly rule: string;
  readonly change: string;
  /** A line of a table of `testing.is_public`: it passes on the policy and fails on the mutant. */
  readonly case: string;
  /** All public rules of the mutant. */
  readonly publicRules: Rules;
}

/** The parts of a public rule that say what it opens. */
interface Opened {
  readonly verbs: readonly string[];
  readonly path: string;
  readonly api: readonly string[];
}

/** A change of a rule, and a request that it opens. */
interface Change {
  readonly change: string;
  readonly title: string;
  readonly opened: Opened;
  readonly method: string;
  readonly path: string;
  /** The API of the request; undefined if it is for none by name. */
  readonly api?: string;
}

/**
 * Lists the mutants of the public rules that would build: with one more verb, with a literal of the path made a parameter, and for all APIs.
 * A mutant that shares a request with a grant or a denial does not build, and one that opens nothing new can't be noticed.
 */
export function listPublicMutants(rules: Rules, index: PolicyIndex): readonly PublicMutant[] {
  const all = Object.entries(rules).map(([name, rule]) => [name, toOpened(rule)] as const);
  const isRuled = ({ opened }: Change) =>
    [...Object.values(index.grants), ...Object.values(index.denials)].some((rule) => sharesRequest(opened, rule));
  const isOpen = ({ method, path, api }: Change) =>
    all.some(([, rule]) => {
      const isFor = rule.api.length === 0 || (api !== undefined && rule.api.includes(api));
      return isFor && methodsOfAll(rule.verbs).includes(method) && covers(rule.path, path);
    });
  return all.flatMap(([name, rule]) =>
    [...openVerbs(name, rule), ...openPath(name, rule), ...openApis(name, rule)]
      .filter((change) => !isRuled(change) && !isOpen(change))
      .map((one) => ({
        rule: name,
        change: one.change,
        case: formatCase(one),
        publicRules: { ...rules, [name]: withOpened(rules[name], one.opened) },
      })),
  );
}

function toOpened(rule: unknown): Opened {
  const { verbs, path, api } = isObject(rule) ? rule : {};
  return { verbs: isTexts(verbs) ? verbs : [], path: isText(path) ? path : "/", api: isTexts(api) ? api : [] };
}

function withOpened(rule: unknown, { verbs, path, api }: Opened): object {
  const { api: _, ...others } = isObject(rule) ? rule : {};
  return { ...others, verbs, path, ...(api.length > 0 && { api }) };
}

function openVerbs(name: string, opened: Opened): readonly Change[] {
  const own = methodsOfAll(opened.verbs);
  const others = methodsOfAll(["ANY"]).filter((verb) => !own.includes(verb));
  return others.map((verb) => ({
    change: `opened to the verb ${verb}`,
    title: `${name} does not open ${verb}`,
    opened: { ...opened, verbs: [...opened.verbs, verb].sort() },
    ...requestFor(opened, { method: verb }),
  }));
}

function openPath(name: string, opened: Opened): readonly Change[] {
  const texts = opened.path.slice(1).split("/");
  return parseTemplate(opened.path).flatMap((segment, at): readonly Change[] => {
    if (segment.kind !== "literal") return [];
    const replace = (text: string) => `/${texts.map((own, place) => (place === at ? text : own)).join("/")}`;
    const path = replace(`{any${at}}`);
    return [
      {
        change: `opened to ${path}`,
        title: `${name} does not open ${path}`,
        opened: { ...opened, path },
        ...requestFor({ ...opened, path: replace(`not-${texts[at]}`) }, {}),
      },
    ];
  });
}

function openApis(name: string, opened: Opened): readonly Change[] {
  if (opened.api.length === 0) return [];
  const title = `${name} is for ${opened.api.join(" and ")} only`;
  return [
    { change: "opened to all APIs", title, opened: { ...opened, api: [] }, ...requestFor(opened, { api: "another" }) },
  ];
}

/** Makes a request that a rule opens, or would with a change. */
function requestFor(
  { verbs, path, api: [first] }: Opened,
  changed: { readonly method?: string; readonly api?: string },
) {
  const [method = "GET"] = methodsOfAll(verbs);
  const api = first === undefined ? {} : { api: first };
  return { method, path: path.replaceAll(/\{[^}]*\}/g, "7"), ...api, ...changed };
}

function sharesRequest(one: Opened, other: Opened): boolean {
  const methods = methodsOfAll(other.verbs);
  const isForOne = one.api.length === 0 || other.api.length === 0 || one.api.some((api) => other.api.includes(api));
  return (
    isForOne && methodsOfAll(one.verbs).some((method) => methods.includes(method)) && overlaps(one.path, other.path)
  );
}

function formatCase({ title, method, path, api }: Change): string {
  const fields = { ...(method !== "GET" && { method }), path, ...(api !== undefined && { api }), public: false };
  const written = Object.entries(fields).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `${JSON.stringify(title)}: {${written.join(", ")}},`;
}
