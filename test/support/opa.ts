import { findOpa } from "../../build/opa.ts";
import { createOpa, type Opa } from "../../build/opa-run.ts";

/** OPA, run in a folder. */
export async function opaIn(root: string): Promise<Opa> {
  const path = await findOpa();
  if (!path.ok) throw new Error(path.error);
  return createOpa(path.value, root);
}
