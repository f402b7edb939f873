import { expect, it } from "vitest";
import { findWithoutEffect } from "../../../../analysis/access/findings.ts";
import { type Parts, toAccessPolicyOf } from "../../../support/compared-policies.ts";

/** Lists what is found: `grant.redundant b: a`. */
function findingsOf(parts: Parts): readonly string[] {
  const found = findWithoutEffect(toAccessPolicyOf(parts));
  if (!found.ok) throw new Error(found.error.code);
  return found.value.map(({ code, name, others }) => [`${code} ${name}`, ...others].join(" "));
}

const CONDITIONS = { c: {}, d: {}, leads: { roles: [{ has: ["lead"], lacks: [] }] } };

it.each<[name: string, parts: Parts, found: readonly string[]]>([
  ["a wider path", { grants: { a: { path: "/a/{x+}" }, b: { path: "/a/{y}" } } }, ["grant.redundant b a"]],
  [
    "a path that is wider for some lengths only",
    { grants: { a: { path: "/a/{x}" }, b: { path: "/a/{y+}" } } },
    ["grant.redundant a b"],
  ],
  [
    "two paths together",
    { grants: { a: { path: "/a/{x}" }, b: { path: "/a/{x}/{y+}" }, c: { path: "/a/{z+}" } } },
    ["grant.redundant a c", "grant.redundant b c", "grant.redundant c a b"],
  ],
  ["the same twice", { grants: { b: { path: "/a/{x}" }, a: { path: "/a/{y}" } } }, ["grant.redundant b a"]],
  ["another verb", { grants: { a: { path: "/a", verbs: ["PUT"] }, b: { path: "/a" } } }, []],
  [
    "verbs of two",
    { grants: { a: { path: "/a", verbs: ["PUT"] }, b: { path: "/a" }, c: { path: "/a", verbs: ["GET", "PUT"] } } },
    ["grant.redundant a c", "grant.redundant b c", "grant.redundant c a b"],
  ],
  ["another role", { grants: { a: { path: "/a", roles: ["customer"] }, b: { path: "/a" } } }, []],
  [
    "an included role",
    { grants: { a: { path: "/a", roles: ["customer"] }, b: { path: "/a", roles: ["lead"] } } },
    ["grant.redundant b a"],
  ],
  [
    "everybody",
    { grants: { a: { path: "/a", roles: ["authenticated"] }, b: { path: "/a" } } },
    ["grant.redundant b a"],
  ],
  [
    "a condition fewer",
    { grants: { a: { path: "/a" }, b: { path: "/a", when: ["c"] } }, conditions: CONDITIONS },
    ["grant.redundant b a"],
  ],
  [
    "another condition",
    { grants: { a: { path: "/a", when: ["d"] }, b: { path: "/a", when: ["c"] } }, conditions: CONDITIONS },
    [],
  ],
  [
    "a condition for other roles",
    { grants: { a: { path: "/a", when: ["leads"] }, b: { path: "/a" } }, conditions: CONDITIONS },
    ["grant.redundant a b"],
  ],
  [
    "one's own",
    { grants: { a: { path: "/a/{x}", where: { x: "sub" } }, b: { path: "/a/{x}" } } },
    ["grant.redundant a b"],
  ],
  [
    "one's own by another claim",
    { grants: { a: { path: "/a/{x}", where: { x: "sub" } }, b: { path: "/a/{x}", where: { x: "iss" } } } },
    [],
  ],
  ["one API of two", { grants: { a: { path: "/a", api: ["shop"] }, b: { path: "/a" } } }, ["grant.redundant a b"]],
  ["another API", { grants: { a: { path: "/a", api: ["shop"] }, b: { path: "/a", api: ["bank"] } } }, []],
])("a grant is compared with another: %s", (_, parts, found) => {
  expect(findingsOf(parts)).toEqual(found);
});

it.each<[name: string, parts: Parts, found: readonly string[]]>([
  [
    "two denials of all lengths",
    { denials: { d: { path: "/a/{x}" }, e: { path: "/a/{x}/{y+}" } } },
    ["grant.shadowed g d e"],
  ],
  ["a denial of one length", { denials: { d: { path: "/a/{x}" } } }, []],
  [
    "a denial that a condition lifts",
    { denials: { d: { path: "/a/{x}" }, e: { path: "/a/{x+}", unless: ["c"] } }, conditions: CONDITIONS },
    [],
  ],
  ["a denial for the role", { denials: { d: { path: "/a/{x+}", roles: ["admin"] } } }, ["grant.shadowed g d"]],
  ["a denial for another role", { denials: { d: { path: "/a/{x+}", roles: ["customer"] } } }, []],
  ["a denial elsewhere", { denials: { d: { path: "/b" } } }, ["denial.idle d"]],
  ["a denial of another verb", { denials: { d: { path: "/a/{x}", verbs: ["PUT"] } } }, ["denial.idle d"]],
  [
    "a denial of another denial's paths",
    { denials: { d: { path: "/a/{x}" }, e: { path: "/a/b" } } },
    ["denial.redundant e d"],
  ],
  [
    "a denial with less that lifts it",
    {
      denials: { d: { path: "/a/b", unless: ["c"] }, e: { path: "/a/b", unless: ["c", "d"] } },
      conditions: CONDITIONS,
    },
    ["denial.redundant d e"],
  ],
  [
    "a denial that nothing lifts",
    { denials: { d: { path: "/a/b" }, e: { path: "/a/b", unless: ["c"] } }, conditions: CONDITIONS },
    ["denial.redundant e d"],
  ],
  [
    "a denial for some of those",
    { denials: { d: { path: "/a/b" }, e: { path: "/a/b", roles: ["customer"] } } },
    ["denial.redundant e d"],
  ],
  [
    "denials for others",
    { denials: { d: { path: "/a/b", roles: ["lead"] }, e: { path: "/a/b", roles: ["contractor"] } } },
    [],
  ],
])("a grant of many paths and denials: %s", (_, parts, found) => {
  expect(findingsOf({ grants: { g: { path: "/a/{x+}" } }, ...parts })).toEqual(found);
});

it("two roles with the same ways are found, and a role that includes another is not", () => {
  const groups = { Admins: ["admin", "boss"], Leads: ["customer", "lead"], Customers: ["customer"] };
  expect(findingsOf({ roles: { groups } })).toEqual(["role.same boss admin"]);
});
