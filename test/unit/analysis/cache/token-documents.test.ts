import { describe, expect, it } from "vitest";
import { toCacheContract } from "../../../../analysis/cache/contract.ts";
import { type Rule, toRuleIndex } from "../../../support/rule-index.ts";

/** Roles by group: members of `lead` hold `user` too. */
const ROLES = {
  groups: { Users: ["user"], Leads: ["lead", "user"], Others: ["other"], Batches: ["batch", "machine"] },
  scopes: { "api/machine": ["machine"] },
  kinds: {},
  claims: {},
  issuers: {},
};

function answersFor(
  routes: readonly string[],
  grants: Readonly<Record<string, Rule>>,
  denials: Readonly<Record<string, Rule>> = {},
) {
  const index = toRuleIndex(grants, denials, ROLES);
  const dependencies = new Map([
    ["office", [{ read: "request.source_ip", condition: "office", sources: ["source_ip"] }]],
  ]);
  const table = routes.map((route) => {
    const [verb = "", path = ""] = route.split(" ");
    return { verb, path };
  });
  return toCacheContract(index, dependencies, table, "token");
}

function packed(...args: Parameters<typeof answersFor>) {
  const contract = answersFor(...args);
  if (!contract.ok) throw new Error(contract.error.join("\n"));
  return contract.value.token_documents;
}

function mismatches(...args: Parameters<typeof answersFor>): readonly string[] {
  const contract = answersFor(...args);
  return contract.ok ? [] : contract.error;
}

it("per-token policy documents consist of patterns for each grant and denial, by verb", () => {
  const routes = ["ANY /admin/{proxy+}", "GET /customers/{id}/orders", "PUT /office"];
  const rules = {
    "a.own": { path: "/customers/{customer}/orders", where: { customer: "sub" } },
    "a.any": { path: "/customers/{customer}/orders", roles: ["lead"] },
    "a.admin": { path: "/admin/{p+}", verbs: ["ANY"] },
    "a.office": { path: "/office", verbs: ["PUT"], when: ["office"] },
    "a.elsewhere": { path: "/elsewhere" },
  };
  expect(packed(routes, rules, { "a.secret": { path: "/admin/secret/{p+}", verbs: ["GET", "PUT"] } })).toEqual({
    routes: { "ANY /admin/{+}": true, "GET /customers/{}/orders": true, "PUT /office": false },
    grants: {
      "a.own": { verbs: ["GET"], path: ["/customers/", "customer", "/orders"] },
      "a.any": { verbs: ["GET"], path: ["/customers/*/orders"] },
      "a.admin": { verbs: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"], path: ["/admin/?*"] },
    },
    denials: { "a.secret": { verbs: ["GET", "PUT"], path: ["/admin/secret/?*"] } },
  });
});

describe("per-token policy documents are possible", () => {
  it.each<[string, Parameters<typeof answersFor>]>([
    [
      "where a wildcard also matches a route that its holders may use anyway",
      [
        ["GET /i/{id}", "GET /i/{id}/parts"],
        { "a.i": { path: "/i/{id}", roles: ["lead"] }, "a.p": { path: "/i/{id}/parts" } },
      ],
    ],
    [
      "where it also matches a route of another verb",
      [["GET /i/{id}", "PUT /i/{id}/parts"], { "a.i": { path: "/i/{id}" } }],
    ],
    [
      "where a claim's value limits the wildcard",
      [["GET /u/{id}/c", "GET /u/{id}/c/{x}"], { "a.own": { path: "/u/{id}/c", where: { id: "sub" } } }],
    ],
    [
      "where a denial's wildcard also matches what another denies to the same roles",
      [["GET /{p+}"], { "a.all": { path: "/{p+}" } }, { "a.x": { path: "/x/{id}" }, "a.y": { path: "/x/{p+}" } }],
    ],
  ])("%s", (_, args) => {
    expect(mismatches(...args)).toEqual([]);
  });
});

describe("per-token policy documents are not possible", () => {
  it.each<[string, Parameters<typeof answersFor>, RegExp]>([
    [
      "where a wildcard allows another route",
      [["GET /i/{id}", "GET /i/{id}/parts"], { "a.i": { path: "/i/{id}" } }],
      /a\.i: GET \/i\/x\/parts would be matched by \/i\/\?\*/,
    ],
    [
      "where it allows one that not all of its holders may use",
      [
        ["GET /i/{id}", "GET /i/{id}/parts"],
        { "a.i": { path: "/i/{id}" }, "a.p": { path: "/i/{id}/parts", roles: ["lead"] } },
      ],
      /a\.i: GET \/i\/x\/parts/,
    ],
    [
      "where it allows one that is conditional",
      [
        ["GET /i/{id}", "GET /i/{id}/parts"],
        { "a.i": { path: "/i/{id}" }, "a.p": { path: "/i/{id}/parts", when: ["senior"] } },
      ],
      /a\.i: GET \/i\/x\/parts/,
    ],
    [
      "where a denial's wildcard forbids too much",
      [["GET /{p+}"], { "a.all": { path: "/{p+}" } }, { "a.x": { path: "/x/{id}" } }],
      /a\.x: GET \/x\/x\/x would be matched|a\.x: GET \/x\/y\/y would be matched/,
    ],
    [
      "where a denial's wildcard forbids what is only denied under conditions",
      [
        ["GET /{p+}"],
        { "a.all": { path: "/{p+}" } },
        { "a.x": { path: "/x/{id}" }, "a.y": { path: "/x/{p+}", unless: ["senior"] } },
      ],
      /a\.x: GET/,
    ],
    [
      "where a grant for all allows a route that only some may use",
      [["GET /a/{p+}"], { "a.i": { path: "/a/{x}", roles: ["authenticated"] }, "a.p": { path: "/a/{p+}" } }],
      /a\.i: GET/,
    ],
    [
      "where it allows a route that is granted with another verb",
      [["GET /a/{p+}", "PUT /a/{p+}"], { "a.i": { path: "/a/{x}" }, "a.p": { path: "/a/{p+}", verbs: ["PUT"] } }],
      /a\.i: GET/,
    ],
    [
      "where a denial for all forbids a route that is denied to some",
      [
        ["GET /{p+}"],
        { "a.all": { path: "/{p+}" } },
        { "a.x": { path: "/a/{x}" }, "a.y": { path: "/a/{p+}", roles: ["user"] } },
      ],
      /a\.x: GET/,
    ],
    [
      "where a denial for some forbids a route that is denied to others",
      [
        ["GET /{p+}"],
        { "a.all": { path: "/{p+}", roles: ["authenticated"] } },
        { "a.x": { path: "/a/{x}", roles: ["user"] }, "a.y": { path: "/a/{p+}", roles: ["other"] } },
      ],
      /a\.x: GET/,
    ],
    [
      "where a claim's value could be a literal of another path",
      [["GET /{x}/{y}", "GET /a/{p+}"], { "a.i": { path: "/{x}/{y}", where: { x: "sub" } } }],
      /a\.i: GET \/a\//,
    ],
    [
      "where only a scope gives a role",
      [
        ["GET /a/{p+}"],
        { "a.i": { path: "/a/{x}", roles: ["machine"] }, "a.p": { path: "/a/{p+}", roles: ["batch"] } },
      ],
      /a\.i: GET/,
    ],
    [
      "where a claim's value could match any segment",
      [["GET /{p+}"], { "a.own": { path: "/a/{x}/{id}/{p+}", where: { id: "sub" } } }],
      /a\.own: GET/,
    ],
    [
      "where a path has a character that arrives encoded",
      [["GET /{p+}"], { "a.b": { path: "/caf\u00e9" } }],
      /arrives percent-encoded/,
    ],
    [
      "where no route is of the class token",
      [["GET /office"], { "a.b": { path: "/office", when: ["office"] } }],
      /no route/,
    ],
  ])("%s", (_, args, message) => {
    expect(mismatches(...args).join("\n")).toMatch(message);
  });

  it("with another id for other routes, under the same rules", () => {
    const rules = { "a.home": { path: "/home" } };
    const idOf = (routes: readonly string[]) => {
      const contract = answersFor(routes, rules);
      return contract.ok ? contract.value.id : contract.error;
    };
    expect(idOf(["GET /home", "GET /a"])).not.toBe(idOf(["GET /home"]));
    expect(idOf(["GET /home"])).toBe(idOf(["GET /home"]));
  });

  it("without the routes", () => {
    const contract = toCacheContract(toRuleIndex({}, {}, ROLES), new Map(), undefined, "token");
    expect(contract.ok ? "" : contract.error.join()).toMatch(/--openapi FILE/);
  });
});
