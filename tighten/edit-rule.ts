import { fieldOfTerm } from "../build/policy/rule-values.ts";
import type { ParsedFile } from "../build/rego/files.ts";
import { type Location, type Rule, type Term, textOf } from "../build/rego/syntax-tree.ts";
import { groupBy } from "../contract/group-by.ts";
import { type Proposal, toNames } from "./proposals.ts";
import { listUnusedImports } from "./unnamed-conditions.ts";

/** The source of a file, and where its lines start. */
export interface SourceText {
  readonly text: string;
  readonly starts: readonly number[];
}

/** Finds the lines of a source. */
export function toSourceText(text: string): SourceText {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return { text, starts };
}

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
  source: SourceText,
  parsed: ParsedFile,
  proposals: readonly Proposal[],
  taken: Readonly<Record<string, unknown>>,
): string | undefined {
  const rules = listGrants(parsed);
  const replacements: Replacement[] = [];
  for (const [grant, own] of groupBy(proposals, (proposal) => proposal.grant)) {
    const rule = rules.get(grant);
    const edited = rule && editRule(source, rule, own, prefixOf(parsed), taken);
    if (edited === undefined) return undefined;
    replacements.push(edited);
  }
  const edited = applyAll(source.text, replacements);
  return proposals.some(({ kind }) => kind === "drop grant") ? withoutBlankEnd(edited) : edited;
}

/** Lists the proposals whose rules are written in a form that can be edited. */
export function listEditable(
  source: SourceText,
  parsed: ParsedFile,
  proposals: readonly Proposal[],
  taken: Readonly<Record<string, unknown>>,
): readonly Proposal[] {
  const rules = listGrants(parsed);
  return proposals.filter((proposal) => {
    const rule = rules.get(proposal.grant);
    return rule !== undefined && editRule(source, rule, [proposal], prefixOf(parsed), taken) !== undefined;
  });
}

function listGrants(parsed: ParsedFile): ReadonlyMap<string, Rule> {
  const grants = (parsed.module.rules ?? []).filter(({ head }) => head.ref[0]?.value === "grants");
  return new Map(grants.map((rule) => [`${prefixOf(parsed)}${rule.head.ref[1]?.value}`, rule]));
}

function prefixOf({ package: area }: ParsedFile): string {
  return `${area.replace(/^access\./, "")}.`;
}

/**
 * Removes conditions from the source of a file, with the imports that only they used.
 *
 * @returns The new text; undefined if a rule is not written in a form that can be edited.
 */
export function dropConditions(source: SourceText, parsed: ParsedFile, names: ReadonlySet<string>): string | undefined {
  const isDropped = ({ head }: Rule) => names.has(String(head.ref[0]?.value));
  const rules = (parsed.module.rules ?? []).filter(isDropped);
  if (rules.length === 0) return source.text;
  const replacements: Replacement[] = [];
  for (const { location } of rules) {
    const place = placeOf(source, location);
    if (place === undefined || !isOnItsOwnLines(source.text, place)) return undefined;
    replacements.push(dropRule(source.text, place));
  }
  const before = new Set(listUnusedImports(parsed, () => true).map(({ row }) => row));
  for (const { row } of listUnusedImports(parsed, (rule) => !isDropped(rule))) {
    if (before.has(row)) continue;
    const from = source.starts[row - 1] ?? 0;
    replacements.push({ from, to: source.starts[row] ?? source.text.length, text: "" });
  }
  return withoutBlankEnd(applyAll(source.text, replacements));
}

function editRule(
  source: SourceText,
  rule: Rule,
  proposals: readonly Proposal[],
  prefix: string,
  taken: Readonly<Record<string, unknown>>,
): Replacement | undefined {
  const place = placeOf(source, rule.location);
  const { value } = rule.head;
  if (place === undefined || !isOnItsOwnLines(source.text, place)) return undefined;
  if (proposals.some(({ kind }) => kind === "drop grant")) return dropRule(source.text, place);
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
  if (copies.length === 0) return { ...place, text: cut(source.text, place, inside) };
  return copyRule(source, rule, place, inside, copies);
}

/** Writes a rule once for each template, each with its METADATA. */
function copyRule(
  source: SourceText,
  { head }: Rule,
  place: Stretch,
  inside: readonly Replacement[],
  copies: readonly { readonly name: string; readonly path: string }[],
): Replacement | undefined {
  const path = placeOf(source, fieldOfTerm(head.value, "path")?.location);
  const name = placeOf(source, head.ref[1]?.location);
  if (path === undefined || name === undefined) return undefined;
  const whole = { from: startOfComments(source.text, place.from), to: place.to };
  const texts = copies.map((copy) =>
    cut(source.text, whole, [
      ...inside,
      { ...path, text: JSON.stringify(copy.path) },
      { ...name, text: JSON.stringify(copy.name) },
    ]),
  );
  return { ...whole, text: texts.join("\n\n") };
}

function keepVerbs(
  source: SourceText,
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
  source: SourceText,
  term: Term | undefined,
  dropped: readonly string[],
): readonly Replacement[] | undefined {
  if (term?.type !== "set" && term?.type !== "array") return undefined;
  const whole = placeOf(source, term.location);
  const places = term.value.map((item) => ({ item, place: placeOf(source, item.location) }));
  if (whole === undefined || places.some(({ place }) => place === undefined)) return undefined;
  if (!source.text.slice(whole.from, whole.to).includes("\n")) {
    const left = term.value.filter((item) => item.type !== "string" || !dropped.includes(item.value));
    const [open, close] = term.type === "set" ? ["{", "}"] : ["[", "]"];
    return [{ ...whole, text: `${open}${left.map((item) => textOf(item)).join(", ")}${close}` }];
  }
  return places.flatMap(({ item, place }) => {
    if (place === undefined || item.type !== "string" || !dropped.includes(item.value)) return [];
    const end = place.to + (/^[ \t]*,/.exec(source.text.slice(place.to))?.[0].length ?? 0);
    const lineStart = source.text.lastIndexOf("\n", place.from - 1) + 1;
    const isAlone = source.text.slice(lineStart, place.from).trim() === "";
    const rest = /^[ \t]*(#[^\n]*)?(\r?\n|$)/.exec(source.text.slice(end))?.[0];
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
function placeOf(source: SourceText, location: Location | undefined): Stretch | undefined {
  if (location?.col === undefined || location.text === undefined) return undefined;
  let from = source.starts[location.row - 1] ?? 0;
  // OPA counts characters, of which some have two units here.
  const line = source.text.slice(from, from + 2 * location.col);
  from += Array.from(line)
    .slice(0, location.col - 1)
    .join("").length;
  const text = textOf({ location });
  return source.text.startsWith(text, from) ? { from, to: from + text.length } : undefined;
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

function applyAll(text: string, replacements: readonly Replacement[]): string {
  const sorted = [...replacements].sort((one, other) => one.from - other.from);
  const pieces = sorted.flatMap(({ from, text: by }, at) => [text.slice(sorted[at - 1]?.to ?? 0, from), by]);
  return [...pieces, text.slice(sorted.at(-1)?.to ?? 0)].join("");
}
