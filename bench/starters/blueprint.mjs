// The shape of the blueprint for Lambda authorizers: verify the token, ask for a decision, answer with a policy document.
import { readFileSync } from "node:fs";

/** Reads a file beside the bundle. */
export function readBeside(name) {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}

/** Creates a handler from a function that gives the claims of a good token, and one that decides. */
export function createHandler(verify, isAllowed = () => true) {
  return async function handler(event) {
    const [, token = ""] = event.headers.Authorization.split(" ");
    let claims;
    try {
      claims = await verify(token);
    } catch {
      throw new Error("Unauthorized");
    }
    const Effect = (await isAllowed(claims, event)) ? "Allow" : "Deny";
    return {
      principalId: claims.sub,
      policyDocument: {
        Version: "2012-10-17",
        Statement: [{ Action: "execute-api:Invoke", Effect, Resource: event.methodArn }],
      },
    };
  };
}
