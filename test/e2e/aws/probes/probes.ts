import { readAliases } from "../support/aliases.ts";
import type { Probes, Run } from "../support/run.ts";
import { createStack } from "./create-stack.ts";
import { probeTemplate } from "./template.ts";

/** Deploys an API beside the example app, to test the emulator with settings that the app lacks. */
export async function deployProbes(run: Pick<Run, "port" | "region" | "orders">): Promise<Probes> {
  const { AuthorizerFunctionName: name } = run.orders;
  const [apiId = ""] = await createStack(run, "Probes", probeTemplate(`${name}:${await findRestAlias(run)}`));
  return { apiId };
}

/** Finds the alias by which the app's REST API invokes the authorizer. */
async function findRestAlias(run: Pick<Run, "port" | "region" | "orders">): Promise<string> {
  const aliases = await readAliases(run, run.orders.AuthorizerFunctionName);
  const found = aliases.find(({ Description }) => Description?.includes("/Rest/"));
  if (found === undefined) throw new Error("the REST API of the app has no alias");
  return found.Name;
}
