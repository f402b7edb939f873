import { expect, it } from "vitest";
import { keyDependenciesOf } from "../../../../build/policy/key-dependencies.ts";
import type { InputReference } from "../../../../contract/manifest.ts";

/** Finds the identity sources that stand for a field, if the condition that reads it declares it as required. */
function sourcesOf(read: InputReference, required: readonly string[] = []) {
  const dependencies = keyDependenciesOf(new Map([["it", [read]]]), new Map([["it", required]]), new Map());
  return dependencies.get("it")?.map(({ sources }) => sources ?? "never");
}

it("no identity source stands for the client's certificate, whatever a condition declares", () => {
  for (const name of ["subject", "issuer", "serial_number", "valid_from_s", "valid_until_s"]) {
    const read = ["request", "client_certificate", name];
    expect([sourcesOf(read), sourcesOf(read, [read.join(".")])]).toEqual([["never"], ["never"]]);
  }
  expect(sourcesOf(["request", "source_ip"])).toEqual([["source_ip"]]);
  expect(sourcesOf(["request", "headers", "x-a"], ["request.headers.x-a"])).toEqual([["header.x-a"]]);
});
