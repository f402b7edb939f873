import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AccessLock,
  formatAccessLock,
  formatLockError,
  nameOfInstance,
  parseAccessLock,
} from "../../../../analysis/access/lock.ts";
import type { AccessLine, Atom, Who } from "../../../../analysis/access/model.ts";
import { formatAtom } from "../../../../analysis/access/who.ts";

const ADMINS: Who = { atoms: [{ by: "group", value: "Admins" }], issuer: undefined };
const EVERYONE: Who = { atoms: [], issuer: undefined };
const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

/** The example of the form. */
const EXAMPLE = `rego-authorizer access lock 1
allow | authenticated | GET | /home
allow | claim custom:department=Audit | GET | /orders/{+}
allow | group Admins | ANY | /admin
allow | group Admins | DELETE,PUT | /admin/ledger/{+} | when in_the_office
allow | group Admins | DELETE,PUT | /admin/{+} except /admin/ledger/{+}
allow | group Admins | GET,HEAD,OPTIONS,PATCH,POST | /admin/{+}
allow | group Admins@staff + scope orders/read@staff | GET | /ledger | api orders
allow | group Customers | GET | /customers/{}/orders | own 1=custom:customer_id | when is_open(1,2+) + quiet
condition | in_the_office | ${DIGEST} | net.cidr_contains("203.0.113.0/24", input.request.source_ip) | {1}
condition | is_open | ${DIGEST} | $1 == $2
condition | quiet | ${DIGEST} | true
deny | everyone | DELETE,PUT | /admin/ledger/{+} | unless in_the_office
deny | kind machine | ANY | /admin/{+} | api not orders
public | everyone | GET | /health
`;

const LOCK: AccessLock = {
  lines: [
    { kind: "public", verbs: ["GET"], region: { path: "/health", except: [] }, apis: undefined },
    {
      kind: "allow",
      who: ADMINS,
      verbs: ["DELETE", "PUT"],
      region: { path: "/admin/{+}", except: ["/admin/ledger/{+}"] },
      terms: { conditions: [], own: [] },
      apis: undefined,
    },
    {
      kind: "deny",
      who: EVERYONE,
      verbs: ["DELETE"],
      region: { path: "/a | b", except: [] },
      unless: ["in_the_office"],
      apis: { not: ["orders"] },
    },
  ],
  conditions: { in_the_office: { digest: DIGEST, text: "a | b" } },
};

/** Texts with everything that a separator of a line consists of. */
const text = fc.oneof(
  fc.stringMatching(/^[A-Za-z][\w:/.-]{0,6}$/),
  fc
    .array(
      fc.constantFrom(" | ", " + ", " except ", ", ", "@", "=", '"', "\\", "\n", "\u2028", "\u202e", "é", "a", " "),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    .map((parts) => parts.join("")),
  fc.string({ minLength: 1, maxLength: 6, unit: "binary" }),
);

const atom: fc.Arbitrary<Atom> = fc.oneof(
  fc.record({ by: fc.constantFrom("group", "scope", "kind"), value: text }),
  fc.record({ by: fc.constant("claim"), claim: text, value: text }),
);
const who: fc.Arbitrary<Who> = fc
  .tuple(fc.uniqueArray(atom, { selector: formatAtom, maxLength: 3 }), fc.option(text, { nil: undefined }))
  .map(([atoms, issuer]) => ({ atoms, issuer: atoms.length === 0 ? undefined : issuer }));
const path = fc
  .array(
    fc.oneof(
      text.map((one) => one.replaceAll("/", "_")),
      fc.constant("{}"),
    ),
    { maxLength: 3 },
  )
  .map((segments) => `/${segments.join("/")}`);
const region = fc.record({ path, except: fc.uniqueArray(path, { maxLength: 2 }) });
const verbs = fc.constantFrom(["ANY"], ["GET"], ["DELETE", "PUT"]);
const apis = fc.constantFrom(undefined, { only: ["orders"] }, { not: ["billing", "orders"] });
const instances = fc.uniqueArray(
  fc.oneof(fc.constantFrom("open", "is_of(1)", "is_of(1,-,2+)", "__proto__", "constructor"), text),
  {
    maxLength: 2,
  },
);
const line: fc.Arbitrary<AccessLine> = fc.oneof(
  fc.record({
    kind: fc.constant("allow"),
    who,
    verbs,
    region,
    terms: fc.record({ conditions: instances, own: fc.array(fc.tuple(fc.nat(9), text), { maxLength: 2 }) }),
    apis,
  }),
  fc.record({ kind: fc.constant("deny"), who, verbs, region, unless: instances, apis }),
  fc.record({ kind: fc.constant("public"), verbs, region, apis }),
);

describe("the access lock", () => {
  it("has its documented form, and gives the same text when it is parsed and formatted again", () => {
    const parsed = parseAccessLock(EXAMPLE);
    expect(parsed.ok && formatAccessLock(parsed.value)).toBe(EXAMPLE);
  });

  it("is sorted, and quotes what could be taken for a separator", () => {
    expect(formatAccessLock(LOCK)).toBe(`rego-authorizer access lock 1
allow | group Admins | DELETE,PUT | /admin/{+} except /admin/ledger/{+}
condition | in_the_office | ${DIGEST} | a | b
deny | everyone | DELETE | "/a | b" | unless in_the_office | api not orders
public | everyone | GET | /health
`);
  });

  it("gives back the lines that it was made of, whatever is in the names and values", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 3 }), (lines) => {
        const written = formatAccessLock({ lines, conditions: toConditions(lines) });
        const parsed = parseAccessLock(written);
        expect(parsed.ok && formatAccessLock(parsed.value)).toBe(written);
        const byText = (one: AccessLine) => formatAccessLock({ lines: [one], conditions: {} });
        const expected = new Map(lines.map((one) => [byText(one), one]));
        const read = new Map((parsed.ok ? parsed.value.lines : []).map((one) => [byText(one), one]));
        expect(read).toEqual(expected);
      }),
      { seed: 15, numRuns: 500 },
    );
  });

  it("gives different lines different texts", () => {
    fc.assert(
      fc.property(line, line, (one, other) => {
        const [first, second] = [one, other].map((each) => formatAccessLock({ lines: [each], conditions: {} }));
        expect(first === second).toBe(isEqual(one, other));
      }),
      { seed: 15, numRuns: 500 },
    );
  });

  it("may have the line ends of Windows", () => {
    expect(parseAccessLock(EXAMPLE.replaceAll("\n", "\r\n")).ok).toBe(true);
  });
});

/** Makes a condition for each name in lines that a condition can have. */
function toConditions(lines: readonly AccessLine[]): AccessLock["conditions"] {
  const instances = lines.flatMap((one) =>
    one.kind === "allow" ? one.terms.conditions : one.kind === "deny" ? one.unless : [],
  );
  const names = instances.map(nameOfInstance).filter((name) => /^[A-Za-z_]\w*$/.test(name));
  return Object.fromEntries(names.map((name) => [name, { digest: DIGEST, text: "true" }]));
}

function isEqual(one: AccessLine, other: AccessLine): boolean {
  const key = (each: AccessLine) =>
    JSON.stringify(Object.entries(each).sort(([first], [second]) => (first < second ? -1 : 1)));
  return key(one) === key(other);
}

describe("a lock that was edited", () => {
  it.each<[string, string, number]>([
    ["a line in another place", swap(EXAMPLE, 2, 4), 4],
    ["a line twice", EXAMPLE.replace(/(public.*\n)/, "$1$1"), 16],
    ["verbs in a form of their own", EXAMPLE.replace("DELETE,PUT", "delete"), 5],
    ["a mark of a merge", EXAMPLE.replace("allow | auth", "<<<<<<< HEAD\nallow | auth"), 2],
    ["no end of the last line", EXAMPLE.slice(0, -1), 15],
    ["an empty line at the end", `${EXAMPLE}\n`, 16],
    ["quotes that are not needed", EXAMPLE.replace("group Customers", 'group "Customers"'), 9],
    ["a condition in another place", EXAMPLE.replace("quiet | s", "a | s"), 12],
    ["a condition that no line names", EXAMPLE.replace("quiet | s", "r | s"), 9],
    ["a condition less", EXAMPLE.replace(/condition \| quiet.*\n/, ""), 9],
    ["a condition more", EXAMPLE.replace(/(condition \| )quiet(.*\n)/, "$&$1r$2"), 13],
    ["a field that nobody knows", EXAMPLE.replace("GET | /home", "GET | /home | if raining"), 2],
  ])("is refused with its line: %s", (_, text, at) => {
    expect(parseAccessLock(text)).toEqual({ ok: false, error: { code: "edited", line: at } });
  });

  it("is told what it should start with if it has another format", () => {
    const parsed = parseAccessLock(EXAMPLE.replace("lock 1", "lock 2"));
    expect(!parsed.ok && formatLockError("access.lock", parsed.error)).toBe(
      'access.lock is no access lock of this version: it starts with "rego-authorizer access lock 2" instead of ' +
        '"rego-authorizer access lock 1"; write it with rego-authorizer lock',
    );
  });
});

/** Exchanges two lines of a text, counted from 0. */
function swap(text: string, one: number, other: number): string {
  const lines = text.split("\n");
  [lines[one], lines[other]] = [lines[other] ?? "", lines[one] ?? ""];
  return lines.join("\n");
}
