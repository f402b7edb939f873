import { createHash } from "node:crypto";
import {
  deriveEach,
  type ForEachKey,
  type IndexedDenial,
  type IndexedGrant,
  type PolicyIndex,
} from "../../contract/policy-index.ts";
import { formatRoleWay, listRoleWays } from "../../contract/role-ways.ts";

/** With more rules than that, a summary has a line for each area, so that it does not fill the template. */
const MAX_RULES = 200;

const listed = (before: string, names: readonly string[], between = ", ") =>
  names.length === 0 ? "" : `${before} ${names.join(between)}`;

const GRANT: ForEachKey<IndexedGrant, string> = {
  api: ({ api }) => listed("on", api),
  verbs: ({ verbs }) => verbs.join(","),
  path: ({ path }) => path,
  roles: ({ roles }) => listed("for", roles),
  where: ({ where }) =>
    listed(
      "where",
      Object.entries(where).map(([parameter, claim]) => `${parameter} is ${claim}`),
      " and ",
    ),
  when: ({ when }) => listed("when", when, " and "),
  // Both follow from the path.
  params: () => "",
  tail: () => "",
};

const DENIAL: ForEachKey<IndexedDenial, string> = {
  api: ({ api }) => listed("on", api),
  verbs: ({ verbs }) => verbs.join(","),
  path: ({ path }) => path,
  roles: ({ roles }) => listed("for", roles.length === 0 ? ["everybody"] : roles),
  unless: ({ unless }) => listed("unless", unless, " and "),
  params: () => "",
  tail: () => "",
};

/**
 * Summarizes a policy for the template, so that `cdk diff` shows which rules a deployment adds, changes or removes. It does not
 * have the code of conditions, which only the revision covers.
 */
export function summarizePolicy({ grants, denials, roles }: PolicyIndex): Readonly<Record<string, string>> {
  const format = (parts: readonly string[]) => parts.filter((part) => part !== "").join(" ");
  const rules = [
    ...Object.entries(grants).map(([name, grant]): Line => [`grant ${name}`, format(deriveEach(GRANT, grant))]),
    ...Object.entries(denials).map(([name, denial]): Line => [`denial ${name}`, format(deriveEach(DENIAL, denial))]),
  ];
  const ways = listRoleWays(roles).map((way): Line => [formatRoleWay(way), listed("has", way.roles)]);
  const all = [...rules, ...ways].sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(all.length > MAX_RULES ? shorten(all) : all);
}

type Line = readonly [name: string, text: string];

/** Replaces lines by their number and their digest, for each kind of line and area. */
function shorten(lines: readonly Line[]): readonly Line[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const group = groupOf(line[0]);
    groups.set(group, [...(groups.get(group) ?? []), line]);
  }
  return [...groups].map(([group, those]) => [
    group,
    `${those.length}, sha256 ${createHash("sha256").update(JSON.stringify(those)).digest("hex").slice(0, 12)}`,
  ]);
}

/** Names the group of a line: `grants of admin` for `grant admin.open`. */
function groupOf(name: string): string {
  const [kind = "", rule = ""] = name.split(" ");
  return kind === "grant" || kind === "denial" ? `${kind}s of ${rule.split(".")[0]}` : `ways to roles: ${kind}`;
}
