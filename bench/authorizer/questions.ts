import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchEvent } from "./handlers.ts";
import type { BenchIssuer } from "./issuer.ts";

/** Creates the events of the questions: three that the token alone answers, and those that need a decision, on a route of customers. */
export async function createQuestions(issuer: BenchIssuer, route: string) {
  const template = await readFile(join(import.meta.dirname, "../event.json"), "utf8");
  const toEvent = (token: string, customer = "42", resource = route): BenchEvent =>
    JSON.parse(
      template
        .replaceAll("TOKEN", token)
        .replaceAll("RESOURCE", resource)
        .replaceAll("PATH", resource.replace("{customer_id}", customer))
        .replaceAll("CUSTOMER", customer),
    );
  const token = await issuer.sign({});
  // The signature of another token.
  const forged = token.replace(/[^.]*$/, (await issuer.sign({ sub: "another" })).split(".")[2] ?? "");
  const expired = await issuer.sign({ exp: Math.floor(Date.now() / 1_000) - 60 });
  const suspended = await issuer.sign({ "cognito:groups": ["Customers", "Suspended"] });
  const nothing = "/customers/{customer_id}/nothing";
  return [
    toEvent(token),
    toEvent(forged),
    toEvent(expired),
    toEvent(token, "43"),
    toEvent(token, "42", nothing),
    toEvent(suspended),
  ] as const;
}
