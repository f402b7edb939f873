import { describe, expect, it } from "vitest";
import { formatApiDocument, parseApiDocuments } from "../../../contract/named-document.ts";

describe("the documents of --openapi", () => {
  it.each<[string, readonly string[], readonly (readonly [string | undefined, string])[]]>([
    ["none", [], []],
    ["one without a name", ["api.yaml"], [[undefined, "api.yaml"]]],
    ["one with a name", ["orders=api.yaml"], [["orders", "api.yaml"]]],
    [
      "several with names",
      ["a=x.yaml", "eu-2-B=../y.yaml"],
      [
        ["a", "x.yaml"],
        ["eu-2-B", "../y.yaml"],
      ],
    ],
    [
      "two APIs of one document",
      ["a=x.yaml", "b=x.yaml"],
      [
        ["a", "x.yaml"],
        ["b", "x.yaml"],
      ],
    ],
    ["a file with = in its name", ["./a=b.yaml"], [[undefined, "./a=b.yaml"]]],
    ["a named file with = in its name", ["a=b=c.yaml"], [["a", "b=c.yaml"]]],
    ["a folder with = in its name", ["x/a=b/c.yaml"], [[undefined, "x/a=b/c.yaml"]]],
  ])("%s", (_, texts, documents) => {
    const parsed = parseApiDocuments(texts);
    expect(parsed).toEqual({ ok: true, value: documents.map(([api, file]) => ({ api, file })) });
    expect(parsed.ok ? parsed.value.map(formatApiDocument) : []).toEqual(texts);
  });

  it.each<[string, readonly string[], readonly RegExp[]]>([
    [
      "a second one without a name",
      ["a.yaml", "b.yaml"],
      [/^with several documents, each --openapi must name its API/],
    ],
    ["one of two without a name", ["a=a.yaml", "b.yaml"], [/must name its API/]],
    [
      "an API that is named twice",
      ["a=a.yaml", "a=b.yaml"],
      [/^--openapi names the API a more than once; give each API one document$/],
    ],
    [
      "the name of a report-only authorizer",
      ["orders-report=a.yaml"],
      [/^--openapi at position 1: .* must not end in the word report, by which the alias of a report-only/],
    ],
    [
      "a name with an underscore",
      ["my_api=a.yaml"],
      [/^--openapi at position 1: the name of an API has letters, digits/],
    ],
    ["an empty name", ["=a.yaml"], [/the name of an API has letters/]],
    ["a long name", [`${"a".repeat(65)}=a.yaml`], [/at most 64 characters/]],
    ["a name alone", ["a="], [/^--openapi at position 1 names no file$/]],
    ["all errors at once", ["a=", "b c=x", "x.yaml"], [/names no file/, /position 2: the name/, /must name its API/]],
  ])("are refused with %s", (_, texts, errors) => {
    const parsed = parseApiDocuments(texts);
    expect(parsed.ok ? [] : parsed.error).toEqual(errors.map((error) => expect.stringMatching(error)));
  });
});
