import { createAutomaton, createIntersection, findCounterexample, type Glob } from "../cache/language.ts";
import type { Need } from "../cache/needs.ts";
import { arrivesEncoded, ofPattern, ofTemplate, toPattern } from "../cache/patterns.ts";
import { type Fault, findFault, toOther, type Universe } from "../cache/proof.ts";
import { HTTP_METHODS, methodsOf, segmentsOf } from "../cache/routes.ts";
import type { RuleIndex } from "../cache/token-answers.ts";
import type { Listed } from "./export.ts";
import { type Places, verbsAt } from "./places.ts";
import type { Allowed } from "./statements.ts";
import { isTaggable } from "./tags.ts";

type Grant = RuleIndex["grants"][string];

/** What the holders of some roles are allowed. */
interface AllowedToRoles {
  readonly resources: readonly Allowed[];
  /** To be denied, since wildcards of resources take them in. */
  readonly carved: readonly string[];
  readonly listed: readonly Listed[];
}

/**
 * The resources of all grants that some roles have for certain.
 *
 * It is proved grant by grant and verb by verb that a resource matches nothing that these roles are not granted. Where a
 * wildcard would, the paths with a segment too many are denied, unless another grant is for one of those; and where
 * that does not do, the grant is left out.
 */
export function toAllowed(
  grants: RuleIndex["grants"],
  roles: readonly string[],
  places: Places,
  tags: ReadonlyMap<string, string>,
): AllowedToRoles {
  const held = Object.entries(grants).filter(([, grant]) => isCertain(grant) && isHeld(grant, roles));
  const granted = new Map(
    HTTP_METHODS.map((verb) => {
      const rules = held.filter(([, { verbs }]) => verbs.flatMap(methodsOf).includes(verb));
      return [verb, rules.map(([, { path, where }]) => ({ path, where }))];
    }),
  );
  const resources: Allowed[] = [];
  const carved: string[] = [];
  const listed: Listed[] = [];
  for (const [name, grant] of held) {
    const leave = (reason: string) => listed.push({ where: name, what: "left_out", reason });
    if (grant.path === "/" && grant.verbs.includes("CONNECT")) resources.push({ resource: "$connect", tags: [] });
    const asked = [...new Set(grant.verbs.flatMap(methodsOf))].filter((verb) => HTTP_METHODS.includes(verb));
    const verbs = verbsAt(places, asked, grant.path);
    if (asked.length > 0 && verbs.length === 0) leave("is on no route of the API");
    if (verbs.length > 0 && arrivesEncoded(grant.path)) {
      leave("its path has a character that arrives percent-encoded, which no document can tell apart");
      continue;
    }
    const pattern = toPattern(grant.path, grant.where);
    const text = pattern.map((part, at) => (at % 2 === 0 ? part : variableOf(tags.get(grant.where[part] ?? ""))));
    const ofGrant = new Set(Object.values(grant.where).map((claim) => tags.get(claim) ?? ""));
    const allow = (verb: string) => resources.push({ resource: `${verb}${text.join("")}`, tags: [...ofGrant].sort() });

    const isForAll = (verb: string) => {
      const universe = places.byVerb.get(verb);
      return universe === undefined || isExact(findFault(grant, universe, mayOf(grant, granted.get(verb)), [], true));
    };
    if (verbs.length > 2 && HTTP_METHODS.every(isForAll)) {
      allow("*");
      continue;
    }
    const faults = new Map<string, string[]>();
    for (const verb of verbs) {
      const universe = places.byVerb.get(verb);
      if (universe === undefined) continue;
      const may = granted.get(verb) ?? [];
      const fault = findFault(grant, universe, mayOf(grant, may));
      const carve = carvesOf(grant.path, grant.where);
      const globs = carve.map(ofPattern);
      if (isExact(fault)) allow(verb);
      else if (
        isExact(findFault(grant, universe, mayOf(grant, may), globs)) &&
        !meets(globs, [...may.map(({ path }) => path)], universe)
      ) {
        allow(verb);
        carved.push(...carve.map((path) => `${verb}${path}`));
      } else {
        const reason = describe(grant.path, fault);
        faults.set(reason, [...(faults.get(reason) ?? []), verb]);
      }
    }
    for (const [reason, list] of faults) leave(`${list.join(", ")}: ${reason}`);
  }
  return { resources, carved, listed };
}

/** Grants that depend on a condition, or on a claim that is no text, with the documents that they would be in. */
export function listLeftOut(
  grants: RuleIndex["grants"],
  needs: ReadonlyMap<string, readonly Need[]>,
  documents: readonly (readonly [string, readonly string[]])[],
): readonly Listed[] {
  return Object.entries(grants).flatMap(([where, grant]) => {
    const holders = documents.filter(([, roles]) => isHeld(grant, roles)).map(([name]) => name);
    const texts = Object.values(grant.where).filter((claim) => !isTaggable(claim));
    const reasons = [
      ...grant.when.map((name) => `asks for ${name}, which IAM can't evaluate (${readsOf(needs.get(name) ?? [])})`),
      ...texts.map((claim) => `asks for ${claim}, which is no text in an ID token, but would be one as a tag`),
    ];
    if (reasons.length === 0 || holders.length === 0) return [];
    return [{ where, what: "left_out", reason: reasons.join("; "), documents: holders } satisfies Listed];
  });
}

function readsOf(needs: readonly Need[]): string {
  const reads = [...new Set(needs.map(({ read }) => read))].sort();
  return reads.length > 0 ? `it reads ${reads.join(", ")}` : "though it reads nothing but the token";
}

function isCertain({ when, where }: Grant): boolean {
  return when.length === 0 && Object.values(where).every(isTaggable);
}

function isHeld(grant: Grant, roles: readonly string[]): boolean {
  return grant.roles.some((role) => roles.includes(role));
}

type PathAndWhere = Pick<Grant, "path" | "where">;

/** Grants that whoever has this one has too: their claims are among its own. */
function mayOf(grant: PathAndWhere, others: readonly PathAndWhere[] = []): readonly PathAndWhere[] {
  const claims = Object.values(grant.where);
  return others.filter(({ where }) => Object.values(where).every((claim) => claims.includes(claim)));
}

function isExact(fault: Fault | undefined): boolean {
  return fault === undefined;
}

function variableOf(tag: string | undefined): string {
  return `\${aws:PrincipalTag/${tag}}`;
}

/** Patterns of all that wildcards take in with a segment too many, without variables: a missing tag would disarm them. */
function carvesOf(path: string, where: Readonly<Record<string, string>>): readonly string[] {
  const segments = segmentsOf(path);
  return segments.flatMap((segment, at) => {
    const [, name, plus] = /^\{([^{}+]+)(\+?)\}$/.exec(segment) ?? [];
    if (name === undefined || plus === "+" || Object.hasOwn(where, name)) return [];
    const doubled = [...segments.slice(0, at), "{one}", "{more}", ...segments.slice(at + 1)];
    return [toPattern(`/${doubled.join("/")}`, {}).join("")];
  });
}

/** Some path that could arrive is of a pattern and of a template. */
function meets(patterns: readonly Glob[], templates: readonly string[], { paths, automaton }: Universe): boolean {
  const granted = createAutomaton(templates.map((path) => ofTemplate(path)));
  const none = createAutomaton([]);
  const claim = {
    universe: createIntersection(automaton, granted),
    matched: createAutomaton(patterns),
    must: none,
    may: none,
  };
  return findCounterexample(claim, toOther([...paths, ...templates].flatMap(segmentsOf))) !== undefined;
}

function describe(path: string, fault: Fault | undefined): string {
  switch (fault?.code) {
    case "too_many_claims":
      return "has too many claims in `where` to be proved";
    case "too_wide":
      return `${fault.resource} would open ${fault.path}, which is not of ${path}`;
    default:
      return `can't be proved for ${path}`;
  }
}
