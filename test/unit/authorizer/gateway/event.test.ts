import { describe, expect, it } from "vitest";
import { parseEvent } from "../../../../authorizer/gateway/event.ts";
import { readValues } from "../../../../authorizer/gateway/fields.ts";
import { changed, createEvent } from "../../../support/events.ts";

/** Copying the values that are there for each further one would take minutes. */
const MANY = 200_000;

describe("an event with a name that occurs many times", () => {
  it("is parsed in one pass over its raw query", () => {
    const event = changed(createEvent("http-2", "a.b.c"), { rawQueryString: "a=1&".repeat(MANY) });
    const parsed = parseEvent(event);
    expect(parsed.ok && parsed.value.query.get("a")).toHaveLength(MANY);
  });

  it("is parsed in one pass over names that differ in case only", () => {
    const names = Array.from({ length: 2 ** 16 }, (_, at) =>
      Array.from("abcdefghijklmnop", (letter, bit) => (at & (1 << bit) ? letter.toUpperCase() : letter)).join(""),
    );
    const headers = Object.fromEntries(names.map((name, at) => [name, String(at)]));
    const parsed = parseEvent(changed(createEvent("rest-request", "a.b.c"), { headers, multiValueHeaders: {} }));
    expect(parsed.ok && parsed.value.headers.get("abcdefghijklmnop")).toHaveLength(2 ** 16);
  });

  it("is read once for each value", () => {
    const readsFor = (count: number) => {
      let reads = 0;
      const list = new Proxy(Array(count).fill("1"), {
        get(target, name, receiver) {
          if (typeof name === "string" && /^\d+$/.test(name)) reads += 1;
          return Reflect.get(target, name, receiver);
        },
      });
      readValues({ a: "1" }, { a: list });
      return reads;
    };
    expect([readsFor(100), readsFor(1000)]).toEqual([100, 1000]);
  });
});

describe("the values of a query parameter", () => {
  it.each<[string, object, readonly string[]]>([
    ["a raw query", { rawQueryString: "a=1&b=3&a=2%2C", queryStringParameters: { a: "1,2," } }, ["1", "2,"]],
    [
      "joined parameters, if there is no raw query",
      { rawQueryString: undefined, queryStringParameters: { a: "1,2" } },
      ["1", "2"],
    ],
    ["both views, if they disagree", { rawQueryString: "a=1", queryStringParameters: { a: "2" } }, ["1", "2"]],
    ["the parsed view, if only it has some", { rawQueryString: "b=1", queryStringParameters: { a: "2" } }, ["2"]],
    [
      "one of the views, if both have it",
      { rawQueryString: "a=x+y%26", queryStringParameters: { a: "x y&" } },
      ["x y&"],
    ],
    [
      "the raw query, if the other is not decoded",
      { rawQueryString: "a=x%20", queryStringParameters: { a: "x%20" } },
      ["x "],
    ],
  ])("come from %s", (_, fields, values) => {
    const parsed = parseEvent(changed(createEvent("http-2", "a.b.c"), fields as Record<string, unknown>));
    expect(parsed.ok && parsed.value.query.get("a")).toEqual(values);
  });
});
