import { createOpa, type Opa } from "../../build/opa/run.ts";
import { foundOpa } from "../../dev/found-opa.ts";

/** Finds the executable of OPA. */
export async function opaPath(): Promise<string> {
  const path = await foundOpa();
  if (!path.ok) throw new Error(path.error);
  return path.value;
}

/** Creates a function that runs OPA in a folder. */
export async function opaIn(root: string): Promise<Opa> {
  return createOpa(await opaPath(), root);
}
