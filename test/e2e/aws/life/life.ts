import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Result } from "../../../../contract/result.ts";
import { cdkEnvironment, QUIET } from "../emulator/deployment.ts";
import { runCommand } from "../emulator/run-command.ts";
import { askAws } from "../support/aws.ts";
import { call } from "../support/client.ts";
import type { Run, UserName } from "../support/run.ts";
import { REPORTS_API } from "./policies.ts";

/** An alias of the authorizer's function. */
interface Alias {
  readonly Name: string;
  readonly FunctionVersion: string;
}

/** The outputs of the stack of one API. */
interface ApiOutputs {
  readonly ApiId: string;
  readonly DeploymentId: string;
}

interface DeployOptions {
  readonly hasSecond?: boolean;
  /** Lets the deployment of the API fail after everything else in its stack is done. */
  readonly fails?: boolean;
}

const STAGE = "prod";

/** Creates the means of a life: builds of policies, deployments of an app of its own, and what an operator does by hand. */
export function createLife(run: Run) {
  const folder = join(run.folder, "life");
  const policies = join(folder, "policies");
  const dist = join(folder, "dist");
  const outputs = join(folder, "outputs.json");
  const { signal } = new AbortController();
  const runTool = (command: string, args: readonly string[], environment = process.env) =>
    runCommand({ command, args, environment, deadlineMs: 120_000, signal }).then(orThrow);

  async function build(files: Readonly<Record<string, string>>): Promise<void> {
    const document = join(folder, "openapi.json");
    const all = { ...Object.fromEntries(Object.entries(files).map(([name, text]) => [join(policies, name), text])) };
    for (const [path, text] of Object.entries({ ...all, [document]: JSON.stringify(REPORTS_API) })) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
    const paths = ["--policies", policies, "--dist", dist, "--openapi", document];
    await runTool(process.execPath, ["cli/main.ts", "build", ...paths]);
  }

  async function deploy({ hasSecond = false, fails = false }: DeployOptions = {}): Promise<void> {
    const values = {
      dist,
      userPoolId: run.orders.UserPoolId,
      clientId: run.orders.UserPoolClientId,
      ...(hasSecond && { second: "true" }),
      ...(fails && { fails: "true" }),
    };
    const contexts = Object.entries(values).flatMap(([name, value]) => ["--context", `${name}=${value}`]);
    const app = ["--app", `${process.execPath} test/e2e/aws/life/app.ts`, "--output", join(folder, "cdk.out")];
    const asked = ["deploy", "Life/*", "--require-approval", "never", "--outputs-file", outputs, ...QUIET];
    await runTool("cdk", [...asked, ...app, ...contexts], cdkEnvironment(run));
  }

  async function outputsOf(stack: string): Promise<Readonly<Record<string, string>>> {
    return JSON.parse(await readFile(outputs, "utf8"))[`Life-${stack}`];
  }

  const apiOf = async (name: "First" | "Second") => (await outputsOf(name)) as unknown as ApiOutputs;
  const functionPath = async () => `/2015-03-31/functions/${(await outputsOf("Authorizer"))["FunctionName"]}`;
  const ask = async (service: string, method: string, path: string, body?: object) => {
    const text = await askAws(run, { service, method, path, ...(body && { body: JSON.stringify(body) }) });
    return text === "" ? {} : JSON.parse(text);
  };

  return {
    build,
    deploy,
    outputsOf,
    apiOf,
    /** Reads the revision of the last build. */
    async revision(): Promise<string> {
      return JSON.parse(await readFile(join(dist, "authorizer", "manifest.json"), "utf8")).revision;
    },
    /** Asks for a report, and returns the status. */
    async read(
      api: ApiOutputs,
      user: UserName,
      { from, id = "1" }: { from?: string; id?: string } = {},
    ): Promise<number> {
      const headers = from === undefined ? {} : { "x-forwarded-for": from };
      const asked = { api: "probes", path: `/reports/${id}`, token: run.tokens[user], headers } as const;
      return (await call({ ...run, probes: { apiId: api.ApiId } }, asked)).status;
    },
    async aliases(): Promise<readonly Alias[]> {
      return (await ask("lambda", "GET", `${await functionPath()}/aliases`)).Aliases;
    },
    async versions(): Promise<readonly string[]> {
      const { Versions } = await ask("lambda", "GET", `${await functionPath()}/versions`);
      return Versions.map(({ Version }: { readonly Version: string }) => Version);
    },
    async moveAlias(name: string, version: string): Promise<void> {
      await ask("lambda", "PUT", `${await functionPath()}/aliases/${name}`, { FunctionVersion: version });
    },
    async flush({ ApiId }: ApiOutputs): Promise<void> {
      await ask("apigateway", "DELETE", `/restapis/${ApiId}/stages/${STAGE}/cache/authorizers`);
    },
    async moveStage({ ApiId }: ApiOutputs, deploymentId: string): Promise<void> {
      const patchOperations = [{ op: "replace", path: "/deploymentId", value: deploymentId }];
      await ask("apigateway", "PATCH", `/restapis/${ApiId}/stages/${STAGE}`, { patchOperations });
    },
  };
}

function orThrow(result: Result<string, string>): string {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}
