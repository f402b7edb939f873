import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createToInput } from "../../authorizer/policy/input.ts";
import { parseManifest } from "../../contract/manifest.ts";
import type { Question } from "./question.ts";

/** Makes the engine's input of a question. */
export type ToInput = (question: Question) => object;

/** No policy of this benchmark reads a header or a query parameter. */
const NONE = new Map<string, readonly string[]>();

/** Creates the function that makes the engine's input as the authorizer does: with what the policy reads, and nothing else. */
export async function readToInput(dist: string): Promise<ToInput> {
  const manifest = parseManifest(JSON.parse(await readFile(join(dist, "authorizer/manifest.json"), "utf8")));
  if (manifest === undefined) throw new Error("the build made a manifest of another form");
  const toInput = createToInput(manifest.input_references, manifest.request_values, [], undefined);
  return ({ groups, claims, method, path, sourceIp, nowS }) => {
    const principal = {
      id: "7d8c",
      kind: "user",
      issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Bench0000",
      claims: { ...claims, "cognito:groups": groups },
    };
    const request = { method, path, source_ip: sourceIp, client_certificate: undefined, headers: NONE, query: NONE };
    return toInput(principal, request, nowS);
  };
}
