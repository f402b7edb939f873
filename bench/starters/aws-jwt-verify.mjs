// Verifies the token with aws-jwt-verify, and does nothing else.
import { createHandler } from "./blueprint.mjs";
import { verify } from "./verified-by-aws.mjs";

export const handler = createHandler(verify);
