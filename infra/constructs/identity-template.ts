/**
 * A value as the text of a JSON string.
 *
 * `escapeJavaScript` escapes more than JSON knows: of a quote it makes `\'`.
 *
 * @see API Gateway developer guide, "API Gateway mapping template and access logging variable reference"
 */
function jsonText(reference: string): string {
  return `"$util.escapeJavaScript(${reference}).replaceAll("\\\\'", "'")"`;
}

/** What a template has of the authorizer's context. `$!` is empty rather than its own name if there is none. */
const CONTEXT = [
  '#set($principal = "$!context.authorizer.principalId")',
  '#set($roles = "$!context.authorizer.roles")',
  '#set($grants = "$!context.authorizer.grants")',
  '#set($revision = "$!context.authorizer.revision")',
];

const IS_AUTHORIZED = '#if($principal != "" && $revision != "")';

/**
 * The request template: who calls, and the parameters that are named, as one JSON object.
 *
 * Without a context it renders what is no JSON, so that Lambda refuses to run the function.
 *
 * @param parameters - Of the path, the query or headers, by name.
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
    "no authorizer was asked",
    "#end",
  ].join("\n");
}

/** The response template: what the function returned; but 403 if nobody was authorized, whatever came back. */
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
