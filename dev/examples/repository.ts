import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PRODUCT_FOLDER, PRODUCT_POLICIES } from "../../build/product.ts";
import type { ExampleChange, ExamplePolicy } from "./changes.ts";

/** The output of a command. */
export interface Printed {
  readonly exit: number;
  readonly output: string;
  /** The text on standard error. */
  readonly said: string;
}

/** A company's repository with a policy on the branch `main`. Disposing of it removes it. */
export interface ExampleRepository extends AsyncDisposable {
  readonly root: string;
  readonly policies: string;
  /** Runs `rego-authorizer` in the root of the repository. */
  readonly run: (...args: readonly string[]) => Promise<Printed>;
  /** Undoes all changes of the working tree, and changes files of the policy. */
  readonly change: (change: Pick<ExampleChange, "edits">) => Promise<void>;
}

const FIXTURES = join(PRODUCT_FOLDER, "test", "fixtures");
const NORTHWIND = join(FIXTURES, "policies", "northwind");

/** The files of a repository, and where they come from. */
const FILES: Readonly<Record<ExamplePolicy, Readonly<Record<string, string>>>> = {
  sample: {
    "policies/access": join(PRODUCT_POLICIES, "access"),
    "openapi.yaml": join(PRODUCT_FOLDER, "infra", "example", "api", "openapi.yaml"),
  },
  northwind: {
    "policies/access": join(NORTHWIND, "access"),
    "policies/data": join(NORTHWIND, "data"),
    "openapi.yaml": join(FIXTURES, "northwind", "openapi.yaml"),
  },
};

/** Creates a repository with a policy, its access lock and the OpenAPI document of its API. */
export async function createRepository(policy: ExamplePolicy): Promise<ExampleRepository> {
  const root = await mkdtemp(join(tmpdir(), "rego-authorizer-example-"));
  const policies = join(root, "policies");
  for (const [to, from] of Object.entries(FILES[policy])) await cp(from, join(root, to), { recursive: true });
  const main = join(PRODUCT_FOLDER, "cli", "main.ts");
  const git = async (...args: readonly string[]) => {
    const { exit, said } = await runIn(root, "git", ...args);
    if (exit !== 0) throw new Error(said);
  };
  const repository: ExampleRepository = {
    root,
    policies,
    run: (...args) => runIn(root, process.execPath, main, ...args),
    async change({ edits }) {
      await git("checkout", "--quiet", ".");
      await git("clean", "--quiet", "--force");
      for (const { file, from, to } of edits) {
        const path = join(policies, file);
        const text = from === "" ? "" : await readFile(path, "utf8");
        if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
        await writeFile(
          path,
          text.replace(from, () => to),
        );
      }
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
  await repository.run("lock");
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", ".");
  await git("-c", "user.name=example", "-c", "user.email=example@example.com", "commit", "--quiet", "--message=Before");
  return repository;
}

/** Runs a program in a folder. */
function runIn(folder: string, program: string, ...args: readonly string[]): Promise<Printed> {
  return new Promise((settle) => {
    execFile(program, args, { cwd: folder, maxBuffer: 2 ** 27 }, (error, output, said) => {
      const code = error === null ? 0 : error.code;
      settle({ exit: typeof code === "number" ? code : -1, output, said });
    });
  });
}
