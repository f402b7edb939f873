import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHandler } from "../../authorizer/create-handler.ts";
import { readIssuers } from "../../build/package/issuers.ts";
import { buildIn, builtIn, createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { ALLOWS_ONE } from "../support/documents.ts";
import { createEvent, redirected } from "../support/events.ts";
import { CLIENT_ID, createTestIssuer, type TestIssuer } from "../support/tokens.ts";

const POLICIES = {
  "access/roles.rego": `package access.roles\n\nadmin := {"groups": {"Admins"}, "issuers": {"tenants"}}\n`,
  "access/shop.rego": `package access.shop\n\ngrants["admin"] := {"roles": {"admin"}, "verbs": {"GET"}, "path": "/admin"}\n`,
};

const TENANTS = 500;
const poolId = (at: number) => `eu-west-1_Tenant${String(at).padStart(4, "0")}`;
const urlOf = (at: number) => `https://cognito-idp.eu-west-1.amazonaws.com/${poolId(at)}`;
const POOLS = {
  name: "tenants",
  userPoolIds: Array.from({ length: TENANTS }, (_, at) => poolId(at)),
  clientIds: [CLIENT_ID],
  tokenUse: "any",
};

let workspace: Workspace;
let last: TestIssuer;
beforeAll(async () => {
  workspace = await createWorkspace(POLICIES);
  last = createTestIssuer(urlOf(TENANTS - 1));
  const [issuersFile, keySetsFile] = [join(workspace.root, "issuers.yaml"), join(workspace.root, "keys.json")];
  await writeFile(issuersFile, `# the pools of all tenants\n${JSON.stringify([POOLS])}\n`);
  const others = Array.from({ length: TENANTS - 1 }, (_, at) => [urlOf(at), last.jwks] as const);
  await writeFile(keySetsFile, JSON.stringify(Object.fromEntries([...others, [last.issuer, last.jwks]])));
  await builtIn(workspace.root, { issuersFile, keySetsFile });
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** Starts the authorizer on the package; gives its warnings, or the lines of the error. */
function start(environment: Readonly<Record<string, string>>) {
  const warnings: string[] = [];
  const folder = pathToFileURL(`${join(workspace.root, "dist", "authorizer")}/`);
  try {
    const handler = createHandler(environment, folder, { record: () => {}, warn: (line) => warnings.push(line) });
    return { handler, warnings, errors: [] };
  } catch (error) {
    return { handler: undefined, warnings, errors: String(error).split("\n") };
  }
}

const CACHE_CONTRACT_WARNING = expect.stringContaining("CACHE_CONTRACT is not set");

describe("a package with the pools of five hundred tenants", () => {
  it("needs no TRUSTED_ISSUERS, and allows a tenant's token as one of the name that they share", async () => {
    const { handler, warnings } = start({});
    expect(warnings).toEqual([CACHE_CONTRACT_WARNING]);
    const event = createEvent("rest-request", await last.sign({ "cognito:groups": ["Admins"] }));
    expect(await handler?.(redirected("rest-request", event, "GET", "/admin"))).toMatchObject({
      policyDocument: ALLOWS_ONE,
      context: { issuer: "tenants" },
    });
  });

  it("does not parse keys that no token has asked for", async () => {
    const file = join(workspace.root, "dist", "authorizer", "key-sets.json");
    const text = await readFile(file, "utf8");
    const keySets = JSON.parse(text);
    // A start that read these keys would find that none can be used.
    const keys = [{ kty: "RSA", kid: "k" }];
    for (const issuer of Object.keys(keySets)) if (issuer !== last.issuer) keySets[issuer] = { keys };
    await writeFile(file, JSON.stringify(keySets));
    const { handler, errors } = start({});
    await writeFile(file, text);
    expect(errors).toEqual([]);
    const event = createEvent("rest-request", await last.sign({ "cognito:groups": ["Admins"] }));
    expect(await handler?.(redirected("rest-request", event, "GET", "/admin"))).toMatchObject({
      policyDocument: ALLOWS_ONE,
    });
  });

  it("takes further issuers from TRUSTED_ISSUERS, and refuses one that is packed too, or has its name", () => {
    const one = { userPoolId: "eu-west-1_Other0000", clientIds: [CLIENT_ID], tokenUse: "any" };
    expect(start({ TRUSTED_ISSUERS: JSON.stringify([{ ...one, name: "staff" }]) }).errors).toEqual([]);
    const faults = [
      { ...one, name: "tenants" },
      { ...one, userPoolId: poolId(7) },
    ];
    expect(start({ TRUSTED_ISSUERS: JSON.stringify(faults) }).errors).toEqual(
      expect.arrayContaining([
        "TRUSTED_ISSUERS[0].name: is the name of an issuer that is further up in the list; each issuer needs its own",
        "TRUSTED_ISSUERS[1]: repeats an issuer that is further up in the list; name each issuer once",
      ]),
    );
  });

  it("does not start with a broken list, or without the name that the policy needs", async () => {
    const file = join(workspace.root, "dist", "authorizer", "issuers.json");
    const text = await readFile(file, "utf8");
    const errorsWith = async (changed: string) => {
      await writeFile(file, changed);
      const { errors } = start({});
      await writeFile(file, text);
      return errors;
    };
    for (const broken of ["[]", "{"]) {
      const lines = (await errorsWith(broken)).filter((line) => /^(issuers.json|TRUSTED_ISSUERS)/.test(line));
      expect(lines).toEqual(["issuers.json: is broken; build and deploy the package again"]);
    }
    expect(await errorsWith(text.replace("tenants", "tenant"))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^TRUSTED_ISSUERS: no entry has the name "tenants"/)]),
    );
    expect(await errorsWith(text.replace('"any"', '"all"'))).toContain(
      'issuers.json[0].tokenUse: must be "access", "id" or "any"',
    );
    expect(start({}).errors).toEqual([]);
  });
});

describe("the file of issuers", () => {
  async function linesFor(text: string): Promise<readonly string[]> {
    const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-"));
    const file = join(folder, "issuers");
    await writeFile(file, text);
    const read = await readIssuers(file);
    await rm(folder, { recursive: true });
    return read.ok ? [] : read.error.map((line) => line.replace(file, "FILE"));
  }

  it.each([
    ["JSON", JSON.stringify([POOLS])],
    ["YAML", "- name: staff\n  userPoolId: eu-west-1_Abc123\n  clientIds: [web]\n  tokenUse: id\n"],
  ])("may be %s", async (_, text) => {
    expect(await linesFor(text)).toEqual([]);
  });

  it.each([
    ["nothing", "", /^ISSUERS=FILE: must be a list of issuers/],
    ["an object", "{}", /^ISSUERS=FILE: must be a list of issuers/],
    ["an empty list", "[]", /^ISSUERS=FILE: must be a list of issuers/],
    ["text with a mistake", "- [", /^ISSUERS=FILE is neither JSON nor YAML$/],
    [
      "a pool twice",
      JSON.stringify([{ ...POOLS, userPoolIds: [poolId(1), poolId(1)] }]),
      /^ISSUERS=FILE\[0\]\.userPoolIds: must be a list of user pool ids, each once/,
    ],
    ["no pool", JSON.stringify([{ ...POOLS, userPoolIds: [] }]), /^ISSUERS=FILE\[0\]\.userPoolIds: /],
    [
      "a pattern of pools",
      JSON.stringify([{ ...POOLS, userPoolIds: ["eu-west-1_*"] }]),
      /userPoolIds: must be .* without patterns: anybody can create a pool that matches one$/,
    ],
    [
      "keys of many pools at one place",
      JSON.stringify([{ ...POOLS, jwksUri: "https://keys.example" }]),
      /has an unknown key; the keys are name, userPoolIds, clientIds, tokenUse$/,
    ],
  ])("is refused if it has %s", async (_, text, expected) => {
    expect(await linesFor(text)).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    "https://*.example.com",
    "https://login.example.com/{tenant}/v2.0",
    "https://login.example.com/.*",
    "https://login.(a|b).example",
    "^https://login.example$",
    "https://[a-z]+.example",
    "https://login\\d.example",
  ])("is refused for the pattern %s, and its value is not printed", async (issuer) => {
    const entry = { issuer, audience: ["api"], jwksUri: "https://login.example.com/keys" };
    const lines = await linesFor(JSON.stringify([entry]));
    expect(lines).toEqual([
      "ISSUERS=FILE[0].issuer: must be exactly one issuer, without a pattern or placeholder: anybody can create a tenant that matches one",
    ]);
    expect(await linesFor(JSON.stringify([{ ...entry, issuer: "https://[::1]:8443/login" }]))).toEqual([]);
  });

  it("stops the build if it can't be read, and counts as a declaration of issuers", async () => {
    const missing = await buildIn(workspace.root, { issuersFile: join(workspace.root, "nowhere.json") });
    expect(missing.ok ? [] : missing.error).toEqual([expect.stringMatching(/^ISSUERS=.*nowhere\.json can't be read$/)]);
    await using untied = await createWorkspace({
      ...POLICIES,
      "access/roles.rego": `package access.roles\n\nadmin := {"groups": {"Admins"}}\n`,
    });
    const issuersFile = join(untied.root, "issuers.json");
    const staff = { name: "staff", userPoolId: "eu-west-1_Staff0000", clientIds: [CLIENT_ID], tokenUse: "any" };
    await writeFile(issuersFile, JSON.stringify([POOLS, staff]));
    const two = await buildIn(untied.root, { issuersFile });
    expect(two.ok ? [] : two.error.filter((line) => line.includes("[role.any_issuer]"))).toEqual([
      expect.stringContaining("groups of tenants and staff give this role alike"),
    ]);
    await writeFile(issuersFile, JSON.stringify([POOLS]));
    expect((await buildIn(untied.root, { issuersFile })).ok).toBe(true);
  });
});
