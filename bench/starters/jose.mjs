// Verifies the token with jose, and does nothing else.
import { createLocalJWKSet, jwtVerify } from "jose";
import { createHandler, readBeside } from "./blueprint.mjs";

const { issuer, clientId, keySet } = JSON.parse(readBeside("pool.json"));
const keys = createLocalJWKSet(keySet);

export const handler = createHandler(async (token) => {
  const { payload } = await jwtVerify(token, keys, { issuer, audience: clientId, algorithms: ["RS256"] });
  if (payload.token_use !== "id") throw new Error("another kind of token");
  return payload;
});
