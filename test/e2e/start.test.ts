import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtIn, createWorkspace } from "../../dev/workspace.ts";
import { signIn, startLocally } from "../support/local-start.ts";
import { opaIn } from "../support/opa.ts";
import { LOCAL_POLICIES } from "../support/policies.ts";

/** Creates a workspace whose policies a test may edit. */
function createSample() {
  return createWorkspace(LOCAL_POLICIES);
}

async function tokensOf(issuer: string, user: string): Promise<{ IdToken: string; AccessToken: string }> {
  const { body } = await signIn(issuer, user);
  return body["AuthenticationResult"] as { IdToken: string; AccessToken: string };
}

async function call(gateway: string, path: string, token?: string, method = "GET"): Promise<number> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await fetch(`${gateway}${path}`, { method, headers })).status;
}

describe.each(["rest", "http"])("npm start -- --trailing-slash same --kind %s, with the token in a cookie", (kind) => {
  it("takes the token from there alone, and a slash at the end as the same", async () => {
    await using sample = await createSample();
    const environment = { TOKEN_SOURCE: "cookie:session,query:token" };
    await using started = await startLocally(sample.root, ["--trailing-slash", "same", "--kind", kind], environment);
    const { gateway, issuer } = started;
    expect(started.output()).toMatch(/curl -i \S+ -H "Cookie: session=\$TOKEN"/);
    const { IdToken: token } = await tokensOf(issuer, "customer");
    const ask = async (path: string, headers: Record<string, string>) =>
      (await fetch(`${gateway}${path}`, { headers })).status;
    const cookie = `a=1; session=${token}`;
    const refused = kind === "rest" ? 401 : 403;
    expect(await ask("/home", { cookie })).toBe(200);
    expect(await ask(`/home?token=${token}`, {})).toBe(200);
    expect(await ask(`/home?token=${token}`, { cookie })).toBe(refused);
    expect(await ask("/home", { authorization: `Bearer ${token}` })).toBe(refused);
    expect(await ask("/customers/42/orders/", { cookie })).toBe(200);
    expect(await ask("/customers/43/orders/", { cookie })).toBe(403);
    expect(await ask("/customers/42/orders//", { cookie })).toBe(403);
  }, 60_000);
});

describe.each(["rest", "http"])("npm start -- --cache --kind %s", (kind) => {
  it("caches responses as the policy allows, and drops them when it is edited", async () => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root, ["--cache", "--kind", kind]);
    const { gateway, issuer } = started;
    const [customer, support] = [await tokensOf(issuer, "customer"), await tokensOf(issuer, "support")];
    const ask = async (token: string | undefined, path: string, method = "GET") => {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`${gateway}${path}`, { method, headers });
      return [response.status, response.headers.get("x-cache")];
    };
    const asked: readonly (readonly [string | undefined, string, number, string | null, string?])[] = [
      [customer.IdToken, "/home", 200, "miss"],
      [customer.IdToken, "/home", 200, "hit"],
      [customer.IdToken, "/customers/42/orders", 200, "miss"],
      [customer.IdToken, "/customers/43/orders", 403, "miss"],
      [customer.IdToken, "/customers/43/orders", 403, "hit"],
      [support.IdToken, "/customers/43/orders", 200, "miss"],
      [customer.IdToken, "/customers/42/orders", 200, "hit"],
      // The condition of this grant reads the time.
      [support.IdToken, "/orders/7/refunds", 200, null, "POST"],
      [support.IdToken, "/orders/7/refunds", 200, null, "POST"],
    ];
    for (const [token, path, status, cache, method] of asked) {
      expect([path, ...(await ask(token, path, method))]).toEqual([path, status, cache]);
    }
    // The gateway itself refuses a request without the identity sources.
    expect(await ask(undefined, "/home")).toEqual([401, null]);
    await started.printed(/^GET +\/home +cached \d+ s ago: 200$/m);

    const from = started.output().length;
    await sample.write({ "access/home.rego": "package access.home\n" });
    await started.printed(/policy rebuilt .*, caches emptied$/m, from);
    expect(await ask(customer.IdToken, "/home")).toEqual([403, null]);
  });
});

describe.each(["rest", "http"])("npm start -- --kind %s", (kind) => {
  it("answers 200, 403 or 401 as the policy says", async () => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root, ["--kind", kind]);
    const { gateway, issuer } = started;
    const tokens = new Map<string, string>();
    for (const user of ["admin", "support", "customer", "auditor", "nobody"])
      tokens.set(user, (await tokensOf(issuer, user)).IdToken);
    const asked: readonly (readonly [string, string, number, string?])[] = [
      ["nobody", "/home", 200],
      ["nobody", "/admin", 403],
      ["admin", "/admin", 200],
      ["admin", "/admin/users/7", 200],
      ["admin", "/admin/ledger/2024", 403, "PUT"],
      ["admin", "/admin/ledger/2024", 200],
      ["customer", "/customers/42/orders", 200],
      ["customer", "/customers/43/orders", 403],
      ["customer", "/admin", 403],
      ["support", "/customers/43/orders", 200],
      ["support", "/orders/7/refunds", 200, "POST"],
      ["auditor", "/customers/43/orders", 200],
      ["auditor", "/orders/7/refunds", 403, "POST"],
      ["admin", "/admin//users", 403],
      ["admin", "/admin/users%2A7", 403],
    ];
    for (const [user, path, status, method] of asked) {
      expect([user, path, await call(gateway, path, tokens.get(user), method)]).toEqual([user, path, status]);
    }
    // Without a token the two kinds of API differ: an HTTP API's authorizer can't make it answer 401.
    expect(await call(gateway, "/home")).toBe(kind === "rest" ? 401 : 403);
    expect(await call(gateway, "/home", "not.a.token")).toBe(kind === "rest" ? 401 : 403);
    await started.printed(/^GET +\/customers\/43\/orders +customer +deny +role\.missing where\.mismatch \d+ µs$/m);
    await started.printed(/^PUT +\/admin\/ledger\/2024 +admin +deny +denial admin\.ledger \d+ µs$/m);
    await started.printed(/^GET +\/home +nobody +allow home\.read \d+ µs$/m);
  });
});

describe("npm start", () => {
  it("puts custom claims into the ID token only, as Cognito does", async () => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root);
    const { AccessToken } = await tokensOf(started.issuer, "customer");
    expect(await call(started.gateway, "/customers/42/orders", AccessToken)).toBe(403);
    expect(await call(started.gateway, "/home", AccessToken)).toBe(200);
  });

  it("refuses the sign-in with a wrong password", async () => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root);
    expect(await signIn(started.issuer, "admin", "guess")).toEqual({
      status: 400,
      body: { __type: "NotAuthorizedException", message: "Incorrect username or password." },
    });
  });

  it("passes the authorizer's context on, in place of headers that a client sends", async () => {
    const upstream = createServer((request, response) => response.end(JSON.stringify(request.headers))).listen(
      0,
      "127.0.0.1",
    );
    await once(upstream, "listening");
    await using sample = await createSample();
    await using started = await startLocally(sample.root, [
      "--upstream",
      `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
    ]);
    const { IdToken } = await tokensOf(started.issuer, "nobody");
    const headers = { authorization: IdToken, "x-authorizer-roles": "admin", "x-authorizer-extra": "admin" };
    const seen = (await (await fetch(`${started.gateway}/home`, { headers })).json()) as Record<string, string>;
    upstream.close();
    upstream.closeAllConnections();
    expect(seen).toMatchObject({ "x-authorizer-roles": "authenticated", "x-authorizer-grants": "home.read" });
    expect(seen["x-authorizer-extra"]).toBeUndefined();
  });

  it("applies an edited rule to the next call, and drops no request meanwhile", async () => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root);
    const { gateway, issuer } = started;
    const { IdToken: token } = await tokensOf(issuer, "nobody");
    const file = join(sample.root, "policies/access/home.rego");
    const text = await readFile(file, "utf8");
    const before = started.output().length;
    await writeFile(file, text.replace('"/home"', '"/start"'));

    let rebuilt = false;
    const done = started.printed(/policy rebuilt in (\d+) ms/, before).then(() => {
      rebuilt = true;
    });
    const statuses = new Set<number>();
    while (!rebuilt)
      statuses.add((await call(gateway, "/home", token)) + 1000 * (await call(gateway, "/start", token)));
    await done;
    expect([...statuses].filter((pair) => pair !== 403_200 && pair !== 200_403 && pair !== 200_200)).toEqual([]);
    expect([await call(gateway, "/home", token), await call(gateway, "/start", token)]).toEqual([403, 200]);
  });

  it("continues with the last valid policy after a mistake, and says where the mistake is", async () => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root);
    const { IdToken: token } = await tokensOf(started.issuer, "nobody");
    const file = join(sample.root, "policies/access/home.rego");
    const text = await readFile(file, "utf8");
    let before = started.output().length;
    await writeFile(file, text.replace('"authenticated"', '"autenticated"'));
    await started.printed(/still serving revision/, before);
    expect(started.output()).toContain('policies/access/home.rego:3: home.read: there is no role "autenticated"');
    expect(await call(started.gateway, "/home", token)).toBe(200);

    before = started.output().length;
    await writeFile(file, text);
    await started.printed(/policy rebuilt/, before);
    expect(await call(started.gateway, "/home", token)).toBe(200);
  });

  it("continues with the last valid policy when all files are deleted", async () => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root);
    const { IdToken: token } = await tokensOf(started.issuer, "nobody");
    const before = started.output().length;
    await rm(join(sample.root, "policies/access"), { recursive: true });
    await started.printed(/still serving revision/, before);
    expect(started.output()).toContain("policies/access:1: this folder does not exist");
    expect(await call(started.gateway, "/home", token)).toBe(200);
  });

  it("continues when a client disconnects in the middle of a request", async () => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root);
    const { gateway, issuer } = started;
    const { IdToken: token } = await tokensOf(issuer, "admin");
    for (const url of [`${gateway}/admin`, `${issuer}/`]) {
      const headers = {
        authorization: token,
        "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
        "content-length": "1000",
      };
      const leaving = request(url, { method: "POST", headers });
      leaving.on("error", () => undefined);
      const arrived = url.startsWith(gateway) ? started.printed(/^POST +\/admin +admin +allow/m) : undefined;
      await new Promise((resolve) => leaving.write("abc", resolve));
      await arrived;
      leaving.destroy();
    }
    expect(await call(gateway, "/admin", token)).toBe(200);
    expect((await signIn(issuer, "admin")).status).toBe(200);
  });

  it("aborts a response that its upstream aborts", async () => {
    const upstream = createServer((_, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("abc", () => response.destroy());
    }).listen(0, "127.0.0.1");
    await once(upstream, "listening");
    await using sample = await createSample();
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    await using started = await startLocally(sample.root, ["--upstream", url]);
    const { IdToken } = await tokensOf(started.issuer, "nobody");
    const answer = await fetch(`${started.gateway}/home`, { headers: { authorization: IdToken } });
    await expect(answer.text()).rejects.toThrow();
    upstream.close();
    upstream.closeAllConnections();
    expect(await call(started.gateway, "/home", IdToken)).toBe(502);
  });

  it("shows a request that is denied before its path is parsed as it arrived", async () => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root, ["--kind", "http"]);
    const { IdToken } = await tokensOf(started.issuer, "nobody");
    expect(await call(started.gateway, "/home/", IdToken)).toBe(403);
    await started.printed(/^GET +\/home\/ +- +deny +path\.not_canonical \(arn\) \d+ µs$/m);
    expect(await call(started.gateway, "/%zz", IdToken)).toBe(400);
    await started.printed(/^GET +\/%zz +is not percent-encoded correctly: 400/m);
  });

  it("prints lines of the decision log, whose input OPA can evaluate again", async () => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root, ["--json", "--source-ip", "203.0.113.7"]);
    const { IdToken } = await tokensOf(started.issuer, "admin");
    expect(await call(started.gateway, "/admin/ledger/2024", IdToken, "PUT")).toBe(200);
    const [line] = await started.printed(/^\{"decision_id".*$/m);
    const { input, result } = JSON.parse(line) as { input: object; result: object };
    await writeFile(join(sample.root, "input.json"), JSON.stringify(input));
    await builtIn(sample.root);
    const opa = await opaIn(sample.root);
    const args = ["--format", "raw", "--bundle", "dist/bundle.tar.gz", "--input", "input.json", "data.engine.decision"];
    expect(JSON.parse((await opa("eval", ...args)).stdout)).toEqual(result);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends with %s", async (signal) => {
    await using sample = await createSample();
    await using started = await startLocally(sample.root);
    expect(await started.end(signal)).toBe(0);
  });
});

describe("npm start does not start", () => {
  it("when a port is in use, and names the variable to set", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const port = String((other.address() as AddressInfo).port);
    await using sample = await createSample();
    await expect(startLocally(sample.root, [], { PORT: port })).rejects.toThrow(
      `port ${port} is taken; set PORT to another`,
    );
    await expect(startLocally(sample.root, [], { CONSOLE_PORT: port })).rejects.toThrow(
      `port ${port} is taken; set CONSOLE_PORT to another`,
    );
    other.close();
  });

  it("with a policy that does not build", async () => {
    await using workspace = await createWorkspace({ "access/area.rego": "package access.area\n\ngrant := 1\n" });
    await expect(startLocally(workspace.root)).rejects.toThrow(
      /it ended with 1:\npolicies\/access\/area\.rego:3: grant is neither/,
    );
  });

  it("with another version of OPA than it needs", async () => {
    await using sample = await createSample();
    await expect(startLocally(sample.root, [], { OPA: "/nowhere/opa" })).rejects.toThrow(
      /it ended with 2:\nOPA=\/nowhere\/opa does not exist/,
    );
  });

  it.each([
    ["another kind", ["--kind", "soap"], "--kind must be rest or http"],
    ["a malformed upstream", ["--upstream", "nowhere"], "--upstream must be an http or https URL"],
    ["a malformed address", ["--source-ip", "here"], "--source-ip must be an IPv4 or IPv6 address"],
    ["an unknown option", ["--verbose"], "--verbose is not a flag of this command"],
  ])("with %s", async (_, args, message) => {
    await using sample = await createSample();
    await expect(startLocally(sample.root, args)).rejects.toThrow(message);
  });
});
