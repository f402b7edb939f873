import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { ROOMS, roomOf } from "./rooms.ts";

// `npm run measure` prints the size of each room, and imports that run up or in a circle. Imports of types count.

/** The rooms that are counted. A room includes the rooms inside it; `infra/` counts as two. */
const LARGE_ROOMS = [
  ...["contract", "gateway-rules", "authorizer", "build", "analysis", "openapi", "simulator", "local"],
  ...["infra/constructs", "infra/example", "cli", "policies/engine", "policies/access"],
];

const files = execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n");
const sources = files.filter(
  (file) =>
    LARGE_ROOMS.some((room) => file.startsWith(`${room}/`)) &&
    /\.(ts|mjs|rego)$/.test(file) &&
    !file.endsWith("_test.rego"),
);
const texts = new Map(sources.map((file) => [file, readFileSync(file, "utf8")]));
const linesOf = (list: readonly string[]) => list.map((file) => (texts.get(file) ?? "").split("\n").length - 1);
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

const all = linesOf(sources).sort((one, other) => one - other);
console.log(
  `${sources.length} source files, ${sum(all)} lines; median ${all[Math.floor(all.length / 2)]}, largest ${all.at(-1)}`,
);
for (const room of LARGE_ROOMS) {
  const own = sources.filter((file) => file.startsWith(`${room}/`));
  const lines = sum(linesOf(own));
  console.log(
    `  ${room.padEnd(18)} ${String(own.length).padStart(3)} files ${String(lines).padStart(5)} lines ${((100 * lines) / sum(all)).toFixed(1).padStart(5)} %`,
  );
}

const imports = new Map(
  sources.map(
    (file) =>
      [
        file,
        [...(texts.get(file) ?? "").matchAll(/(?:from|import\()\s*"(\.{1,2}\/[^"]+)"/g)]
          .map(([, path = ""]) => join(dirname(file), path))
          .filter((path) => texts.has(path)),
      ] as const,
  ),
);
const order = Object.keys(ROOMS);
const up = [...imports].flatMap(([file, targets]) =>
  targets
    .filter((target) => order.indexOf(roomOf(target) ?? "") > order.indexOf(roomOf(file) ?? ""))
    .map((target) => `${file} -> ${target}`),
);
console.log(`imports that run up: ${up.length}`);
for (const line of up) console.log(`  ${line}`);
console.log(`files in circles: ${findCircles().length}`);
for (const circle of findCircles()) console.log(`  ${circle}`);

/** Finds the files whose imports lead back to themselves. */
function findCircles(): readonly string[] {
  const reaches = (from: string, to: string, seen: Set<string>): boolean =>
    (imports.get(from) ?? []).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return sources.filter((file) => reaches(file, file, new Set()));
}
