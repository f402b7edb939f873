import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { distIn } from "./emulator/deployment.ts";
import { alterClaims } from "./support/alter-claims.ts";
import type { Credentials } from "./support/aws.ts";
import { readSeen } from "./support/backend.ts";
import { call } from "./support/client.ts";
import { assumeRole, assumeRoleWith, exchange } from "./support/identity-pool.ts";
import { ROWS, type Row } from "./support/matrix.ts";
import { type IdentityPoolOutputs, readRun, type UserName } from "./support/run.ts";

const run = readRun();

/** The role that AWS picks for each user's token. A SAML attribute picks none, if roles are mapped from the token. */
const ROLE_OF: Readonly<Record<UserName, keyof IdentityPoolOutputs>> = {
  admin: "RoleArnAdmins",
  support: "RoleArnSupport",
  customer: "RoleArnCustomers",
  auditor: "RoleArnAuthenticated",
  nobody: "RoleArnAuthenticated",
};
const USERS = Object.keys(ROLE_OF) as UserName[];

/**
 * Grants that no role has here: one with a condition that IAM can't express, and one that needs a principal tag, which
 * the emulator does not support.
 */
const LEFT_OUT: readonly string[] = ["orders.refund", "orders.read_own"];

const credentials = new Map<UserName, Credentials>();
beforeAll(async () => {
  for (const user of USERS) credentials.set(user, await assumeRole(run, roleOf(user), run.identityTokens[user]));
});

describe("the access matrix on the API with IAM authorization", () => {
  const cases = ROWS.flatMap((row) =>
    USERS.map((user) => ({ ...row, user, expected: mayCall(row, user) ? 200 : 403 })),
  );

  it.each(cases)("$method $path with the role of $user: $expected", async ({ method, path, user, expected }) => {
    const { status } = await call(run, { api: "iam", method, path, ...credentialsOf(user) });
    expect(status).toBe(expected);
  });

  it("tells the backend which role's session it is", async () => {
    const { body } = await call(run, { api: "iam", path: "/home", ...credentialsOf("support") });
    const role = roleOf("support").split("/").at(-1);
    expect(readSeen(body).session).toMatch(new RegExp(`^arn:aws:sts::\\d+:assumed-role/${role}/e2e$`));
  });

  it("lists the grants that its roles lack as gaps of the export", () => {
    const { gaps } = JSON.parse(readFileSync(join(distIn(run.folder), "iam.json"), "utf8"));
    const missing = gaps.filter(({ what }: { what: string }) => what === "grant_missing");
    expect(missing.map(({ where }: { where: string }) => where)).toEqual(["orders.refund"]);
  });

  it.each(["/admin//users", "/admin/users/", "/admin/./users", "/admin/../admin/users", "/admin/a;b"])(
    "%s with the role of admin: 403",
    async (path) => {
      const { status } = await call(run, { api: "iam", path, ...credentialsOf("admin"), purpose: "control" });
      expect(status).toBe(403);
    },
  );
});

describe("the API with IAM authorization refuses", () => {
  const ask = async (asked: { token?: string; credentials?: Credentials }) => {
    const { status } = await call(run, { api: "iam", path: "/home", purpose: "control", ...asked });
    const { status: positive } = await call(run, { api: "iam", path: "/home", ...credentialsOf("nobody") });
    return [status, positive];
  };

  it("no signature", async () => expect(await ask({})).toEqual([403, 200]));

  it("a token in place of a signature", async () =>
    expect(await ask({ token: run.identityTokens.admin })).toEqual([403, 200]));

  it("another secret", async () =>
    expect(await ask({ credentials: { ...known("admin"), secretAccessKey: "another" } })).toEqual([403, 200]));

  it("a key that nobody has", async () =>
    expect(await ask({ credentials: { ...known("admin"), accessKeyId: "ASIAUNKNOWNUNKNOWN12" } })).toEqual([403, 200]));

  it("another user's session token", async () => {
    const { sessionToken = "" } = known("support");
    expect(await ask({ credentials: { ...known("admin"), sessionToken } })).toEqual([403, 200]);
  });
});

// The emulator does not check the signature of a token of the identity pool, so only the effect of its claims is
// tested.
describe("a role's trust policy refuses", () => {
  const assumeAltered = async (claims: Readonly<Record<string, unknown>>) => {
    const { openIdToken } = await exchange(run, run.identityTokens.nobody);
    return assumeRoleWith(run, roleOf("admin"), alterClaims(openIdToken, claims));
  };

  it("a token of another identity pool", async () => {
    const aud = `${run.region}:00000000-0000-4000-8000-000000000000`;
    await expect(assumeAltered({ aud })).rejects.toThrow(/Not authorized/);
    expect(await assumeAltered({})).toHaveProperty("accessKeyId");
  });

  it("a token of a guest", async () => {
    await expect(assumeAltered({ amr: ["unauthenticated"] })).rejects.toThrow(/Not authorized/);
  });
});

function mayCall({ grants }: Row, user: UserName): boolean {
  const grant = grants[user];
  if (ROLE_OF[user] === "RoleArnAuthenticated") return grant === "home.read";
  return grant !== undefined && !LEFT_OUT.includes(grant);
}

function roleOf(user: UserName): string {
  return run.identityPool[ROLE_OF[user]];
}

function known(user: UserName): Credentials {
  const found = credentials.get(user);
  if (found === undefined) throw new Error(`${user} has no credentials`);
  return found;
}

function credentialsOf(user: UserName) {
  return { credentials: known(user) };
}
