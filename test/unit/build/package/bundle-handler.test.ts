import { beforeAll, describe, expect, it } from "vitest";
import { bundleHandler } from "../../../../build/package/bundle-handler.ts";

describe("the bundled handler", () => {
  let text: string;
  beforeAll(async () => {
    text = Buffer.from((await bundleHandler()).code).toString();
  });

  it("imports nothing before it runs, since an import loads what stands behind every export of a module", () => {
    const imports = (code: string) => code.match(/\bimport\s*(?:[{*"]|[\w$]+\s*(?:,|from))/g) ?? [];
    expect(imports(text)).toEqual([]);
    // What the pattern finds, and what the handler imports when it fetches keys.
    expect(imports('import{hash as a}from"node:crypto";import b from"x"')).toHaveLength(2);
    expect(text).toContain('import("node:https")');
  });

  it("has no regular expression for which Node gathers a set of all characters at once", () => {
    const gathering = (code: string) => code.match(/\/\[?[^/\n]*\\p\{\w+\}[^/\n]*\/[a-z]*u/g) ?? [];
    expect(gathering(text)).toEqual([]);
    expect(gathering("a=/[^\\p{Cc}]/u")).toHaveLength(1);
    // Categories are there, as texts from which a pattern is made when it is used.
    expect(text).toContain("\\\\p{");
  });
});
