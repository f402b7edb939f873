import type { AttachmentMode } from "../contract/method-selection.ts";
import type { Scheme } from "./schemes.ts";

/** The names of the schemes that are written for a contract, by mode. */
const OWN_NAMES: Readonly<Record<AttachmentMode, RegExp>> = {
  enforce: /^policy-.+-(?<contract>[0-9a-f]{12})$/,
  report: /^report-(?<contract>[0-9a-f]{12})$/,
};

/** Formats the name of the scheme of an authorizer. All report-only operations of an API share one. */
export function formatOwnName(mode: AttachmentMode, authorizer: string, contractId: string): string {
  return mode === "report" ? `report-${contractId}` : `policy-${authorizer}-${contractId}`;
}

/** Tells whether a security scheme has the name of one that was written for a contract. */
export function isOwnName(name: string): boolean {
  return OWN_NAMES.enforce.test(name) || OWN_NAMES.report.test(name);
}

/** Reads the id of the contract that a scheme was written for, from its name; undefined if it has none. */
export function contractOfName(name: string): string | undefined {
  return (OWN_NAMES.enforce.exec(name) ?? OWN_NAMES.report.exec(name))?.groups?.["contract"];
}

/** Reads the mode of a scheme that was written for a contract, by its name and type; undefined for any other scheme. */
export function modeOfScheme({ name, authorizer }: Scheme): AttachmentMode | undefined {
  if (authorizer?.["type"] !== "request") return undefined;
  return OWN_NAMES.report.test(name) ? "report" : OWN_NAMES.enforce.test(name) ? "enforce" : undefined;
}

/** Describes a scheme of another contract that operations keep which were not selected, and what to do. */
export function describeEarlier(name: string): string {
  return `operations that are not selected keep ${name}, so the function needs its contract and its alias, too; select them, or keep both`;
}
