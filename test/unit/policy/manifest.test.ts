import { describe, expect, it } from "vitest";
import { parseManifest } from "../../../authorizer/policy/manifest.ts";

const MANIFEST = {
  revision: "0123",
  opa_version: "1.22.2",
  entrypoints: ["engine/decision"],
  reads: [["request", "path"]],
  opens_when_missing: [],
};

describe("parseManifest", () => {
  it("takes what the build writes", () => {
    expect(parseManifest(MANIFEST)).toEqual(MANIFEST);
  });

  it.each([
    ["nothing", null],
    ["a text", "manifest"],
    ["no revision", { ...MANIFEST, revision: undefined }],
    ["no version", { ...MANIFEST, opa_version: 1 }],
    ["an entry point that is none", { ...MANIFEST, entrypoints: [1] }],
    ["reads that are no list", { ...MANIFEST, reads: {} }],
    ["a read that is no path", { ...MANIFEST, reads: [["now_s"], "request"] }],
    ["a read of something else than names", { ...MANIFEST, reads: [["request", 7]] }],
    ["no exemptions", { ...MANIFEST, opens_when_missing: undefined }],
  ])("refuses %s", (_, value) => {
    expect(parseManifest(value)).toBeUndefined();
  });
});
