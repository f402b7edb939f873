import { askAws } from "./aws.ts";
import type { Emulator } from "./run.ts";

/** An alias of a function. */
export interface Alias {
  readonly Name: string;
  readonly FunctionVersion: string;
  readonly Description?: string;
}

/** Reads the aliases of a function. */
export async function readAliases(run: Emulator, functionName: string): Promise<readonly Alias[]> {
  const path = `/2015-03-31/functions/${functionName}/aliases`;
  return JSON.parse(await askAws(run, { service: "lambda", method: "GET", path })).Aliases;
}
