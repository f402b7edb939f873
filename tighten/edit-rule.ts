import { fieldOfTerm } from "../build/policy/rule-values.ts";
import type { ParsedFile } from "../build/rego/files.ts";
import { type Location, type Rule, type Term, textOf } from "../build/rego/syntax-tree.ts";
import { type Proposal, toNames } from "./proposals.ts";
import { listUnusedImports } from "./unnamed-conditions.ts";

/** A stretch of a text, and what replaces it. */
interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * Applies proposals to the source of an area. Comments, order and layout of everything else stay as they are.
 *
 * @param taken - All grants of the policy, by name.
 * @returns The new text; undefined if a rule is not written in a form that can be edited.
 */
export function editArea(
  source: string,
  { module, package: area }: ParsedFile,
  proposals: readonly Proposal[],
  taken: Readonly<Record<string, unknown>>,
): string | undefined {
  const prefix = `${area.replace(/^access\./, "")}.`;
  const replacements: Replacement[] = [];
  for (const [grant, own] of byGrant(proposals)) {
    const rule = module.rules?.find(
      ({ head: { ref } }) => ref[0]?.value === "grants" && `${prefix}${ref[1]?.value}` === grant,
    );
    const edited = rule && editRule(source, rule, own, prefix, taken);
    if (edited === undefined) return undefined;
    replacements.push(edited);
  }
  const edited = applyAll(source, replacements);
  return proposals.some(({ kind }) => kind === "drop grant") ? withoutBlankEnd(edited) : edited;
}

/**
 * Removes conditions from the source of a file, with the imports that only they used.
 *
 * @returns The new text; undefined if a rule is not written in a form that can be edited.
 */
export function dropConditions(source: string, parsed: ParsedFile, names: ReadonlySet<string>): string | undefined {
  const isDropped = ({ head }: Rule) => names.has(String(head.ref[0]?.value));
  const rules = (parsed.module.rules ?? []).filter(isDropped);
  if (rules.length === 0) return source;
  const replacements: Replacement[] = [];
  for (const { location } of rules) {
    const place = placeOf(source, location);
    if (place === undefined || !isOnItsOwnLines(source, place)) return undefined;
    replacements.push(dropRule(source, place));
  }
  const before = new Set(listUnusedImports(parsed, () => true).map(({ row }) => row));
  for (const { row } of listUnusedImports(parsed, (rule) => !isDropped(rule))) {
    if (before.has(row)) continue;
    const from = startOfLine(source, row);
    replacements.push({ from, to: source.indexOf("\n", from) + 1 || source.length, text: "" });
  }
  return withoutBlankEnd(applyAll(source, replacements));
}

function byGrant(proposals: readonly Proposal[]): ReadonlyMap<string, readonly Proposal[]> {
  const groups = new Map<string, Proposal[]>();
  for (const proposal of proposals) groups.set(proposal.grant, [...(groups.get(proposal.grant) ?? []), proposal]);
  return groups;
}

function editRule(
  source: string,
  rule: Rule,
  proposals: readonly Proposal[],
  prefix: string,
  taken: Readonly<Record<string, unknown>>,
): Replacement | undefined {
  const place = placeOf(source, rule.location);
  const { value } = rule.head;
  if (place === undefined || !isOnItsOwnLines(source, place)) return undefined;
  if (proposals.some(({ kind }) => kind === "drop grant")) return dropRule(source, place);
  const inside: Replacement[] = [];
  let copies: readonly { readonly name: string; readonly path: string }[] = [];
  for (const proposal of proposals) {
    switch (proposal.kind) {
      case "drop grant":
        return undefined;
      case "drop roles": {
        const edits = dropItems(source, fieldOfTerm(value, "roles"), proposal.roles);
        if (edits === undefined) return undefined;
        inside.push(...edits);
        break;
      }
      case "drop verbs": {
        const verbs = fieldOfTerm(value, "verbs");
        const edits = keepVerbs(source, verbs, proposal);
        if (edits === undefined) return undefined;
        inside.push(...edits);
        break;
      }
      case "narrow path": {
        const names = toNames(proposal.grant, proposal.paths.length, taken);
        copies = proposal.paths.map((path, at) => ({ name: (names[at] ?? "").slice(prefix.length), path }));
        break;
      }
      default:
        return proposal satisfies never;
    }
  }
  if (copies.length === 0) return { ...place, text: cut(source, place, inside) };
  return copyRule(source, rule, place, inside, copies);
}

/** Writes a rule once for each template, each with its METADATA. */
function copyRule(
  source: string,
  { head }: Rule,
  place: Stretch,
  inside: readonly Replacement[],
  copies: readonly { readonly name: string; readonly path: string }[],
): Replacement | undefined {
  const path = placeOf(source, fieldOfTerm(head.value, "path")?.location);
  const name = placeOf(source, head.ref[1]?.location);
  if (path === undefined || name === undefined) return undefined;
  const whole = { from: startOfComments(source, place.from), to: place.to };
  const texts = copies.map((copy) =>
    cut(source, whole, [
      ...inside,
      { ...path, text: JSON.stringify(copy.path) },
      { ...name, text: JSON.stringify(copy.name) },
    ]),
  );
  return { ...whole, text: texts.join("\n\n") };
}

function keepVerbs(
  source: string,
  term: Term | undefined,
  { dropped, verbs }: Extract<Proposal, { kind: "drop verbs" }>,
): readonly Replacement[] | undefined {
  const items = itemsOf(term);
  if (items?.includes("ANY") !== true) return dropItems(source, term, dropped);
  const place = placeOf(source, term?.location);
  return place && [{ ...place, text: `{${verbs.map((verb) => JSON.stringify(verb)).join(", ")}}` }];
}

function itemsOf(term: Term | undefined): readonly string[] | undefined {
  if (term?.type !== "set" && term?.type !== "array") return undefined;
  return term.value.flatMap((item) => (item.type === "string" ? [item.value] : []));
}

/** Removes texts from a literal set or list: with their lines, if each is on a line of its own. */
function dropItems(
  source: string,
  term: Term | undefined,
  dropped: readonly string[],
): readonly Replacement[] | undefined {
  if (term?.type !== "set" && term?.type !== "array") return undefined;
  const whole = placeOf(source, term.location);
  const places = term.value.map((item) => ({ item, place: placeOf(source, item.location) }));
  if (whole === undefined || places.some(({ place }) => place === undefined)) return undefined;
  if (!source.slice(whole.from, whole.to).includes("\n")) {
    const left = term.value.filter((item) => item.type !== "string" || !dropped.includes(item.value));
    const [open, close] = term.type === "set" ? ["{", "}"] : ["[", "]"];
    return [{ ...whole, text: `${open}${left.map((item) => textOf(item)).join(", ")}${close}` }];
  }
  return places.flatMap(({ item, place }) => {
    if (place === undefined || item.type !== "string" || !dropped.includes(item.value)) return [];
    const end = place.to + (/^[ \t]*,/.exec(source.slice(place.to))?.[0].length ?? 0);
    const lineStart = source.lastIndexOf("\n", place.from - 1) + 1;
    const isAlone = source.slice(lineStart, place.from).trim() === "";
    const rest = /^[ \t]*(#[^\n]*)?(\r?\n|$)/.exec(source.slice(end))?.[0];
    return [
      isAlone && rest !== undefined
        ? { from: lineStart, to: end + rest.length, text: "" }
        : { ...place, to: end, text: "" },
    ];
  });
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Finds a node in the source of its file. */
function placeOf(source: string, location: Location | undefined): Stretch | undefined {
  if (location?.col === undefined || location.text === undefined) return undefined;
  let from = startOfLine(source, location.row);
  // OPA counts characters, of which some have two units here.
  const line = source.slice(from, from + 2 * location.col);
  from += Array.from(line)
    .slice(0, location.col - 1)
    .join("").length;
  const text = textOf({ location });
  return source.startsWith(text, from) ? { from, to: from + text.length } : undefined;
}

function startOfLine(source: string, row: number): number {
  let from = 0;
  for (let at = 1; at < row; at += 1) from = source.indexOf("\n", from) + 1;
  return from;
}

function isOnItsOwnLines(source: string, { from, to }: Stretch): boolean {
  const isAtStart = from === 0 || source[from - 1] === "\n";
  return isAtStart && /^[ \t]*(#[^\n]*)?(\r?\n|$)/.test(source.slice(to));
}

/** Removes a rule with the comments above it, and the blank lines after it. */
function dropRule(source: string, { from, to }: Stretch): Replacement {
  const rest = /^[^\n]*(?:\n|$)(?:[ \t]*\r?\n)*/.exec(source.slice(to))?.[0] ?? "";
  return { from: startOfComments(source, from), to: to + rest.length, text: "" };
}

/** Removes the blank lines that were before the last rule, if that is gone. */
function withoutBlankEnd(source: string): string {
  return `${source.trimEnd()}\n`;
}

/** Finds the start of the METADATA above a rule, or of all comments directly above it. */
function startOfComments(source: string, from: number): number {
  let start = from;
  for (;;) {
    const lineStart = source.lastIndexOf("\n", start - 2) + 1;
    const line = source.slice(lineStart, start);
    if (start === 0 || !line.startsWith("#")) return start;
    start = lineStart;
    if (/^# METADATA\s*$/.test(line)) return start;
  }
}

function cut(source: string, { from, to }: Stretch, replacements: readonly Replacement[]): string {
  const inside = replacements.map((one) => ({ ...one, from: one.from - from, to: one.to - from }));
  return applyAll(source.slice(from, to), inside);
}

function applyAll(source: string, replacements: readonly Replacement[]): string {
  const sorted = [...replacements].sort((one, other) => other.from - one.from);
  return sorted.reduce((text, { from, to, text: by }) => `${text.slice(0, from)}${by}${text.slice(to)}`, source);
}
