import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { PASSWORD, USERS, type User } from "./users.ts";

/** The id of the user pool that the local issuer emulates, for `TRUSTED_ISSUERS`. */
export const USER_POOL_ID = "eu-west-1_Sample000";
export const CLIENT_ID = "sampleclient";

const ISSUER = `https://cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}`;
const TOKEN_LIFETIME_S = 3600;
const MAX_BODY_BYTES = 64_000;

/** A local issuer whose server does not listen yet. */
export interface LocalIssuer {
  readonly server: Server;
  /** Finds the name of the user with a `sub`. */
  readonly nameOf: (sub: string) => string | undefined;
}

/**
 * Creates an issuer that emulates Cognito. It serves a key set, and `InitiateAuth` with `USER_PASSWORD_AUTH` in Cognito's
 * JSON protocol, so that the AWS CLI and SDKs can sign in with `--endpoint-url`. Each start generates new keys.
 *
 * @see Cognito user pools API reference, "InitiateAuth"
 */
export async function createIssuer(): Promise<LocalIssuer> {
  const sign = await createSign();
  const subjects = new Map<string, string>(USERS.map((user) => [user.name, randomUUID() as string]));
  const names = new Map([...subjects].map(([name, sub]) => [sub, name]));

  const server = createServer((request, response) => {
    const reply = ({ status, body, error }: Awaited<ReturnType<typeof answer>>) =>
      response
        .writeHead(status, {
          "content-type": request.method === "POST" ? "application/x-amz-json-1.1" : "application/json",
          ...(error && { "x-amzn-errortype": error }),
        })
        .end(`${JSON.stringify(body)}\n`);
    // A client may close the connection in the middle of a request; the server must go on.
    answer(request).then(reply, () => response.destroy());
  });

  async function answer(request: IncomingMessage): Promise<{ status: number; body: object; error?: string }> {
    const path = request.url?.split("?")[0];
    if (request.method === "GET" && path === `/${USER_POOL_ID}/.well-known/jwks.json`)
      return { status: 200, body: sign.jwks };
    if (request.method !== "POST" || path !== "/") return { status: 404, body: { message: "Not Found" } };
    if (request.headers["x-amz-target"] !== "AWSCognitoIdentityProviderService.InitiateAuth") {
      return toError("UnknownOperationException", "This local issuer supports InitiateAuth only.");
    }
    const body = await readJson(request);
    const { AuthFlow: flow, ClientId: client, AuthParameters: parameters } = body ?? {};
    if (flow !== "USER_PASSWORD_AUTH")
      return toError("InvalidParameterException", "This local issuer supports AuthFlow USER_PASSWORD_AUTH only.");
    if (client !== CLIENT_ID) return toError("ResourceNotFoundException", `User pool client ${client} does not exist.`);
    const { USERNAME: name, PASSWORD: password } = Object(parameters);
    const user = USERS.find((candidate) => candidate.name === name);
    if (user === undefined || password !== PASSWORD)
      return toError("NotAuthorizedException", "Incorrect username or password.");
    return { status: 200, body: await signIn(user) };
  }

  async function signIn(user: User): Promise<object> {
    const now = Math.floor(Date.now() / 1000);
    const shared = {
      sub: subjects.get(user.name),
      ...(user.groups.length > 0 && { "cognito:groups": user.groups }),
      iss: ISSUER,
      origin_jti: randomUUID(),
      event_id: randomUUID(),
      auth_time: now,
      iat: now,
      exp: now + TOKEN_LIFETIME_S,
    };
    const id = {
      ...shared,
      ...user.attributes,
      aud: CLIENT_ID,
      token_use: "id",
      "cognito:username": user.name,
      jti: randomUUID(),
    };
    const access = {
      ...shared,
      client_id: CLIENT_ID,
      token_use: "access",
      scope: "aws.cognito.signin.user.admin",
      username: user.name,
      jti: randomUUID(),
    };
    return {
      AuthenticationResult: {
        AccessToken: await sign.access(access),
        IdToken: await sign.id(id),
        ExpiresIn: TOKEN_LIFETIME_S,
        TokenType: "Bearer",
      },
      ChallengeParameters: {},
    };
  }

  return { server, nameOf: (sub) => names.get(sub) };
}

function toError(error: string, message: string): { status: number; body: object; error: string } {
  return { status: 400, body: { __type: error, message }, error };
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | undefined> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > MAX_BODY_BYTES) return undefined;
  }
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Generates the keys and the functions that sign; like Cognito, it has different keys for ID and access tokens. */
async function createSign() {
  const [id, access] = await Promise.all([createKey(), createKey()]);
  return { id: id.sign, access: access.sign, jwks: { keys: [id.jwk, access.jwk] } };
}

async function createKey() {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const kid = randomUUID();
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" },
    sign: (claims: Record<string, unknown>) =>
      new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey),
  };
}
