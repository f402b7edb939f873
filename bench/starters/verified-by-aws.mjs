// Verification as the documentation of Cognito shows it. The key set is beside the bundle, so that nothing is fetched.
import { CognitoJwtVerifier } from "aws-jwt-verify";
import { readBeside } from "./blueprint.mjs";

const { userPoolId, clientId, keySet } = JSON.parse(readBeside("pool.json"));
const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: "id" });
verifier.cacheJwks(keySet);

/** Verifies a token, and gives its claims. */
export function verify(token) {
  return verifier.verify(token);
}
