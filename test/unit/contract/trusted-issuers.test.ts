import { describe, expect, it } from "vitest";
import { toTrustedIssuers } from "../../../authorizer/identity/trusted-issuer.ts";
import { formatTrustedIssuers, parseTrustedIssuers } from "../../../contract/trusted-issuers.ts";

const POOL = { userPoolId: "eu-west-1_Sample000", clientIds: ["sampleclient"], tokenUse: "access" };
const OIDC = { issuer: "https://login.example.com", audience: ["api"], jwksUri: "https://login.example.com/keys" };
const DEFAULTS = {
  name: undefined,
  algorithms: ["RS256"],
  preset: undefined,
  scopesClaim: "scope",
  machineScopesClaim: undefined,
  clientClaims: ["client_id", "azp"],
  claims: {},
  machines: [],
  users: [],
  machineIdClaim: undefined,
};

/** Parses entries, and returns their issuers. */
function parse(...entries: readonly unknown[]) {
  const settings = parseTrustedIssuers(JSON.stringify(entries));
  return settings.ok ? { ok: true as const, value: toTrustedIssuers(settings.value) } : settings;
}

describe("parseTrustedIssuers", () => {
  it("accepts both issuer formats of a user pool", () => {
    const issuers = parse(POOL);
    const regional = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Sample000";
    const global = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Sample000";
    const keyAddresses = [regional, global].map((issuer) => ({
      issuers: [issuer],
      jwksUri: `${issuer}/.well-known/jwks.json`,
    }));
    const ofClients = { audience: ["sampleclient"], tokenUse: "access", groupsClaim: "cognito:groups" };
    const shared = { ...DEFAULTS, clientClaims: [], ...ofClients, keyAddresses };
    expect(issuers.ok && [...issuers.value]).toEqual([
      [regional, { ...shared, issuer: regional }],
      [global, { ...shared, issuer: global }],
    ]);
  });

  it("knows the domain of the regions in China", () => {
    const issuers = parse({ ...POOL, userPoolId: "cn-north-1_Sample000" });
    expect(issuers.ok && [...issuers.value.keys()][0]).toBe(
      "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Sample000",
    );
  });

  it("accepts key sets of a user pool at another URL, on this machine without TLS", () => {
    const jwksUri = "http://127.0.0.1:3001/keys";
    const issuers = parse({ ...POOL, jwksUri });
    expect(
      issuers.ok && [...issuers.value.values()].flatMap((one) => one.keyAddresses.map((address) => address.jwksUri)),
    ).toEqual([jwksUri, jwksUri]);
  });

  it("accepts them at an IPv6 address of this machine, and for a region with more words", () => {
    const issuers = parse({ ...POOL, userPoolId: "us-gov-west-1_Sample000", jwksUri: "http://[::1]:3001/keys" });
    expect(issuers.ok && [...issuers.value.keys()]).toEqual([
      "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_Sample000",
      "https://issuer-cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_Sample000",
    ]);
  });

  it("accepts an issuer whose host only looks like Cognito's", () => {
    for (const host of ["cognito-idp.eu-west-1.amazonaws.com.example.com", "my-cognito-idp.eu-west-1.amazonaws.com"]) {
      expect(parse({ ...OIDC, issuer: `https://${host}/x` }).ok).toBe(true);
    }
  });

  it("accepts any OpenID Connect issuer", () => {
    const { issuer, audience, jwksUri } = OIDC;
    const keyAddresses = [{ issuers: [issuer], jwksUri }];
    const issuers = parse({ ...OIDC, groupsClaim: "groups" });
    expect(issuers).toEqual({
      ok: true,
      value: new Map([
        [issuer, { ...{ issuer, audience, keyAddresses }, ...DEFAULTS, tokenUse: undefined, groupsClaim: "groups" }],
      ]),
    });
  });

  it.each([undefined, "", "{}", "[]", '"x"', "[{]"])("reports what %j must be", (text) => {
    const issuers = parseTrustedIssuers(text);
    expect(issuers.ok ? [] : issuers.error).toEqual([
      expect.stringMatching(/^TRUSTED_ISSUERS: must be a JSON list of issuers, like /),
    ]);
  });

  it("reports the errors of each entry, independently of the others", () => {
    const issuers = parseTrustedIssuers(JSON.stringify([1, null, [], POOL, POOL, { ...POOL, tokenUse: "x" }]));
    expect(issuers.ok ? [] : issuers.error.map((line) => line.replace(/, like.*/, ""))).toEqual([
      "TRUSTED_ISSUERS[0]: must be an object",
      "TRUSTED_ISSUERS[1]: must be an object",
      "TRUSTED_ISSUERS[2]: must be an object",
      "TRUSTED_ISSUERS[4]: repeats an issuer that is further up in the list; name each issuer once",
      'TRUSTED_ISSUERS[5].tokenUse: must be "access", "id" or "any"',
      "TRUSTED_ISSUERS[5]: repeats an issuer that is further up in the list; name each issuer once",
    ]);
  });

  it.each([
    ["no clients", { ...POOL, clientIds: [] }, "clientIds"],
    ["clients that are null", { ...POOL, clientIds: null }, "clientIds"],
    ["a client that is empty", { ...POOL, clientIds: [""] }, "clientIds"],
    ["a client that is empty beside one that is not", { ...POOL, clientIds: ["a", ""] }, "clientIds"],
    ["a pool id with a prefix", { ...POOL, userPoolId: "x/eu-west-1_Sample000" }, "userPoolId"],
    ["a pool id that is a list", { ...POOL, userPoolId: ["eu-west-1_Sample000"] }, "userPoolId"],
    ["keys without a scheme for it", { ...POOL, jwksUri: "ftp://127.0.0.1/keys" }, "jwksUri"],
    ["keys that are not a string", { ...POOL, jwksUri: ["https://keys.example.com"] }, "jwksUri"],
    ["no token use", { ...POOL, tokenUse: undefined }, "tokenUse"],
    ["another token use", { ...POOL, tokenUse: "refresh" }, "tokenUse"],
    ["a pool id without its region", { ...POOL, userPoolId: "Sample000" }, "userPoolId"],
    ["a pool id with a path", { ...POOL, userPoolId: "eu-west-1_Sample000/../x" }, "userPoolId"],
    ["keys over the network without TLS", { ...POOL, jwksUri: "http://keys.example.com" }, "jwksUri"],
    ["a name that only starts like this machine's", { ...POOL, jwksUri: "http://localhost.example.com" }, "jwksUri"],
    ["a name below this machine's", { ...POOL, jwksUri: "http://keys.localhost:3001" }, "jwksUri"],
    ["this machine's name as a user", { ...POOL, jwksUri: "http://localhost@keys.example.com" }, "jwksUri"],
    ["no audience", { ...OIDC, audience: [] }, "audience"],
    ["an issuer without TLS", { ...OIDC, issuer: "http://login.example.com" }, "issuer"],
    [
      "a user pool as an OpenID Connect issuer",
      { ...OIDC, issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Sample000" },
      "issuer",
    ],
    ["an issuer that is not a URL", { ...OIDC, issuer: "login" }, "issuer"],
    ["no keys", { ...OIDC, jwksUri: undefined }, "jwksUri"],
    ["an empty name", { ...POOL, name: "" }, "name"],
    ["a name with a space", { ...POOL, name: "our staff" }, "name"],
    ["a name with another letter", { ...OIDC, name: "stäff" }, "name"],
    ["a name that starts with a dot", { ...OIDC, name: ".staff" }, "name"],
    ["a name that is too long", { ...OIDC, name: "x".repeat(65) }, "name"],
    ["a name that is not a string", { ...OIDC, name: ["staff"] }, "name"],
    ["a name that is null", { ...OIDC, name: null }, "name"],
    ["a groups claim that is not a name", { ...OIDC, groupsClaim: 7 }, "groupsClaim"],
    ["an empty path to the groups", { ...OIDC, groupsClaim: [] }, "groupsClaim"],
    ["a path to the groups with an empty name", { ...OIDC, groupsClaim: ["realm_access", ""] }, "groupsClaim"],
    ["a path to the scopes that is an object", { ...OIDC, scopesClaim: { a: "b" } }, "scopesClaim"],
    ["a preset that there is not", { ...OIDC, preset: "ping" }, "preset"],
    ["a preset with the name of an inherited property", { ...OIDC, preset: "toString" }, "preset"],
    ["names of claims as a list", { ...OIDC, claims: ["realm_access"] }, "claims"],
    ["no name of a claim", { ...OIDC, claims: {} }, "claims"],
    ["a name of a claim for an empty path", { ...OIDC, claims: { tenant: [] } }, "claims"],
    ["another claim as the subject", { ...OIDC, claims: { sub: "oid" } }, "claims"],
    ["another claim as Cognito's", { ...OIDC, claims: { "cognito:roles": "roles" } }, "claims"],
    ["no rule for machines", { ...OIDC, machines: [] }, "machines"],
    ["a rule for users that is not a list", { ...OIDC, users: { claim: "uid", present: true } }, "users"],
    ["a rule for machines of another form", { ...OIDC, machines: [{ claim: "gty" }] }, "machines"],
    ["a machine's id at an empty path", { ...OIDC, machineIdClaim: [] }, "machineIdClaim"],
    ["a machine's id in the claim that is missing", { ...OIDC, machineIdClaim: "sub" }, "machineIdClaim"],
  ])("refuses %s", (_, entry, key) => {
    const issuers = parse(entry);
    expect(issuers.ok ? [] : issuers.error).toEqual([
      expect.stringMatching(new RegExp(`^TRUSTED_ISSUERS\\[0\\]\\.${key}: must be `)),
    ]);
  });

  it("accepts a local issuer by this machine's name", () => {
    const local = {
      issuer: "http://localhost:8080/realms/dev",
      audience: ["a"],
      jwksUri: "http://LOCALHOST:8080/certs",
    };
    const issuers = parse(local);
    expect(issuers.ok && [...issuers.value.keys()]).toEqual(["http://localhost:8080/realms/dev"]);
  });

  it("refuses rules by which one claim proves a machine and a user", () => {
    const machines = [{ claim: "kind", value: "robot" }];
    const refusals = [machines, [{ claim: "kind", present: true }], [{ claim: ["kind"], value: "person" }]].map(
      (users) => {
        const issuers = parse({ ...OIDC, machines, users });
        return issuers.ok ? [] : issuers.error;
      },
    );
    const line =
      "TRUSTED_ISSUERS[0]: a token would prove both a machine and a user; no rule of machines may hold with one of users";
    expect(refusals).toEqual([[line], [line], []]);
  });

  it("names the presets that there are", () => {
    const issuers = parse({ ...OIDC, preset: "ping" });
    expect(issuers.ok ? [] : issuers.error).toEqual([
      "TRUSTED_ISSUERS[0].preset: must be one of auth0, okta, entra-v1, entra-v2, keycloak, duende, google, if it is given",
    ]);
  });

  it("refuses what a preset says already, and an issuer that it is not for, together", () => {
    const issuers = parse({
      ...OIDC,
      preset: "entra-v2",
      users: [{ claim: "scp", present: true }],
      machineIdClaim: "oid",
    });
    expect(issuers.ok ? [] : issuers.error).toEqual([
      "TRUSTED_ISSUERS[0]: has preset and users, machineIdClaim; the preset says this already, so leave one out",
      "TRUSTED_ISSUERS[0].issuer: the preset entra-v2 is for issuers like https://login.microsoftonline.com/<tenant>/v2.0",
    ]);
  });

  it("takes the claims of a preset where the settings name no others", () => {
    const entra = { ...OIDC, issuer: "https://login.microsoftonline.com/t/v2.0", preset: "entra-v2" };
    const claimsOf = (entry: object) => {
      const issuers = parse(entry);
      const [one] = issuers.ok ? issuers.value.values() : [];
      return [one?.groupsClaim, one?.scopesClaim, one?.machineScopesClaim, one?.clientClaims];
    };
    expect(claimsOf(entra)).toEqual(["groups", "scp", "roles", ["azp"]]);
    expect(claimsOf({ ...entra, groupsClaim: ["a", "b"], scopesClaim: "x" })).toEqual([
      ["a", "b"],
      "x",
      undefined,
      ["azp"],
    ]);
  });

  it("refuses a misspelt key", () => {
    const issuers = parse({ ...POOL, clientId: "sampleclient" });
    expect(issuers.ok ? [] : issuers.error).toEqual([
      "TRUSTED_ISSUERS[0]: has an unknown key; the keys are name, userPoolId, clientIds, tokenUse, jwksUri",
    ]);
  });

  it("refuses a name that another entry has, whichever fault else there is", () => {
    const other = { ...OIDC, name: "staff" };
    for (const [first, more] of [
      [{ ...POOL, name: "staff" }, []],
      [{ ...POOL, name: "staff", tokenUse: "x" }, ['TRUSTED_ISSUERS[0].tokenUse: must be "access", "id" or "any"']],
    ] as const) {
      const issuers = parse(first, other);
      expect(issuers.ok ? [] : issuers.error).toEqual([
        ...more,
        "TRUSTED_ISSUERS[1].name: is the name of an issuer that is further up in the list; each issuer needs its own",
      ]);
    }
    expect(parse({ ...POOL, name: "staff" }, { ...OIDC, name: "partner" }).ok).toBe(true);
  });

  it("gives both issuer formats of a user pool its name", () => {
    const issuers = parse({ ...POOL, name: "staff" });
    expect(issuers.ok && [...issuers.value.values()].map(({ name }) => name)).toEqual(["staff", "staff"]);
  });

  it("refuses a repeated issuer", () => {
    const issuers = parse(OIDC, OIDC);
    expect(issuers.ok ? [] : issuers.error).toEqual([
      "TRUSTED_ISSUERS[1]: repeats an issuer that is further up in the list; name each issuer once",
    ]);
  });

  it("finds a repeated issuer in an entry that has other errors, too", () => {
    const issuers = parse(POOL, { ...POOL, clientIds: [] }, OIDC, { ...OIDC, audience: [] });
    const repeated = issuers.ok ? [] : issuers.error.filter((line) => line.includes("repeats an issuer"));
    expect(repeated.map((line) => line.split(":")[0])).toEqual(["TRUSTED_ISSUERS[1]", "TRUSTED_ISSUERS[3]"]);
  });

  it.each(["sub", ["sub"]])("refuses %j as the claim with the id of a machine that has no sub", (machineIdClaim) => {
    expect(parse({ ...OIDC, machineIdClaim }).ok).toBe(false);
    expect(parse({ ...OIDC, machineIdClaim: ["sub", "client"] }).ok).toBe(true);
  });

  it("reports all errors at once, and no value", () => {
    const issuers = parse({ userPoolId: "hunter2", clientIds: ["hunter2"] }, { ...OIDC, issuer: "hunter2" });
    const lines = issuers.ok ? [] : issuers.error;
    expect(lines.map((line) => line.slice(0, line.indexOf(":")))).toEqual([
      "TRUSTED_ISSUERS[0].userPoolId",
      "TRUSTED_ISSUERS[0].tokenUse",
      "TRUSTED_ISSUERS[1].issuer",
    ]);
    expect(lines.join()).not.toContain("hunter2");
  });

  it("returns settings that it parses again after formatting", () => {
    for (const entries of [
      [POOL],
      [{ name: "staff", ...POOL }],
      [{ name: "partner", ...OIDC }],
      [
        { ...POOL, jwksUri: OIDC.jwksUri },
        { ...OIDC, groupsClaim: "groups", algorithms: ["PS256", "EdDSA"] },
      ],
      [
        {
          ...OIDC,
          machines: [{ claim: "azp", equals: "sub", suffix: "@clients" }],
          users: [{ claim: ["ext", "person"], value: true }],
          machineIdClaim: "client_id",
          groupsClaim: ["realm_access", "roles"],
          scopesClaim: "scp",
          claims: { tenant: ["ext", "tenant.id"] },
        },
        { ...OIDC, issuer: "https://tenant.eu.auth0.com/", preset: "auth0" },
      ],
      [
        {
          ...OIDC,
          machines: [{ claim: "a", value: "b" }],
        },
      ],
    ]) {
      const settings = parseTrustedIssuers(JSON.stringify(entries));
      expect(settings).toEqual({ ok: true, value: entries });
      expect(settings.ok && parseTrustedIssuers(formatTrustedIssuers(settings.value))).toEqual(settings);
    }
  });
});
