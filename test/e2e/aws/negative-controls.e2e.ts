import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { decodeJwt } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { alterClaims } from "./support/alter-claims.ts";
import { clientOptions } from "./support/aws.ts";
import { call, type Purpose } from "./support/client.ts";
import { createMint } from "./support/minted-tokens.ts";
import { readRun } from "./support/run.ts";
import { PASSWORD, signIn } from "./support/users.ts";
import { openWebSocket } from "./support/web-socket.ts";

const run = readRun();
const { mint, publicKey, otherKey } = await createMint(run);
const good = run.tokens.admin;
const nowS = () => Math.floor(Date.now() / 1000);

/**
 * The status of a refused request by the kind of API: REST 401; HTTP 403, since an authorizer can't make it a 401;
 * WebSocket 401 on AWS, and 500 here.
 */
const REFUSED = { rest: 401, http: 403, websocket: 500 };

/**
 * The statuses for an unknown key id: the authorizer fetches keys at most once in ten seconds, and in between can't
 * tell an unknown key from a new one.
 */
const REFUSED_OR_FAULT = { rest: [401, 500], http: [403, 500], websocket: [500] };

const CONTROLS: Readonly<Record<string, () => Promise<string | undefined>>> = {
  "a malformed token": async () => "not.a.token",
  "a token that says it is not signed": async () => {
    const [, payload] = good.split(".");
    return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${payload}.`;
  },
  "a token signed with the public key as a secret": () => {
    const secret = new TextEncoder().encode(publicKey.export({ type: "spki", format: "pem" }).toString());
    return mint(good, {}, { alg: "HS256" }, secret);
  },
  "a token signed with another key, under the pool's key id": () => mint(good, {}, {}, otherKey),
  "a token whose groups were changed": async () => alterClaims(run.tokens.nobody, { "cognito:groups": ["Admins"] }),
  "a token that has expired": () => mint(good, { iat: nowS() - 7200, exp: nowS() - 3600 }),
  "a token that never expires": () => mint(good, { exp: undefined }),
  "a token of another pool, in which the user is an administrator as well": async () => others.pool,
  "a token that names another pool, signed with this pool's key": () => mint(good, { iss: `${decodeJwt(good).iss}x` }),
  "a token of the same user through another client": async () => others.client,
};

/** Tokens that Cognito issued for another purpose than these APIs. */
let others = { pool: "", client: "" };

beforeAll(async () => {
  const cognito = new CognitoIdentityProviderClient(clientOptions(run));
  const ExplicitAuthFlows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] as const;
  const createClient = async (UserPoolId: string) => {
    const { UserPoolClient } = await cognito.send(
      new CreateUserPoolClientCommand({ UserPoolId, ClientName: "other", ExplicitAuthFlows: [...ExplicitAuthFlows] }),
    );
    return { UserPoolId, UserPoolClientId: UserPoolClient?.ClientId ?? "" };
  };
  const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: "other" }));
  const user = { UserPoolId: UserPool?.Id, Username: "admin" };
  await cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: "SUPPRESS" }));
  await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }));
  const tokenOf = async (pool: string) => (await signIn(run, await createClient(pool), "admin")).id;
  others = { pool: await tokenOf(user.UserPoolId ?? ""), client: await tokenOf(run.orders.UserPoolId) };
});

/** Functions that send a request with a token and return its status, by the kind of API. */
const ASK: Readonly<Record<keyof typeof REFUSED, (token?: string, purpose?: Purpose) => Promise<number>>> = {
  rest: async (token, purpose) =>
    (await call(run, { api: "rest", path: "/home", token, ...withPurpose(purpose) })).status,
  http: async (token, purpose) =>
    (await call(run, { api: "http", path: "/home", token, ...withPurpose(purpose) })).status,
  websocket: async (token, purpose) => {
    await using connection = await openWebSocket(run, { token, ...withPurpose(purpose) });
    return connection.status;
  },
};
const ACCEPTED = { rest: 200, http: 200, websocket: 101 };

describe.each(Object.keys(REFUSED) as (keyof typeof REFUSED)[])("an API of kind %s refuses", (api) => {
  const ask = ASK[api];

  it("a request without a token, without invoking the authorizer", async () => {
    expect([await ask(undefined, "control"), await ask(good)]).toEqual([401, ACCEPTED[api]]);
  });

  it.each(Object.entries(CONTROLS))("%s", async (_, make) => {
    expect([await ask(await make(), "control"), await ask(good)]).toEqual([REFUSED[api], ACCEPTED[api]]);
  });

  it("a token with a key id that the pool does not have", async () => {
    const status = await ask(await mint(good, {}, { kid: "unknown" }), "control");
    expect(REFUSED_OR_FAULT[api]).toContain(status);
    expect(await ask(good)).toBe(ACCEPTED[api]);
  });

  // Otherwise the way in which the tokens above were made could be the reason for the refusals.
  it("no token that was made in the same way with nothing changed", async () => {
    expect(await ask(await mint(good, {}))).toBe(ACCEPTED[api]);
  });
});

function withPurpose(purpose: Purpose | undefined) {
  return purpose === undefined ? {} : { purpose };
}
