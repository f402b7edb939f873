import { createPublicKey } from "node:crypto";
import { JwtVerifier } from "aws-jwt-verify";
import { createLocalJWKSet, type JWK, jwtVerify } from "jose";
import { isSignature } from "../../authorizer/identity/algorithms.ts";
import type { AlgorithmName } from "../../contract/algorithms.ts";
import { createCasbin } from "../decision/casbin.ts";
import { createCedar } from "../decision/cedar.ts";
import type { HereDecider } from "../decision/decider.ts";
import { CLIENT } from "./issuer.ts";

/** The fields that the handlers read. */
export interface BenchEvent {
  readonly methodArn: string;
  readonly resource: string;
  readonly path: string;
  readonly httpMethod: string;
  readonly headers: { readonly Authorization: string };
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly requestContext: { readonly identity: { readonly sourceIp: string } };
}

/** What a handler is created from. */
export interface HandlerSettings {
  readonly alg: AlgorithmName;
  readonly issuer: string;
  readonly jwk: JWK;
  readonly grants: number;
}

type Handler = (event: BenchEvent) => Promise<object>;
type Claims = Readonly<Record<string, unknown>>;

/** The handlers beside the authorizer, by the name of the contender. Each throws if a token is not valid. */
export const HANDLERS: Readonly<Record<string, (settings: HandlerSettings) => Promise<Handler>>> = {
  "crypto.verify": async ({ alg, jwk }) => {
    const key = { alg, key: createPublicKey({ key: { ...jwk }, format: "jwk" }) };
    return async (event) => {
      const token = tokenOf(event);
      const at = token.lastIndexOf(".");
      const signature = Buffer.from(token.slice(at + 1), "base64url");
      if (!isSignature(Buffer.from(token.slice(0, at)), signature, key)) throw new Error("Unauthorized");
      return toPolicyDocument("user", "Allow", event.methodArn);
    };
  },
  "jose alone": async (settings) => {
    const keys = createLocalJWKSet({ keys: [settings.jwk] });
    const options = { issuer: settings.issuer, audience: CLIENT, algorithms: [settings.alg] };
    return async (event) => {
      const { payload } = await jwtVerify(tokenOf(event), keys, options);
      return toPolicyDocument(payload.sub ?? "", "Allow", event.methodArn);
    };
  },
  "aws-jwt-verify alone": async (settings) => {
    const verify = createVerify(settings);
    return async (event) => toPolicyDocument(String(verify(tokenOf(event))["sub"]), "Allow", event.methodArn);
  },
  "aws-jwt-verify and casbin": async (settings) => createDeciding(settings, await createCasbin(sizeOf(settings))),
  "aws-jwt-verify and cedar-wasm": async (settings) => createDeciding(settings, createCedar(sizeOf(settings))),
};

function sizeOf({ grants }: HandlerSettings) {
  return { grants, conditions: 0 };
}

/** Creates the check of a token, with the key set in memory. The synchronous call is the faster one. */
function createVerify({ issuer, jwk }: HandlerSettings): (token: string) => Claims {
  const verifier = JwtVerifier.create({ issuer, audience: CLIENT, jwksUri: `${issuer}/.well-known/jwks.json` });
  // The library's type has the members of keys that it reads, and jose's all of them.
  verifier.cacheJwks({ keys: [jwk] } as Parameters<typeof verifier.cacheJwks>[0]);
  return (token) => verifier.verifySync(token);
}

/** Creates a handler in the shape of AWS's blueprint: it verifies, decides in its own code, and answers with a policy document. */
function createDeciding(settings: HandlerSettings, { decide }: HereDecider): Handler {
  const verify = createVerify(settings);
  return async (event) => {
    const { "cognito:groups": groups, ...claims } = verify(tokenOf(event));
    const effect = decide({
      groups: Array.isArray(groups) ? groups : [],
      claims: claims as Readonly<Record<string, string | number>>,
      method: event.httpMethod,
      path: event.path,
      template: event.resource,
      customerId: event.pathParameters["customer_id"] ?? "",
      sourceIp: event.requestContext.identity.sourceIp,
      nowS: Math.floor(Date.now() / 1_000),
    });
    return toPolicyDocument(String(claims["sub"]), effect === "allow" ? "Allow" : "Deny", event.methodArn);
  };
}

function tokenOf({ headers }: BenchEvent): string {
  return headers.Authorization.slice("Bearer ".length);
}

function toPolicyDocument(principalId: string, effect: "Allow" | "Deny", resource: string): object {
  const statement = [{ Action: "execute-api:Invoke", Effect: effect, Resource: resource }];
  return { principalId, policyDocument: { Version: "2012-10-17", Statement: statement } };
}
