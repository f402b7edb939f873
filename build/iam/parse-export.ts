import { isMapOf, isText, isTexts } from "../../authorizer/policy/shapes.ts";
import type { IamExport } from "./export.ts";

/** Reads `dist/iam.json`; undefined if `value` is no export. */
export function parseIamExport(value: unknown): IamExport | undefined {
  const { revision, route_table, groups, authenticated, tags, listed } = Object(value);
  const isExport =
    isText(revision) &&
    (route_table === undefined || isText(route_table)) &&
    isMapOf(groups, isDocument) &&
    isDocument(authenticated) &&
    isMapOf(tags, isText) &&
    Array.isArray(listed);
  return isExport ? (value as IamExport) : undefined;
}

function isDocument(value: unknown): boolean {
  const { roles, statements } = Object(value);
  return isTexts(roles) && Array.isArray(statements) && statements.every(isStatement);
}

/** One that names no resource could be read as being for everything. */
function isStatement(value: unknown): boolean {
  const { Effect: effect, Resource: resource, NotResource: others } = Object(value);
  return (effect === "Allow" || effect === "Deny") && isTexts(resource) && others === undefined;
}
