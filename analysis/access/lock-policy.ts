import type { RoleFormula } from "../../contract/condition-facts.ts";
import { own } from "../../contract/json.ts";
import type { HeldRoles, IndexedDenial, IndexedGrant } from "../../contract/policy-index.ts";
import type { PublicRule } from "../../contract/public-rules.ts";
import { type AccessLock, nameOfInstance } from "./lock.ts";
import { formatLine } from "./lock-lines.ts";
import type { AccessPolicy, Apis, Region, Who } from "./model.ts";
import { splitUnquoted } from "./quoted.ts";
import { formatWho, parseWho } from "./who.ts";

/**
 * Makes a policy that gives the access of a lock: a rule for each line, named as the line, and a role for each thing that a
 * token carries. What a line excepts follows from the denials.
 */
export function toLockPolicy({ lines, conditions }: AccessLock): AccessPolicy {
  const roles = createRoles();
  const facts = new Map<string, AccessPolicy["conditions"][string]>();
  /**
   * Notes a condition of an instance, and gives the positions of the parameters that it reads.
   *
   * @param others - The instances of the same condition before it in its line. A rule names a condition once, so each further
   *   instance is of a condition of its own, with the same digest.
   */
  const toCondition = (instance: string, who: Who, others: number): { name: string; positions: readonly string[] } => {
    const noted = own(conditions, nameOfInstance(instance));
    if (noted === undefined) return { name: noteFormula(toFormula(instance, who, roles)), positions: [] };
    const name = [nameOfInstance(instance), ...(others > 0 ? [others + 1] : [])].join(" ");
    const positions = /\(([^()]*)\)$/.exec(instance)?.[1]?.split(",") ?? [];
    facts.set(name, { ...noted, params: positions.map((_, at) => `${name} ${at}`) });
    return { name, positions };
  };
  const noteFormula = (formula: RoleFormula): string => {
    const name = JSON.stringify(formula);
    facts.set(name, { digest: name, text: name, params: [], roles: formula });
    return name;
  };
  const toConditions = (instances: readonly string[], who: Who) => {
    const names = instances.map(nameOfInstance);
    const found = instances.map((one, at) =>
      toCondition(one, who, names.slice(0, at).filter((name) => name === names[at]).length),
    );
    const at = found.flatMap(({ name, positions }) =>
      positions.map((text, part) => [`${name} ${part}`, text] as const),
    );
    const numbers = (isWanted: (text: string) => boolean) =>
      at.flatMap(([param, text]) => (isWanted(text) ? [[param, Number.parseInt(text, 10)] as const] : []));
    return {
      names: found.map(({ name }) => name),
      params: numbers((text) => /^\d+$/.test(text)),
      tail: numbers((text) => text.endsWith("+")),
    };
  };

  const grants: [string, IndexedGrant][] = [];
  const denials: [string, IndexedDenial][] = [];
  const publicRules: PublicRule[] = [];
  for (const line of lines) {
    const [name, path, api] = [formatLine(line), toTemplate(line.region), toApiList(line.apis)];
    const { verbs } = line;
    if (line.kind === "public") {
      publicRules.push({ name, verbs, path, ...(api.length > 0 && { apis: api }) });
      continue;
    }
    const held = line.who.atoms.map((_, at) => roles.roleOf(line.who, at));
    const all = held.length > 1 ? [noteFormula([{ has: held, lacks: [] }])] : [];
    if (line.kind === "allow") {
      const { names, params, tail } = toConditions(line.terms.conditions, line.who);
      const own = line.terms.own.map(([position, claim]) => [`own ${position} ${claim}`, position, claim] as const);
      grants.push([
        name,
        {
          ...{ api, verbs, path, roles: held.length === 0 ? ["authenticated"] : held.slice(0, 1) },
          params: Object.fromEntries([...params, ...own.map(([param, position]) => [param, position] as const)]),
          tail: Object.fromEntries(tail),
          where: Object.fromEntries(own.map(([param, , claim]) => [param, claim])),
          when: [...names, ...all].sort(),
        },
      ]);
    } else {
      const { names, params, tail } = toConditions(line.unless, line.who);
      const common = { api, verbs, path, params: Object.fromEntries(params), tail: Object.fromEntries(tail) };
      // Whoever lacks one of several things is not denied. Beside conditions a denial can't say so, and is for the first thing.
      const lacking = held.slice(1).map((role) => ({ has: [], lacks: [role] }));
      const unless = lacking.length > 0 && names.length === 0 ? [noteFormula(lacking)] : names;
      denials.push([name, { ...common, roles: held.slice(0, 1), unless }]);
    }
  }
  return {
    grants: Object.fromEntries(grants),
    denials: Object.fromEntries(denials),
    roles: roles.table(),
    publicRules,
    conditions: Object.fromEntries(facts),
  };
}

interface Roles {
  /** Gives the role that an atom of a principal makes. */
  readonly roleOf: (who: Who, at: number) => string;
  readonly table: () => AccessPolicy["roles"];
}

/** Creates roles: one for each thing that a token carries. */
function createRoles(): Roles {
  const noted = new Map<string, Who>();
  return {
    roleOf({ atoms, issuer }, at) {
      const who: Who = { atoms: atoms.slice(at, at + 1), issuer };
      noted.set(formatWho(who), who);
      return formatWho(who);
    },
    table() {
      const ofAny = toHeld([...noted].filter(([, { issuer }]) => issuer === undefined));
      const issuers = new Set([...noted.values()].flatMap(({ issuer }) => issuer ?? []));
      const tied = [...issuers].map(
        (issuer) => [issuer, toHeld([...noted].filter(([, who]) => who.issuer === issuer))] as const,
      );
      return { ...ofAny, issuers: Object.fromEntries(tied) };
    },
  };
}

function toHeld(noted: readonly (readonly [role: string, who: Who])[]): HeldRoles {
  const entries = noted.flatMap(([role, { atoms }]) => atoms.map((atom) => ({ role, atom })));
  const valuesOf = (by: "group" | "scope" | "kind") =>
    Object.fromEntries(entries.flatMap(({ role, atom }) => (atom.by === by ? [[atom.value, [role]]] : [])));
  const claims: Record<string, Record<string, readonly string[]>> = {};
  for (const { role, atom } of entries) {
    if (atom.by === "claim") claims[atom.claim] = { ...claims[atom.claim], [atom.value]: [role] };
  }
  return { groups: valuesOf("group"), scopes: valuesOf("scope"), kinds: valuesOf("kind"), claims };
}

/** Reads what a line says of roles: `not group A and not scope b`, or `group A + not group B or group C`. */
function toFormula(text: string, line: Who, roles: Roles): RoleFormula {
  return splitUnquoted(text, " or ").map((alternative) => {
    const terms = splitUnquoted(alternative, " and ").flatMap((part) => splitUnquoted(part, " + "));
    const rolesOf = (term: string): readonly string[] => {
      const who = parseWho(term) ?? { atoms: [], issuer: line.issuer };
      return who.atoms.map((_, at) => roles.roleOf(who, at));
    };
    const isNot = (term: string) => term.startsWith("not ");
    return {
      has: terms.filter((term) => !isNot(term)).flatMap(rolesOf),
      lacks: terms.filter(isNot).flatMap((term) => rolesOf(term.slice(4))),
    };
  });
}

/** Names the parameters of a region's path, since a policy has names for them. */
function toTemplate({ path }: Region): string {
  let count = 0;
  return path.replace(/\{(\+?)\}/g, (_, plus) => `{p${count++}${plus}}`);
}

/** Lists the APIs of a rule. Where a line is for all but some, the others are left out by denials or have stricter ones. */
function toApiList(apis: Apis): readonly string[] {
  return apis !== undefined && "only" in apis ? apis.only : [];
}
