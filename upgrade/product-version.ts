import { execFile } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isObject, isText, parseJson } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";

/** The name of the package. */
export const PACKAGE = "rego-authorizer";

/** An installed version of the product. */
export interface ProductVersion {
  readonly version: string;
  /** The file that runs its commands. */
  readonly main: string;
}

/** Reads which version of the product is in a folder. */
export async function readProductVersion(folder: string): Promise<Result<ProductVersion, string>> {
  const file = join(folder, "package.json");
  const content = parseJson(await readFile(file, "utf8").catch(() => ""));
  const { name, version, bin } = isObject(content) ? content : {};
  const main = isObject(bin) ? bin[PACKAGE] : undefined;
  if (name !== PACKAGE || !isText(version) || !isText(main)) return err(`${file} is not the package ${PACKAGE}`);
  return ok({ version, main: join(folder, main) });
}

/**
 * Parses what the user names as the new version: a version or a tag of the registry, or a packed file or a folder.
 *
 * @returns What npm installs.
 */
export async function parseWanted(wanted: string): Promise<Result<string, string>> {
  if (/^(\d+\.\d+\.\d+[\w.+-]*|[a-z]+)$/.test(wanted)) return ok(`${PACKAGE}@${wanted}`);
  const path = resolve(wanted);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere
    ? ok(path)
    : err(`${wanted} is neither a version, such as 1.2.3 or latest, nor a packed file that is there`);
}

/**
 * Installs a version of the product into a folder, with npm, and without running scripts of packages.
 *
 * @param spec - What npm installs; see {@link parseWanted}.
 */
export async function installProduct(spec: string, folder: string): Promise<Result<ProductVersion, string>> {
  await writeFile(join(folder, "package.json"), '{"private": true}\n');
  const installed = await runNpm(["install", "--ignore-scripts", spec], folder);
  if (!installed.ok) return installed;
  const product = await readProductVersion(join(folder, "node_modules", PACKAGE));
  return product.ok ? product : err(`${spec} is not the package ${PACKAGE}`);
}

/** Runs npm in a folder; gives the first line of its errors if it fails. */
export function runNpm(args: readonly string[], folder: string): Promise<Result<void, string>> {
  const quiet = ["--no-audit", "--no-fund", "--loglevel", "error"];
  return new Promise((settle) => {
    execFile("npm", [...args, ...quiet], { cwd: folder, maxBuffer: 2 ** 27 }, (error, _stdout, stderr) => {
      const lines = stderr
        .split("\n")
        .filter((line) => line.startsWith("npm error") && !/ code | A complete log/.test(line));
      const reason = lines[0]?.replace("npm error ", "") ?? error?.message ?? "";
      settle(error === null ? ok(undefined) : err(`npm ${args.join(" ")} failed: ${reason}`));
    });
  });
}

/** The output of a command of a version. */
export interface Ran {
  readonly exit: number;
  readonly lines: readonly string[];
}

/** Runs a command of a version of the product. */
export function runProduct({ main }: ProductVersion, args: readonly string[]): Promise<Ran> {
  return new Promise((settle) => {
    execFile(process.execPath, [main, ...args], { maxBuffer: 2 ** 27 }, (error, stdout, stderr) => {
      const exit = error === null ? 0 : typeof error.code === "number" ? error.code : 2;
      settle({ exit, lines: `${stderr}${stdout}`.split("\n").filter((line) => line !== "") });
    });
  });
}
