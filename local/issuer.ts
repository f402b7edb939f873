import { createServer, type IncomingMessage, type Server } from "node:http";
import { isObject, parseJson } from "../contract/json.ts";
import { readTokenRequest } from "./token-endpoint.ts";
import { TOKEN_LIFETIME_S, type TokenSigner, USER_POOL_ID } from "./tokens.ts";
import { type Accounts, CLIENT_ID, PASSWORD } from "./users.ts";

/** The path of the key set. */
export const JWKS_PATH = `/${USER_POOL_ID}/.well-known/jwks.json`;

const TOKEN_PATH = "/oauth2/token";
const MAX_BODY_BYTES = 64_000;

/** The response of the issuer. */
interface Reply {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Creates the server of an issuer that emulates Cognito; it does not listen yet. It has
 *
 * - the key set of the user pool,
 * - `InitiateAuth` with `USER_PASSWORD_AUTH` in Cognito's JSON protocol, so that the AWS CLI and SDKs can sign in with
 *   `--endpoint-url`,
 * - `/oauth2/token` with client credentials.
 *
 * @param accounts - Gives the current users and machines; a file of users may change.
 * @see Cognito user pools API reference, "InitiateAuth"; Cognito developer guide, "Token endpoint"
 */
export function createIssuer(signer: TokenSigner, accounts: () => Accounts): Server {
  return createServer((request, response) => {
    const reply = ({ status, body, headers }: Reply) =>
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(`${JSON.stringify(body)}\n`);
    // A client may close the connection in the middle of a request; the server must go on.
    answer(request).then(reply, () => response.destroy());
  });

  async function answer(request: IncomingMessage): Promise<Reply> {
    const route = `${request.method} ${request.url?.split("?")[0]}`;
    if (route === `GET ${JWKS_PATH}`) return { status: 200, body: signer.jwks };
    if (route === `POST ${TOKEN_PATH}`) return issueToMachine(request);
    if (route !== "POST /") return { status: 404, body: { message: "Not Found" } };
    const reply = await initiateAuth(request);
    return { ...reply, headers: { "content-type": "application/x-amz-json-1.1", ...reply.headers } };
  }

  async function initiateAuth(request: IncomingMessage): Promise<Reply> {
    if (request.headers["x-amz-target"] !== "AWSCognitoIdentityProviderService.InitiateAuth")
      return toError("UnknownOperationException", "This local issuer supports InitiateAuth only.");
    const body = parseJson((await readText(request)) ?? "");
    const { AuthFlow: flow, ClientId: client, AuthParameters: parameters } = isObject(body) ? body : {};
    if (flow !== "USER_PASSWORD_AUTH")
      return toError("InvalidParameterException", "This local issuer supports AuthFlow USER_PASSWORD_AUTH only.");
    if (client !== CLIENT_ID) return toError("ResourceNotFoundException", `User pool client ${client} does not exist.`);
    const { USERNAME: name, PASSWORD: password } = isObject(parameters) ? parameters : {};
    const user = accounts().users.find((candidate) => candidate.name === name);
    if (user === undefined || password !== PASSWORD)
      return toError("NotAuthorizedException", "Incorrect username or password.");
    const { id, access } = await signer.signIn(user);
    const result = { AccessToken: access, IdToken: id, ExpiresIn: TOKEN_LIFETIME_S, TokenType: "Bearer" };
    return { status: 200, body: { AuthenticationResult: result, ChallengeParameters: {} } };
  }

  async function issueToMachine(request: IncomingMessage): Promise<Reply> {
    const { "content-type": contentType, authorization } = request.headers;
    const body = await readText(request);
    const granted = readTokenRequest({ contentType, authorization, body: body ?? "" }, accounts().machines);
    if (!granted.ok) return { status: 400, body: { error: granted.error } };
    const { machine, scopes } = granted.value;
    const token = await signer.authorizeMachine(machine, scopes);
    return { status: 200, body: { access_token: token, expires_in: TOKEN_LIFETIME_S, token_type: "Bearer" } };
  }
}

function toError(error: string, message: string): Reply {
  return { status: 400, body: { __type: error, message }, headers: { "x-amzn-errortype": error } };
}

/** Reads a body; gives undefined if it is too long. */
async function readText(request: IncomingMessage): Promise<string | undefined> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > MAX_BODY_BYTES) return undefined;
  }
  return text;
}
