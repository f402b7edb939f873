import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { OPA_VERSION } from "../../../../build/opa/release.ts";
import { build } from "../../../../build/package/build.ts";
import { smokeTest } from "../../../../build/package/smoke-test.ts";
import { parsePolicyData } from "../../../../contract/policy-data.ts";
import { PRODUCT_VERSION } from "../../../../contract/product-version.ts";
import { buildIn, builtIn, createWorkspace } from "../../../../dev/workspace.ts";
import { readApis } from "../../../../openapi/api-options.ts";
import { opaIn, opaPath } from "../../../support/opa.ts";
import { TEST_POLICIES } from "../../../support/policies.ts";
import { createTestIssuer } from "../../../support/tokens.ts";

async function buildAndRead(root: string, keySetsFile?: string) {
  const built = await builtIn(root, { keySetsFile });
  const read = (file: string) => readFile(join(root, "dist", file));
  return { built: built, read };
}

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe("the build", () => {
  it("produces the same bytes in another folder, at another time, in another time zone", async () => {
    await using one = await createWorkspace(TEST_POLICIES);
    await using other = await createWorkspace(TEST_POLICIES);
    const first = await buildAndRead(one.root);
    const zone = process.env["TZ"];
    process.env["TZ"] = "Pacific/Auckland";
    const second = await buildAndRead(other.root);
    process.env["TZ"] = zone;
    for (const file of ["authorizer.zip", "bundle.tar.gz", "iam.json", "routes.json"])
      expect(sha256(await first.read(file))).toBe(sha256(await second.read(file)));
  });

  it("produces the same bytes with a file of users, which is not a part of the policy", async () => {
    await using one = await createWorkspace(TEST_POLICIES);
    await using other = await createWorkspace({ ...TEST_POLICIES, "users.yaml": "users:\n  anna:\n" });
    const [first, second] = [await buildAndRead(one.root), await buildAndRead(other.root)];
    for (const file of ["authorizer.zip", "bundle.tar.gz", "iam.json", "routes.json"])
      expect(sha256(await first.read(file))).toBe(sha256(await second.read(file)));
  });

  it("writes the IAM export beside the package, not into it", async () => {
    await using workspace = await createWorkspace(TEST_POLICIES);
    const { built, read } = await buildAndRead(workspace.root);
    expect(JSON.parse((await read("iam.json")).toString())).toMatchObject({
      revision: built.manifest.revision,
      groups: { Customers: { roles: ["authenticated", "customer"] } },
      authenticated: { roles: ["authenticated"] },
    });
    expect(Object.keys(unzipSync(await read("authorizer.zip")))).not.toContain("iam.json");
  });

  it("writes the version of the OPA that built, even if it is another than usual", async () => {
    await using workspace = await createWorkspace(TEST_POLICIES);
    const close = OPA_VERSION.replace(/\d+$/, "99");
    const opaFile = join(workspace.root, "opa");
    const script = `if [ "$1" = version ]; then echo "Version: ${close}"; else exec '${await opaPath()}' "$@"; fi`;
    await writeFile(opaFile, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const apis = await readApis();
    if (!apis.ok) throw new Error(apis.error.join("\n"));
    const folders = { policies: workspace.policies, dist: join(workspace.root, "dist") };
    const built = await build({ opaPath: opaFile, ...folders, derive: apis.value.derive });
    expect(built.ok && built.value.manifest.opa_version).toBe(close);
  });

  it("writes the manifest of the package", async () => {
    await using workspace = await createWorkspace(TEST_POLICIES);
    const { built, read } = await buildAndRead(workspace.root);
    const manifest = JSON.parse((await read("authorizer/manifest.json")).toString());
    const [wasm, data] = [await read("authorizer/policy.wasm"), await read("authorizer/data.json")];
    expect(manifest).toEqual({
      revision: sha256(`${sha256(wasm)}  policy.wasm\n${sha256(data)}  data.json\n`),
      product_version: PRODUCT_VERSION,
      opa_version: OPA_VERSION,
      entrypoints: ["engine/decision", "engine/entitlements", "engine/explanation"],
      input_references: [
        ["now_s"],
        ["params", "customer_id"],
        ["principal", "claims", "auth_time"],
        ["principal", "claims", "cognito:groups"],
        ["principal", "claims", "scope"],
        ["principal", "claims", "sub"],
        ["principal", "id"],
        ["principal", "issuer"],
        ["principal", "kind"],
        ["request", "headers", "x-tenant"],
        ["request", "method"],
        ["request", "path"],
        ["request", "query", "page"],
        ["request", "source_ip"],
      ],
      request_values: [
        { from: "header", name: "x-tenant", conditions: ["of_tenant_blue"] },
        { from: "query", name: "page", conditions: ["first_page"] },
      ],
      opens_when_missing: [],
      issuers: { named: [], of_any: ["roles.customer", "roles.service"] },
      cache_contract: expect.objectContaining({
        key_dependencies: ["never", "source_ip"],
        required: [],
      }),
    });
    const { manifest: digest, routes } = JSON.parse((await read("routes.json")).toString());
    expect(digest).toBe(`sha256:${sha256(await read("authorizer/manifest.json"))}`);
    expect(routes).toContainEqual({
      verb: "POST",
      path: "/refunds",
      class: "never",
      because: [{ read: "now_s", conditions: ["signed_in_recently"] }],
      authorizer: "never",
    });
    expect(built.manifest).toEqual({ ...manifest, cache_contract: { ...manifest.cache_contract, routes } });
  });

  it("says in the manifest, the revision and the cache contract that a trailing slash is the same", async () => {
    await using workspace = await createWorkspace(TEST_POLICIES);
    const { manifest: denied } = await builtIn(workspace.root);
    const { manifest: same } = await builtIn(workspace.root, { trailingSlash: "same" });
    expect([denied.trailing_slash, same.trailing_slash]).toEqual([undefined, "same"]);
    const ids = [denied, same].flatMap(({ revision, cache_contract: { id } }) => [revision, id]);
    expect(new Set(ids).size).toBe(4);
    const [wasm, data] = await Promise.all(
      ["policy.wasm", "data.json"].map((file) => readFile(join(workspace.root, "dist", "authorizer", file))),
    );
    const lines = `${sha256(wasm ?? "")}  policy.wasm\n${sha256(data ?? "")}  data.json\nsame  trailing_slash\n`;
    expect(same.revision).toBe(sha256(lines));
  });

  it("changes the revision when a rule or base data change, and only then", async () => {
    await using workspace = await createWorkspace(TEST_POLICIES);
    const revision = async () => (await buildAndRead(workspace.root)).built.manifest.revision;
    const first = await revision();
    await workspace.write({ "access/orders.rego": `# A comment.\n${TEST_POLICIES["access/orders.rego"]}` });
    expect(await revision()).toBe(first);
    await workspace.write({ "data/limits.json": '{"limits": {"refund": 100}}' });
    const second = await revision();
    expect(second).not.toBe(first);
    await workspace.write({
      "access/orders.rego": String(TEST_POLICIES["access/orders.rego"]).replace('"/refunds"', '"/refund"'),
    });
    expect(await revision()).not.toBe(second);
  });

  it("packs the same files in the zip as in the folder, with base data byte for byte", async () => {
    await using workspace = await createWorkspace({
      ...TEST_POLICIES,
      "data/numbers.json": '{"price": 1.50}',
    });
    const { read } = await buildAndRead(workspace.root);
    const zip = unzipSync(await read("authorizer.zip"));
    expect(Object.keys(zip)).toEqual(["index.mjs", "policy.wasm", "data.json", "manifest.json"]);
    for (const [name, bytes] of Object.entries(zip))
      expect(sha256(bytes)).toBe(sha256(await read(`authorizer/${name}`)));
    expect((await read("authorizer/data.json")).toString()).toContain('"price":1.50');
  });

  it("produces a bundle with which OPA decides", async () => {
    await using workspace = await createWorkspace(TEST_POLICIES);
    const { built } = await buildAndRead(workspace.root);
    const opa = await opaIn(workspace.root);
    const input = {
      principal: { claims: { "cognito:groups": ["Customers"] } },
      request: { method: "GET", path: "/customers/42/orders" },
    };
    await writeFile(join(workspace.root, "input.json"), JSON.stringify(input));
    const { stdout } = await opa(
      "eval",
      "--format",
      "raw",
      "--bundle",
      "dist/bundle.tar.gz",
      "--input",
      "input.json",
      "data.engine.decision",
    );
    expect(JSON.parse(stdout)).toMatchObject({ effect: "allow", grants: ["orders.read"] });
    const manifest = await opa("inspect", "--format", "json", "dist/bundle.tar.gz");
    expect(JSON.parse(manifest.stdout).manifest.revision).toBe(built.manifest.revision);
  });

  it("produces a module of the same size for any number of grants", async () => {
    const grants = (count: number) =>
      [...Array(count).keys()].map(
        (at) => `grants["g${at}"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/g${at}/{id}"}\n`,
      );
    await using few = await createWorkspace({
      ...TEST_POLICIES,
      "access/many.rego": `package access.many\n\n${grants(2).join("\n")}`,
    });
    await using many = await createWorkspace({
      ...TEST_POLICIES,
      "access/many.rego": `package access.many\n\n${grants(200).join("\n")}`,
    });
    const sizes = [await buildAndRead(few.root), await buildAndRead(many.root)].map(
      ({ built }) => built.bytes["policy.wasm"],
    );
    expect(sizes[0]).toBe(sizes[1]);
  });

  it("builds a policy without conditions", async () => {
    await using workspace = await createWorkspace({
      "access/home.rego": `package access.home\n\ngrants["read"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}\n`,
    });
    expect((await buildAndRead(workspace.root)).built.grants).toBe(1);
  });
});

describe("key sets", () => {
  it("are packed beside the handler", async () => {
    await using workspace = await createWorkspace(TEST_POLICIES);
    const { issuer, jwks } = createTestIssuer();
    const file = join(workspace.root, "keys.json");
    await writeFile(file, JSON.stringify({ [issuer]: jwks }));
    const { read } = await buildAndRead(workspace.root, file);
    expect(JSON.parse((await read("authorizer/key-sets.json")).toString())).toEqual({ [issuer]: jwks });
    expect(Object.keys(unzipSync(await read("authorizer.zip")))).toContain("key-sets.json");
  });

  it.each([
    ["invalid JSON", () => "{", /is not JSON$/],
    ["a list", () => "[]", /must be \{"<issuer>": \{"keys": \[…\]\}\}/],
    ["a set without keys", () => '{"https://a.example": {"keys": []}}', /must be/],
    [
      "a private key",
      async () => {
        const { privateKey } = await generateKeyPair("RS256", { extractable: true });
        return JSON.stringify({ "https://a.example": { keys: [{ ...(await exportJWK(privateKey)), kid: "a" }] } });
      },
      /holds a private key; pack public keys only$/,
    ],
  ])("are refused: %s", async (_, text, message) => {
    await using workspace = await createWorkspace(TEST_POLICIES);
    const file = join(workspace.root, "keys.json");
    await writeFile(file, await text());
    const built = await buildIn(workspace.root, { keySetsFile: file });
    expect(built.ok ? [] : built.error).toEqual([expect.stringMatching(message)]);
  });
});

describe("the smoke test of a module", () => {
  async function builtModule() {
    await using workspace = await createWorkspace(TEST_POLICIES);
    const { read } = await buildAndRead(workspace.root);
    const data = (await read("authorizer/data.json")).toString();
    const parsed = parsePolicyData(JSON.parse(data));
    if (!parsed.ok) throw new Error(parsed.error.at);
    return { wasm: Uint8Array.from(await read("authorizer/policy.wasm")), data, index: parsed.value.index };
  }

  it("accepts a valid one", async () => {
    const { wasm, data, index } = await builtModule();
    expect(smokeTest(wasm, data, index)).toEqual({ ok: true, value: undefined });
  });

  it.each([
    ["a module that is cut short", (wasm: Uint8Array<ArrayBuffer>) => wasm.slice(0, -1)],
    ["an empty file", () => new Uint8Array()],
  ])("refuses %s", async (_, damage) => {
    const { wasm, data, index } = await builtModule();
    expect(smokeTest(damage(wasm), data, index).ok).toBe(false);
  });

  it("refuses a module whose index is lost", async () => {
    const { wasm, data, index } = await builtModule();
    expect(smokeTest(wasm, "{}", index)).toEqual({ ok: false, error: "engine/decision gives no result" });
    const emptied = data.replaceAll('"places":', '"nothing":');
    expect(smokeTest(wasm, emptied, index)).toEqual({
      ok: false,
      error: expect.stringMatching(/^the module does not find the grant orders\.\w+ by its own path$/),
    });
  });
});
