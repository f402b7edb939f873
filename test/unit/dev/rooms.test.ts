import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path/posix";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ROOMS, roomOf, toAllowed } from "../../../dev/rooms.ts";

const rooms = [...toAllowed().keys()];

/** The forms of an import from one room into another. */
const IMPORTS: readonly ((specifier: string) => string)[] = [
  (specifier) => `import { x } from "${specifier}";\nexport const y = x;\n`,
  (specifier) => `import type { X } from "${specifier}";\nexport type Y = X;\n`,
  (specifier) => `export { x } from "${specifier}";\n`,
  (specifier) => `export const x = await import("${specifier}");\n`,
];

/** Lints a file for every pair of rooms, and returns the refused pairs. */
async function lint(depth: string, toImport: (specifier: string) => string): Promise<ReadonlySet<string>> {
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-fences-"));
  try {
    await mkdir(join(folder, "dev"));
    for (const file of ["biome.json", "dev/fences.json"]) await cp(file, join(folder, file));
    await promisify(execFile)("git", ["init", "--quiet", folder]);
    for (const [at, from] of rooms.entries()) {
      for (const [other, to] of rooms.entries()) {
        if (from === to) continue;
        const file = join(from, depth, `from-${at}-${other}.ts`);
        await mkdir(join(folder, dirname(file)), { recursive: true });
        await writeFile(join(folder, file), toImport(relative(dirname(file), join(to, "module.ts"))));
      }
    }
    const args = ["lint", "--only=style/noRestrictedImports", "--reporter=json", "--max-diagnostics=none", "."];
    const command = join(process.cwd(), "node_modules", ".bin", "biome");
    const { stdout } = await promisify(execFile)(command, args, { cwd: folder, maxBuffer: 2 ** 27 }).catch(
      (error: { readonly stdout: string }) => error,
    );
    const { diagnostics } = JSON.parse(stdout) as {
      readonly diagnostics: readonly { readonly location: { readonly path: string | { readonly file: string } } }[];
    };
    const files = diagnostics.map(({ location: { path } }) => (typeof path === "string" ? path : path.file));
    return new Set(
      files.map((file) => {
        const [, at, other] = /from-(\d+)-(\d+)\.ts$/.exec(file) ?? [];
        return `${rooms[Number(at)]} -> ${rooms[Number(other)]}`;
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("the fences", () => {
  const forbidden = rooms.flatMap((from) =>
    rooms.filter((to) => to !== from && !toAllowed().get(from)?.includes(to)).map((to) => `${from} -> ${to}`),
  );

  it.each([
    ["a value", "", 0],
    ["a type", "", 1],
    ["a re-export", "", 2],
    ["a dynamic import", "", 3],
    ["a value, from a folder inside the room", "inside", 0],
  ] as const)("refuse every import that is not on the list, and no other: %s", async (_, depth, kind) => {
    const refused = await lint(depth, IMPORTS[kind] ?? (() => ""));
    expect([...refused].sort()).toEqual([...forbidden].sort());
  });
});

describe("the rooms", () => {
  it("let imports go one way: each imports rooms further up in the list alone", () => {
    const names: readonly string[] = Object.keys(ROOMS);
    for (const [room, allowed] of Object.entries(ROOMS))
      expect([room, allowed.filter((other) => names.indexOf(other) >= names.indexOf(room))]).toEqual([room, []]);
  });

  it("are not reached by the type of an import, which the linter does not see", () => {
    const uses = (source: string) => /(?<!await |=> )\bimport\(/.test(source);
    expect(
      ['type X = import("../cli/main.ts").X', 'await import("./x.ts")', '() => import("./x.ts")'].map(uses),
    ).toEqual([...[true, false, false]]);
    const files = execFileSync("git", ["ls-files", "*.ts"], { encoding: "utf8" }).trim().split("\n");
    expect(files.filter((file) => !file.startsWith("test/") && uses(readFileSync(file, "utf8")))).toEqual([]);
  });

  it("have every source file of the repository in them", () => {
    const files = execFileSync("git", ["ls-files", "*.ts"], { encoding: "utf8" }).trim().split("\n");
    expect(files.filter((file) => roomOf(file) === undefined && file !== "vitest.config.ts")).toEqual([]);
  });
});
