import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The first parts of paths that pages may name: the folders at the root, and the files. */
const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .trim()
  .split("\n");
const TOP = new Set(FILES.map((file) => file.split("/")[0] ?? ""));

/** Lists the paths of this repository that a page names in code or links to, with placeholders left out. */
export function pathsIn(page: string): readonly string[] {
  const text = readFileSync(page, "utf8").replaceAll(/```.*?```/gs, "");
  const inCode = [...text.matchAll(/`(\.?[\w@-][\w./@-]*)`/g)].map(([, path]) => path ?? "");
  const folder = page.includes("/") ? page.slice(0, page.lastIndexOf("/")) : ".";
  const linked = [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, link]) =>
    new URL(link ?? "", `file:///${folder}/`).pathname.slice(1),
  );
  const isPath = (path: string) =>
    (path.includes("/") && TOP.has(path.split("/")[0] ?? "")) || /\.(ts|rego|json|md|ya?ml)$/.test(path);
  return [...new Set([...inCode.filter(isPath), ...linked])];
}

/** Tells whether a path leads to a file or folder of this repository. */
export function isInRepository(path: string): boolean {
  return FILES.includes(path) || FILES.some((file) => file.startsWith(`${path.replace(/\/$/, "")}/`));
}
