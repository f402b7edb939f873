import type { Probes, Run } from "../support/run.ts";
import { createStack } from "./create-stack.ts";
import { probeTemplate } from "./template.ts";

/** Deploys an API beside the example app, to test the emulator with settings that the app lacks. */
export async function deployProbes(run: Pick<Run, "port" | "region" | "orders">): Promise<Probes> {
  const [apiId = ""] = await createStack(run, "Probes", probeTemplate(run.orders.AuthorizerFunctionName));
  return { apiId };
}
