import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Result } from "../../../../contract/result.ts";
import { cdkEnvironment, QUIET } from "../emulator/deployment.ts";
import { runCommand } from "../emulator/run-command.ts";
import type { Run } from "./run.ts";

const DEADLINE_MS = 120_000;

/**
 * Creates the means to build and deploy an app of a test, in a folder of its own. Its context has `dist`, and `userPoolId` and `clientId` of
 * the users of the run.
 *
 * @param name - The folder, and the folder of `app.ts` in this one.
 */
export function createOwnApp(run: Run, name: string) {
  const folder = join(run.folder, name);
  const dist = join(folder, "dist");
  const policies = join(folder, "policies");
  const outputs = join(folder, "outputs.json");
  const { signal } = new AbortController();
  const runTool = (command: string, args: readonly string[], environment = process.env) =>
    runCommand({ command, args, environment, deadlineMs: DEADLINE_MS, signal }).then(orThrow);

  return {
    folder,
    dist,
    /** Writes a policy and the OpenAPI documents of APIs, by their names, and builds them. A single API has no name in the build. */
    async build(files: Readonly<Record<string, string>>, documents: Readonly<Record<string, object>>): Promise<void> {
      const flags: string[] = [];
      for (const [path, text] of Object.entries(files)) await write(join(policies, path), text);
      for (const [api, document] of Object.entries(documents)) {
        const file = join(folder, `${api}.json`);
        await write(file, JSON.stringify(document));
        flags.push("--openapi", Object.keys(documents).length === 1 ? file : `${api}=${file}`);
      }
      await runTool(process.execPath, ["cli/main.ts", "build", "--policies", policies, "--dist", dist, ...flags]);
    },
    async deploy(stacks: string, context: Readonly<Record<string, string>> = {}): Promise<void> {
      const { UserPoolId: userPoolId, UserPoolClientId: clientId } = run.orders;
      const values = Object.entries({ dist, userPoolId, clientId, ...context });
      const contexts = values.flatMap(([key, value]) => ["--context", `${key}=${value}`]);
      const app = ["--app", `${process.execPath} test/e2e/aws/${name}/app.ts`, "--output", join(folder, "cdk.out")];
      const asked = ["deploy", stacks, "--require-approval", "never", "--outputs-file", outputs, ...QUIET];
      // The CDK's own rules have judged the example app, and take seconds each time.
      await runTool("cdk", [...asked, ...app, ...contexts], { ...cdkEnvironment(run), CDK_VALIDATION: "false" });
    },
    async outputsOf(stack: string): Promise<Readonly<Record<string, string>>> {
      return JSON.parse(await readFile(outputs, "utf8"))[stack];
    },
  };
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function orThrow(result: Result<string, string>): string {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}
