import { type Forbidding, type Rule, roleNames, roleOf, toGridGrant, toRestGrant } from "./access-policies.ts";

/** The numbers of a policy's rules. */
export interface GrowthSize {
  readonly grants: number;
  readonly denials: number;
  readonly conditions: number;
  /** The files that the rules are spread over; default: 10. */
  readonly areas?: number;
}

/** The grants of one service of the REST-shaped policy, whose denials are each for the whole of a service. */
const PER_SERVICE = 10;

interface Shape {
  readonly toGrant: (at: number) => Rule;
  readonly toDenial: (at: number) => Forbidding;
}

/** The shapes of policies: as companies have them, and one in which each denial meets each grant in paths of their own. */
export const GROWTH_SHAPES: Readonly<Record<string, Shape>> = {
  rest: {
    toGrant: toRestGrant,
    toDenial: (at) => ({ verbs: ["DELETE"], path: `/service${at}/{rest+}` }),
  },
  // The numbers of the literals go on beyond those of the grants.
  grid: { toGrant: toGridGrant, toDenial: (at) => ({ verbs: ["GET"], path: toGridGrant(1_000_000 + at).path }) },
};

/**
 * Creates the files of a policy of some size, by their path from the folder of policies. Grants and denials name the
 * conditions in turn, so that each is used if there are rules enough.
 */
export function toGrowthPolicies(shape: Shape, size: GrowthSize): Readonly<Record<string, string>> {
  const { grants, denials, conditions, areas = 10 } = size;
  const nameOf = (at: number) => `condition${at % conditions}`;
  const texts = Array.from({ length: areas }, (_, area) => [`package access.area${area}\n`]);
  for (let at = 0; at < grants; at += 1) {
    const { when: _when, ...rule } = shape.toGrant(at);
    const when = conditions > 0 && at % PER_SERVICE === 0 ? [nameOf(at / PER_SERVICE)] : [];
    texts[at % areas]?.push(formatRule(`grants["grant${at}"]`, { ...rule, when }));
  }
  for (let at = 0; at < denials; at += 1) {
    const held = at % 2 === 0 && conditions > 0 ? { unless: [nameOf(at)] } : { roles: [roleOf(at)] };
    texts[at % areas]?.push(formatRule(`denials["denial${at}"]`, { ...shape.toDenial(at), ...held }));
  }
  return {
    ...Object.fromEntries(texts.map((text, area) => [`access/area${area}.rego`, text.join("\n")])),
    "access/roles.rego": formatRoles(),
    ...(conditions > 0 && { "access/conditions.rego": formatConditions(conditions) }),
  };
}

function formatRule(name: string, { path, where, ...sets }: Partial<Rule & Forbidding>): string {
  const lines = Object.entries(sets)
    .filter(([, names]) => names.length > 0)
    .map(([key, names]) => `\t"${key}": {${names.map((one) => JSON.stringify(one)).join(", ")}},\n`);
  const own = where === undefined ? "" : `\t"where": ${formatWhere(where)},\n`;
  return `# METADATA\n# title: Rule ${name.replaceAll(/\W+/g, " ").trim()}\n${name} := {\n${lines.join("")}\t"path": ${JSON.stringify(path)},\n${own}}\n`;
}

function formatWhere(where: Readonly<Record<string, string>>): string {
  const entries = Object.entries(where).map(([parameter, claim]) => `"${parameter}": "${claim}"`);
  return `{${entries.join(", ")}}`;
}

function formatRoles(): string {
  const rules = roleNames().map((role) => `${role} := {"groups": {"Group of ${role}"}}\n`);
  return `package access.roles\n\n${rules.join("\n")}`;
}

/** Formats conditions on networks, headers, claims and the time of sign-in, in turn. */
function formatConditions(count: number): string {
  const statements = [
    (at: number) => `net.cidr_contains("10.${at % 256}.0.0/16", input.request.source_ip)`,
    (at: number) => `input.request.headers["x-part-${at}"][0] == input.principal.claims["custom:part"]`,
    (at: number) => `input.principal.claims["custom:level"] == "level ${at}"`,
    (at: number) => `values.within(input.now_s, input.principal.claims.auth_time, ${at + 60})`,
  ];
  const rules = Array.from({ length: count }, (_, at) => {
    return `# METADATA\n# title: Condition ${at}\ncondition${at} if ${statements[at % statements.length]?.(at)}\n`;
  });
  const schemas = "# METADATA\n# title: Conditions\n# schemas:\n# - input: schema.input\n";
  const imports = count > 3 ? "import data.engine.values\n\n" : "";
  return `${schemas}package access.conditions\n\n${imports}${rules.join("\n")}`;
}
