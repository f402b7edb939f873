/** Elements that the metadata of an identity provider must have (OASIS, "Metadata for SAML 2.0", sections 2.3.2 and 2.4.3). */
const REQUIRED = ["EntityDescriptor", "IDPSSODescriptor", "SingleSignOnService", "X509Certificate"];

const NAMESPACE = "urn:oasis:names:tc:SAML:2.0:metadata";

/**
 * Says why a text can't be the metadata of a SAML identity provider.
 *
 * The check catches a wrong file early. It does not validate the metadata, which Cognito does.
 *
 * @returns The error, or undefined if the check found none.
 */
export function findMetadataError(text: string): string | undefined {
  const elements = parseElements(text);
  if (elements === undefined) return "it is not well-formed XML";
  const missing = REQUIRED.filter((name) => !elements.includes(name));
  if (elements[0] !== "EntityDescriptor") return `its root is ${elements[0] ?? "missing"}, not EntityDescriptor`;
  if (!text.includes(NAMESPACE)) return `it is not in the namespace ${NAMESPACE}`;
  return missing.length > 0 ? `it has no ${missing.join(", no ")}` : undefined;
}

/** Lists the local names of the elements in order; undefined if elements are not nested correctly. */
function parseElements(text: string): readonly string[] | undefined {
  const body = text.replaceAll(/<\?[\s\S]*?\?>|<!--[\s\S]*?-->/g, "");
  const open: string[] = [];
  const names: string[] = [];
  for (const [tag, end, name = "", , empty] of body.matchAll(
    /<(\/?)([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/g,
  )) {
    if (tag === undefined) continue;
    if (end === "/") {
      if (open.pop() !== name) return undefined;
      continue;
    }
    if (open.length === 0 && names.length > 0) return undefined;
    names.push(name.replace(/^.*:/, ""));
    if (empty !== "/") open.push(name);
  }
  const rest = body.replaceAll(/<\/?[\w.:-]+(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*\/?>/g, "");
  return open.length === 0 && names.length > 0 && !rest.includes("<") ? names : undefined;
}
