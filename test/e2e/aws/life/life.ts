import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Alias, readAliases } from "../support/aliases.ts";
import { askAws } from "../support/aws.ts";
import { call } from "../support/client.ts";
import { createOwnApp } from "../support/own-app.ts";
import type { Run, UserName } from "../support/run.ts";
import { REPORTS_API } from "./policies.ts";

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
  const app = createOwnApp(run, "life");

  async function deploy({ hasSecond = false, fails = false }: DeployOptions = {}): Promise<void> {
    await app.deploy("Life/*", { ...(hasSecond && { second: "true" }), ...(fails && { fails: "true" }) });
  }

  const outputsOf = (stack: string) => app.outputsOf(`Life-${stack}`);
  const apiOf = async (name: "First" | "Second") => (await outputsOf(name)) as unknown as ApiOutputs;
  const functionPath = async () => `/2015-03-31/functions/${(await outputsOf("Authorizer"))["FunctionName"]}`;
  const ask = async (service: string, method: string, path: string, body?: object) => {
    const text = await askAws(run, { service, method, path, ...(body && { body: JSON.stringify(body) }) });
    return text === "" ? {} : JSON.parse(text);
  };

  return {
    build: (files: Readonly<Record<string, string>>) => app.build(files, { reports: REPORTS_API }),
    deploy,
    outputsOf,
    apiOf,
    /** Reads the revision of the last build. */
    async revision(): Promise<string> {
      return JSON.parse(await readFile(join(app.dist, "authorizer", "manifest.json"), "utf8")).revision;
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
      return readAliases(run, (await outputsOf("Authorizer"))["FunctionName"] ?? "");
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
