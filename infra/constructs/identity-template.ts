/**
 * Formats a template reference as a JSON string.
 *
 * `escapeJavaScript` escapes more than JSON allows: it turns a single quote into `\'`.
 *
 * @see API Gateway developer guide, "API Gateway mapping template and access logging variable reference"
 */
function jsonText(reference: string): string {
  return `"$util.escapeJavaScript(${reference}).replaceAll("\\\\'", "'")"`;
}

/** Template lines that read the authorizer's context. `$!` renders nothing for a missing value, instead of the reference. */
const CONTEXT = [
  '#set($principal = "$!context.authorizer.principalId")',
  '#set($roles = "$!context.authorizer.roles")',
  '#set($grants = "$!context.authorizer.grants")',
  '#set($revision = "$!context.authorizer.revision")',
];

const IS_AUTHORIZED = '#if($principal != "" && $revision != "")';

/**
 * Creates the request template: the caller and the named parameters as one JSON object.
 *
 * Without an authorizer's context the template renders text that is not JSON, so Lambda does not run the function.
 *
 * @param parameters - The names of path, query or header parameters.
 */
export function toRequestTemplate(parameters: readonly string[]): string {
  const lines = parameters.map((name) => `    ${JSON.stringify(name)}: ${jsonText(`$!input.params('${name}')`)}`);
  return [
    ...CONTEXT,
    IS_AUTHORIZED,
    "{",
    `  "principal": ${jsonText("$principal")},`,
    `  "roles": ${jsonText("$roles")},`,
    `  "grants": ${jsonText("$grants")},`,
    `  "revision": ${jsonText("$revision")},`,
    '  "method": "$context.httpMethod",',
    `  "parameters": {${lines.length > 0 ? `\n${lines.join(",\n")}\n  ` : ""}}`,
    "}",
    "#else",
    "no authorizer was invoked",
    "#end",
  ].join("\n");
}

/** Creates the response template: the function's result, or 403 without an authorizer's context, whatever the result is. */
export function toResponseTemplate(): string {
  return [
    ...CONTEXT,
    IS_AUTHORIZED,
    "$input.json('$')",
    "#else",
    "#set($context.responseOverride.status = 403)",
    '{"message":"Forbidden"}',
    "#end",
  ].join("\n");
}
