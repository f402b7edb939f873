// Verifies the token with jose, and does nothing else.
import { createLocalJWKSet, jwtVerify } from "jose";
import { createHandler, readBeside } from "./blueprint.mjs";

const { issuer, clientId, keySet } = JSON.parse(readBeside("pool.json"));
const keys = createLocalJWKSet(keySet);

export const handler = createHandler(async (token) => {
  const { payload } = await jwtVerify(token, keys, { issuer, algorithms: ["RS256"] });
  if (payload.client_id !== clientId || payload.token_use !== "access") throw new Error("not for this client");
  return payload;
});
