import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findOpa } from "../build/opa/find.ts";
import { PRODUCT_FOLDER } from "../build/product.ts";
import { createStaging } from "../build/staging.ts";
import { isObject, parseJson } from "../contract/json.ts";
import { formatAnswer } from "../review/markdown.ts";
import { installProduct, PACKAGE, parseWanted, readProductVersion, runNpm } from "../upgrade/product-version.ts";
import { tryVersion } from "../upgrade/try-version.ts";
import {
  type Command,
  couldNotRun,
  createFlagReader,
  EXIT,
  type ExitCode,
  misused,
  type Outcome,
  policiesOf,
} from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer upgrade [VERSION|FILE] [--check] [--policies DIR] [--openapi FILE]… [--cache-scope request|token] [--format text|md|json]
  builds the policy with another version of this package, compares decisions, and installs it if none differs
  VERSION        a version or tag of the registry; default: latest
  FILE           a file that npm pack made, or a folder
  --check        compares only, and installs nothing
  --policies     the folder with access/ in it; default: policies
  --openapi and --cache-scope are passed on to build
  --format       text, md or json; default: text
  exit code: 0 no decision changes, 1 some do, 2 nothing was compared or installed`,
  flags: ["policies", "cache-scope", "format"],
  lists: ["openapi"],
  switches: ["check"],
  takesPositionals: true,
  async run(given) {
    const flags = createFlagReader(given);
    const format = flags.choose("format", ["text", "md", "json"], "text");
    const [wantedText = "latest", ...others] = given.positionals;
    if (others.length > 0) flags.report("name one version");
    if (flags.errors.length > 0) return misused(flags.errors);
    const spec = await parseWanted(wantedText);
    if (!spec.ok) return misused([spec.error]);
    const isCheck = given.switches.has("check");
    if (!isCheck && !(await dependsOnProduct(process.cwd()))) return couldNotRun([NO_DEPENDENCY]);
    const [inUse, opa] = await Promise.all([readProductVersion(PRODUCT_FOLDER), findOpa()]);
    if (!inUse.ok) return couldNotRun([inUse.error]);
    if (!opa.ok) return couldNotRun([opa.error]);
    await using staging = await createStaging(tmpdir(), "upgrading");
    say(`installing ${spec.value} into a temporary folder`);
    const wanted = await installProduct(spec.value, staging.path);
    if (!wanted.ok) return couldNotRun([wanted.error, NOTHING]);
    const title = `${PACKAGE} ${inUse.value.version} → ${wanted.value.version}`;

    const { "cache-scope": cacheScope } = given.flags;
    const buildFlags = [
      ...(given.lists?.["openapi"] ?? []).flatMap((file) => ["--openapi", resolve(file)]),
      ...(cacheScope === undefined ? [] : ["--cache-scope", cacheScope]),
    ];
    const verdict = await tryVersion({
      opaPath: opa.value,
      policies: policiesOf(given),
      buildFlags,
      inUse: inUse.value,
      wanted: wanted.value,
      folder: staging.path,
      say,
    });
    if (!verdict.ok) return couldNotRun([title, ...verdict.error, NOTHING]);
    const install = ["install", "--save-exact", toInstalled(spec.value, wanted.value.version)];
    const tried: Tried = { from: inUse.value.version, to: wanted.value.version, ...verdict.value, install };
    if (tried.findings.length > 0) return print(EXIT.found, format, tried, `${NOTHING}; if that is what you want:`);
    if (isCheck) return print(EXIT.fine, format, tried, "to install it:");
    const installed = await runNpm(install, process.cwd());
    if (!installed.ok) return couldNotRun([...toReport(tried), installed.error]);
    return print(EXIT.fine, format, tried, undefined);
  },
};

/** Another version of the package, and what it decides otherwise. */
interface Tried {
  readonly from: string;
  readonly to: string;
  readonly compared: readonly string[];
  readonly findings: readonly string[];
  /** The arguments of npm. */
  readonly install: readonly string[];
}

function toReport({ from, to, compared, findings }: Tried): readonly string[] {
  return [`${PACKAGE} ${from} → ${to}`, ...compared, ...(findings.length === 0 ? ["no decision changes"] : findings)];
}

/** @param how - What the command of npm is for; undefined if it was run. */
function print(exit: ExitCode, format: "text" | "md" | "json", tried: Tried, how: string | undefined): Outcome {
  const command = ["npm", ...tried.install].join(" ");
  if (format === "json") {
    const { install: _, ...others } = tried;
    const report = {
      format: 1,
      ...others,
      installed: how === undefined,
      ...(how !== undefined && { install: command }),
    };
    return { kind: "done", exit, output: `${JSON.stringify(report)}\n` };
  }
  const commit = `installed ${PACKAGE} ${tried.to}; commit package.json and package-lock.json`;
  const text = `${[...toReport(tried), how === undefined ? commit : `${how} ${command}`].join("\n")}\n`;
  return { kind: "done", exit, output: format === "md" ? formatAnswer(text) : text };
}

/** Prints what is being done, on a terminal only. */
function say(line: string): void {
  if (process.stderr.isTTY) console.error(`… ${line}`);
}

const NOTHING = "nothing was installed";
const NO_DEPENDENCY = `package.json of the working folder does not depend on ${PACKAGE}; go to your policy's repository, or only compare with --check`;

/** Tells whether the package in a folder depends on the product. */
async function dependsOnProduct(folder: string): Promise<boolean> {
  const content = parseJson(await readFile(join(folder, "package.json"), "utf8").catch(() => ""));
  const { dependencies, devDependencies } = isObject(content) ? content : {};
  return [dependencies, devDependencies].some((names) => isObject(names) && Object.hasOwn(names, PACKAGE));
}

/** Replaces a tag of the registry with the version that it stood for, so that this version is installed and no newer one. */
function toInstalled(spec: string, version: string): string {
  return spec.startsWith(`${PACKAGE}@`) ? `${PACKAGE}@${version}` : spec;
}
