import { parseSegment, parseTemplate, segmentsOf } from "../contract/path-template.ts";
import type { IndexedGrant } from "../contract/policy-index.ts";

/**
 * Makes the template of a documented route that is inside a grant's template, with the grant's names of parameters where it has any.
 *
 * @param read - The names of the grant's parameters that `where` or a condition reads.
 * @returns The template; undefined if a parameter that is read would be missing, or have another value.
 */
export function toNarrowTemplate(wide: string, route: string, read: ReadonlySet<string>): string | undefined {
  const own = parseTemplate(wide);
  const taken = new Set(own.flatMap((segment) => (segment.kind === "parameter" ? [segment.name] : [])));
  const texts: string[] = [];
  for (const [at, text] of segmentsOf(route).entries()) {
    const segment = parseSegment(text);
    const mine = own[at];
    if (segment.kind === "literal") texts.push(text);
    else {
      const isMine = mine?.kind === "parameter" && mine.isGreedy === segment.isGreedy;
      const name = isMine ? mine.name : toFreeName(segment.name, taken);
      taken.add(name);
      texts.push(`{${name}${segment.isGreedy ? "+" : ""}}`);
    }
  }
  const template = `/${texts.join("/")}`;
  const { params, tail } = toPlaces(template);
  const before = toPlaces(wide);
  const isSame = [...read].every((name) => params[name] === before.params[name] && tail[name] === before.tail[name]);
  return isSame ? template : undefined;
}

/** Makes a name of letters, digits and `_` that is not taken. */
function toFreeName(name: string, taken: ReadonlySet<string>): string {
  const base = name.replace(/\W/g, "_").replace(/^(?=\d)/, "_");
  let free = base;
  for (let number = 2; taken.has(free); number += 1) free = `${base}_${number}`;
  return free;
}

/** Gives the positions of a template's parameters, as the policy index has them. */
export function toPlaces(path: string): Pick<IndexedGrant, "path" | "params" | "tail"> {
  const places = parseTemplate(path).flatMap((segment, at) =>
    segment.kind === "parameter" ? [{ ...segment, at }] : [],
  );
  const of = (isGreedy: boolean) =>
    Object.fromEntries(places.filter((one) => one.isGreedy === isGreedy).map(({ name, at }) => [name, at]));
  return { path, params: of(false), tail: of(true) };
}
