import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ROOMS, toAllowed } from "../../dev/rooms.ts";
import { isInRepository, pathsIn } from "../support/paths-in-pages.ts";

const page = readFileSync("docs/architecture.md", "utf8");
const rows = page.split("\n").flatMap((line) => {
  const [, room, , allowed] = /^\| `([^`]+)` \| (.+) \| (.+) \|$/.exec(line) ?? [];
  return room === undefined || allowed === undefined ? [] : [{ room, allowed }];
});

describe("docs/architecture.md", () => {
  it("has the rooms of the product in their order", () => {
    expect(rows.map(({ room }) => room)).toEqual(Object.keys(ROOMS));
  });

  it("names every room, those outside of the product too", () => {
    expect([...toAllowed().keys()].filter((room) => !page.includes(`\`${room}\``))).toEqual([]);
  });

  it.each(rows)("says what $room may import", ({ room, allowed }) => {
    const named = [...allowed.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");
    const inner = ["authorizer/gateway", "authorizer/identity", "authorizer/policy"];
    const expected = toAllowed().get(room);
    expect(named.concat(allowed.includes("the three above") ? inner : [])).toEqual(expected);
  });
});

it.each([
  ["docs/architecture.md", 60],
  ["docs/glossary.md", 3],
  ["docs/versioning.md", 5],
  ["CONTRIBUTING.md", 40],
  ["test/mutation/README.md", 20],
])("every path that %s names is there", (file, atLeast) => {
  const paths = pathsIn(file);
  expect(paths.length).toBeGreaterThanOrEqual(atLeast);
  // What the build makes is not in the repository.
  const isMade = (path: string) => path.startsWith("dist/") || ["manifest.json", "data.json"].includes(path);
  expect(paths.filter((path) => !isInRepository(path) && !isMade(path))).toEqual([]);
});
