import { parseTemplate } from "../contract/path-template.ts";
import type { Area, NamedRoute } from "./areas.ts";

/** The role in a grant that nobody has decided about. No policy has a role of this name, so the build refuses the grant. */
const UNDECIDED = "choose_a_role";

const OPEN = `
#   A route that the document opens to everybody has a public rule, so take the first "# " off its lines, or close it there.`;

/**
 * Formats the file of an area that is closed: it has a grant for each route, all of them commented out. With the first `# ` of
 * its lines taken away, a grant is complete but for its role. A route that the document opens to everybody has a public rule instead.
 */
export function formatArea({ name, routes }: Area): string {
  return `# METADATA
# title: ${quote(toWords(name))}
# description: |
#   Nobody is allowed anything here yet. To open a route, take the first "# " off the lines of its grant and put a role of
#   roles.rego in place of ${UNDECIDED}. Change its case in ${name}_test.rego, and run
#   npx rego-authorizer opa fmt --write policies/access${routes.some(({ isOpen }) => isOpen) ? OPEN : ""}
package access.${name}

${routes.map(formatGrant).join("#\n")}`;
}

/** Formats the grant of a route, or its public rule if the document opens it. */
function formatGrant({ grant, verb, path, id, summary, isOpen }: NamedRoute): string {
  const lines = [
    "# METADATA",
    `# title: ${quote(summary ?? (id === undefined ? `${verb} ${path}` : toWords(grant)))}`,
    ...(isOpen ? [`public["${grant}"] := {`] : [`grants["${grant}"] := {`, `\t"roles": {"${UNDECIDED}"},`]),
    `\t"verbs": {"${verb}"},`,
    `\t"path": "${path}",`,
    "}",
  ];
  return `${lines.map((line) => `# ${line}`).join("\n")}\n`;
}

/** Formats the test of an area that is closed. It has a case for each route. */
export function formatAreaTest({ name, routes }: Area): string {
  const cases = routes.map(({ verb, path, isOpen }) => {
    const method = verb === "ANY" || verb === "GET" ? "" : `"method": "${verb}", `;
    return `\t\t"${verb} ${path} ${isOpen ? "has no grant" : "is closed"}": {"who": _member, ${method}"path": "${toPath(path)}", "effect": "deny"},`;
  });
  return `package access_test.${name}

import data.engine
import data.engine.testing

test_decision[name] if {
	some name, case in {
${cases.join("\n")}
	}

	engine.decision.effect == case.effect with input as testing.input_for(case)
}

_member := {"groups": ["Members"]}
`;
}

/** Converts a template to a path that it matches. */
function toPath(template: string): string {
  const texts = parseTemplate(template).map((segment) => {
    if (segment.kind === "literal") return segment.text;
    return segment.isGreedy ? "1/2" : "1";
  });
  return `/${texts.join("/")}`;
}

/** Converts a name to the words of a title: `list_orders` to `List orders`. */
function toWords(name: string): string {
  const words = name.replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** Matches a text that YAML reads as this text without quotes. */
const PLAIN = /^(?!(Yes|No|On|Off|True|False|Null)$)[A-Z][a-z]+( [\w/,-]+)*\.?$/;

/** Writes a text of one line as YAML. JSON's strings are YAML, too. */
function quote(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text);
}
