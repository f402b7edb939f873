import type { IConstruct } from "constructs";
import { type Dist, readDist, readIamExport } from "../../build/package/dist.ts";
import type { IamExport } from "../../contract/iam-export.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The folder in which `rego-authorizer build` writes by default, from the working folder of the app. */
const DEFAULT_DIST_PATH = "dist";

/**
 * Reads a build for a construct that deploys it.
 *
 * @throws An error of synthesis if the build is missing, or can't be used.
 */
export function builtFor(construct: IConstruct, kind: string, distPath = DEFAULT_DIST_PATH): Dist {
  const dist = readDist(distPath);
  if (!dist.ok) throw toSynthesisError(construct, kind, dist.error);
  return dist.value;
}

/**
 * Reads the IAM export of a build for a construct that deploys it.
 *
 * @throws An error of synthesis if the export is missing, or can't be used.
 */
export function iamExportFor(construct: IConstruct, kind: string, dist: Dist, distPath = DEFAULT_DIST_PATH): IamExport {
  const iam = readIamExport(distPath, dist);
  if (!iam.ok) throw toSynthesisError(construct, kind, iam.error);
  return iam.value;
}
