import { join } from "node:path";
import type { IConstruct } from "constructs";
import { type Dist, readDist, readIamExport } from "../../build/package/dist.ts";
import type { IamExport } from "../../contract/iam-export.ts";
import { toSynthesisError } from "./failure.ts";

/** Where `npm run build` puts what is deployed. */
const DEFAULT_DIST_PATH = join(import.meta.dirname, "..", "..", "dist");

/** What was built, for a construct that deploys it. */
export function builtFor(construct: IConstruct, kind: string, distPath = DEFAULT_DIST_PATH): Dist {
  const dist = readDist(distPath);
  if (!dist.ok) throw toSynthesisError(construct, kind, dist.error);
  return dist.value;
}

/** The documents for IAM that were built, for a construct that deploys them. */
export function iamExportFor(construct: IConstruct, kind: string, distPath = DEFAULT_DIST_PATH): IamExport {
  const iam = readIamExport(distPath);
  if (!iam.ok) throw toSynthesisError(construct, kind, iam.error);
  return iam.value;
}
