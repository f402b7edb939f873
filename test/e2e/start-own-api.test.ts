import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkspace } from "../../dev/workspace.ts";
import { CLIENT_SECRET } from "../../local/users.ts";
import { type Started, signIn, startLocally } from "../support/local-start.ts";
import { LOCAL_POLICIES } from "../support/policies.ts";
import { runShell } from "../support/shell.ts";

const { "users.yaml": USERS = "", ...WITHOUT_USERS } = LOCAL_POLICIES;

const DOCUMENT = `openapi: 3.0.1
x-amazon-apigateway-cors: {allowOrigins: ["https://app.example.com"], allowMethods: [GET]}
paths:
  /home:
    get: {}
    options:
      x-amazon-apigateway-integration:
        type: mock
        responses:
          default:
            statusCode: "204"
            responseParameters: {method.response.header.Access-Control-Allow-Origin: "'https://app.example.com'"}
  /health:
    get: {security: []}
`;

/** Gets a token for a machine, as RFC 6749 says. */
async function machineToken(issuer: string, client: string): Promise<{ status: number; token: string }> {
  const authorization = `Basic ${Buffer.from(`${client}:${CLIENT_SECRET}`).toString("base64")}`;
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  const response = await fetch(`${issuer}/oauth2/token`, { method: "POST", headers: { authorization }, body });
  const { access_token: token = "" } = (await response.json()) as { access_token?: string };
  return { status: response.status, token };
}

async function call(gateway: string, path: string, token?: string): Promise<number> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await fetch(`${gateway}${path}`, { headers })).status;
}

async function idToken({ issuer }: Started, user: string): Promise<string> {
  const { body } = await signIn(issuer, user);
  return (body["AuthenticationResult"] as { IdToken: string }).IdToken;
}

/** Sends a preflight as a browser does; fetch can't, since the two headers are the browser's own. */
async function preflight(gateway: string, path: string, origin = "https://app.example.com") {
  const headers = { Origin: origin, "Access-Control-Request-Method": "GET" };
  const args = Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`);
  return runShell(`curl -s -i -X OPTIONS ${args.join(" ")} ${gateway}${path}`);
}

/** Runs the lines that a start prints, as a user who pastes them. */
async function paste(output: string): Promise<readonly string[]> {
  const lines = output.split("\n").filter((line) => /^(TOKEN=|curl )/.test(line));
  const shown = await runShell(lines.join("\n"));
  return [...shown.matchAll(/^HTTP\/1\.1 (\d+) /gm)].map(([, status = ""]) => status);
}

describe("the lines that npm start prints", () => {
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["of the users in the file", LOCAL_POLICIES, /Sign in as customer and call/],
    ["of users derived from the policy", WITHOUT_USERS, /Sign in as customers and call/],
    [
      "of a user whose name has quotes",
      { ...WITHOUT_USERS, "users.yaml": `users:\n  o'hara"s: {groups: [Admins]}\n` },
      /Sign in as o'hara"s and call/,
    ],
    [
      "of a machine, if users are allowed nothing",
      {
        ...LOCAL_POLICIES,
        "access/home.rego": "package access.home\n",
        "users.yaml": "users:\n  nobody:\nmachines:\n  helpdesk: {scopes: [orders/support]}\n",
      },
      /Get a token for helpdesk and call/,
    ],
  ])("are answered 200 and 403, %s", async (_, policies, text) => {
    await using workspace = await createWorkspace(policies);
    await using started = await startLocally(workspace.root);
    expect(started.output()).toMatch(text);
    expect(await paste(started.output())).toEqual(["200", "403"]);
  });

  it.each([
    ["the access token if the policy reads no claim of the ID token alone", "", "AccessToken", "IdToken"],
    [
      "the ID token if the policy accepts no other",
      "# METADATA\n# custom:\n#   token_use: id\n",
      "IdToken",
      "AccessToken",
    ],
  ])("use %s", async (_, metadata, used, unused) => {
    await using workspace = await createWorkspace({
      "access/roles.rego": `${metadata}package access.roles\n\nadmin := {"groups": {"Admins"}}\n`,
      "access/admin.rego": `package access.admin\n\ngrants["open"] := {"roles": {"admin"}, "verbs": {"GET"}, "path": "/admin"}\n`,
      "access/home.rego": LOCAL_POLICIES["access/home.rego"] ?? "",
      "users.yaml": "users:\n  ann:\n",
    });
    await using started = await startLocally(workspace.root, ["--kind", "http"]);
    expect(started.output()).toContain(`"${used}"`);
    expect(started.output()).not.toContain(unused);
    expect(await paste(started.output())).toEqual(["200", "403"]);
  });

  it("are left out if nothing is allowed to anybody", async () => {
    await using workspace = await createWorkspace({
      ...LOCAL_POLICIES,
      "access/home.rego": "package access.home\n",
      "users.yaml": "users:\n  nobody:\n",
    });
    await using started = await startLocally(workspace.root);
    expect(started.output()).toContain("No request was found that the policy allows to any of them.");
    expect(started.output()).not.toMatch(/^curl/m);
  });
});

describe("a machine of npm start", () => {
  it("has the access of its scopes", async () => {
    await using workspace = await createWorkspace(LOCAL_POLICIES);
    await using started = await startLocally(workspace.root);
    const { gateway, issuer } = started;
    const [helpdesk, idle] = [await machineToken(issuer, "helpdesk"), await machineToken(issuer, "idle")];
    expect(await call(gateway, "/customers/43/orders", helpdesk.token)).toBe(200);
    expect(await call(gateway, "/customers/43/orders", idle.token)).toBe(403);
    expect((await machineToken(issuer, "nobody")).status).toBe(400);
    await started.printed(/^GET +\/customers\/43\/orders +helpdesk +allow orders\.read_any/m);
  });
});

/** The policies with a public rule for the route that the document opens. */
const WITH_PUBLIC_HEALTH = {
  ...LOCAL_POLICIES,
  "access/health.rego": `package access.health\n\npublic["check"] := {"verbs": {"GET"}, "path": "/health"}\n`,
};

describe("npm start obeys, without a restart,", () => {
  it("an edited file of users, and keeps the former users after a mistake", async () => {
    await using workspace = await createWorkspace(LOCAL_POLICIES);
    await using started = await startLocally(workspace.root);
    const { gateway, issuer } = started;
    let from = started.output().length;
    await workspace.write({ "users.yaml": USERS.replace("nobody:", "nobody: {groups: Admins}") });
    await started.printed(
      /users\.yaml:6: users\.nobody\.groups must be a list.*\nstill serving the users as they were/,
      from,
    );
    expect(await call(gateway, "/admin", await idToken(started, "nobody"))).toBe(403);

    from = started.output().length;
    const edited = USERS.replace("nobody:", "nobody: {groups: [Admins]}").replace(
      "idle:",
      "robot: {scopes: [orders/support]}",
    );
    // As an editor does: a new file takes the place of the old one.
    await writeFile(join(workspace.policies, "users.yaml.tmp"), edited);
    await rename(join(workspace.policies, "users.yaml.tmp"), join(workspace.policies, "users.yaml"));
    await started.printed(/5 users and 2 machines read/, from);
    expect(await call(gateway, "/admin", await idToken(started, "nobody"))).toBe(200);
    const { token } = await machineToken(issuer, "robot");
    expect(await call(gateway, "/customers/43/orders", token)).toBe(200);
    expect((await machineToken(issuer, "idle")).status).toBe(400);

    from = started.output().length;
    await rm(join(workspace.policies, "users.yaml"));
    await started.printed(/5 users and 1 machine read, derived from the policy/, from);
    expect((await signIn(issuer, "nobody")).status).toBe(200);
    expect((await signIn(issuer, "customer")).status).toBe(400);
    expect((await signIn(issuer, "customers")).status).toBe(200);
  });

  it("an edited OpenAPI document, and keeps the former API after a mistake", async () => {
    await using workspace = await createWorkspace(WITH_PUBLIC_HEALTH);
    const file = join(workspace.root, "openapi.yaml");
    await writeFile(file, DOCUMENT);
    await using started = await startLocally(workspace.root, ["--openapi", "openapi.yaml"]);
    expect([await call(started.gateway, "/health"), await call(started.gateway, "/home")]).toEqual([200, 401]);

    let from = started.output().length;
    await writeFile(file, "openapi: [\n");
    await started.printed(/openapi\.yaml: is neither JSON nor YAML.*\nstill serving revision/, from);
    expect([await call(started.gateway, "/health"), await call(started.gateway, "/home")]).toEqual([200, 401]);

    from = started.output().length;
    await rm(file);
    await started.printed(/still serving revision/, from);
    from = started.output().length;
    await writeFile(file, DOCUMENT.replace("{security: []}", "{}"));
    await started.printed(/policy rebuilt/, from);
    // The policy opens it, whatever the document says.
    expect(await call(started.gateway, "/health")).toBe(200);
    from = started.output().length;
    await rm(join(workspace.policies, "access", "health.rego"));
    await started.printed(/policy rebuilt/, from);
    expect(await call(started.gateway, "/health")).toBe(401);
  });
});

describe("a preflight to npm start", () => {
  it("invokes the authorizer, if nobody says who else answers it", async () => {
    await using workspace = await createWorkspace(LOCAL_POLICIES);
    await using started = await startLocally(workspace.root);
    expect(started.output()).toContain("preflights  invoke the authorizer as any request does");
    expect(await preflight(started.gateway, "/home")).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each<[string, readonly string[], RegExp, string]>([
    [
      "the document's mock integration",
      ["--openapi", "openapi.yaml"],
      /answered on 1 path, as the document says/,
      "/home",
    ],
    [
      "the document's CORS configuration",
      ["--openapi", "openapi.yaml", "--kind", "http"],
      /answered by the CORS configuration of the document/,
      "/admin",
    ],
    [
      "--cors",
      ["--cors", "https://app.example.com"],
      /answered for https:\/\/app\.example\.com, as --cors says/,
      "/admin",
    ],
    [
      "--cors, with a cache",
      ["--cors", "https://app.example.com", "--cache"],
      /as --cors says/,
      "/customers/42/orders",
    ],
    ["--cors, on an HTTP API", ["--cors", "https://app.example.com", "--kind", "http"], /as --cors says/, "/admin"],
  ])("is answered by %s", async (_, args, text, path) => {
    await using workspace = await createWorkspace(WITH_PUBLIC_HEALTH);
    await writeFile(join(workspace.root, "openapi.yaml"), DOCUMENT);
    await using started = await startLocally(workspace.root, args);
    expect(started.output()).toMatch(text);
    const answer = await preflight(started.gateway, path);
    expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    expect(answer).toMatch(/^access-control-allow-origin: https:\/\/app\.example\.com\r?$/im);
    await started.printed(/^OPTIONS .* gets 204, and the authorizer is not invoked$/m);
    expect(await call(started.gateway, path)).not.toBe(200);
  });
});

describe("npm start", () => {
  it("writes nothing into the company's folder, so that dist/ stays as the build left it", async () => {
    await using workspace = await createWorkspace(LOCAL_POLICIES);
    await using started = await startLocally(workspace.root);
    expect(await readdir(workspace.root)).toEqual(["policies"]);
    expect(await started.end("SIGINT")).toBe(0);
    expect(await readdir(workspace.root)).toEqual(["policies"]);
    expect(await readFile(join(workspace.policies, "users.yaml"), "utf8")).toBe(USERS);
  });

  it("does not start with a mistake in the file of users, and says where it is", async () => {
    await using workspace = await createWorkspace({ ...LOCAL_POLICIES, "users.yaml": "users:\n  a:\n    group: []\n" });
    await expect(startLocally(workspace.root)).rejects.toThrow(
      /it ended with 1:\npolicies\/users\.yaml:3: users\.a has an unknown key "group"; did you mean groups\?/,
    );
  });

  it("does not start with a document that can't be read", async () => {
    await using workspace = await createWorkspace(LOCAL_POLICIES);
    await expect(startLocally(workspace.root, ["--openapi", "openapi.yaml"])).rejects.toThrow(
      /it ended with 2:\nopenapi\.yaml: can't be read/,
    );
  });
});
