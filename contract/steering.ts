import { createCharacterPattern } from "./character-pattern.ts";

/** Matches characters that steer a terminal, break a line or turn its direction: control, format, and line separators. */
const steering = createCharacterPattern(["Cc", "Cf", "Zl", "Zp"], "", "gu");

const OUTSIDE_ASCII = /[^\x20-\x7e]/;

/** Escapes characters that are not visible, as JSON allows, so that one line can't look like two, or like another one. */
export function escapeSteering(line: string): string {
  // Most lines are ASCII, for which a range is found in a fraction of the time of a property.
  return OUTSIDE_ASCII.test(line) ? line.replace(steering(), toEscapes) : line;
}

/** Escapes a line as {@link escapeSteering} does, but for tabs, such as those that indent Rego. */
export function escapeAllButTabs(line: string): string {
  return line.split("\t").map(escapeSteering).join("\t");
}

function toEscapes(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${hexOf(character.charCodeAt(at))}`).join("");
}

function hexOf(unit: number): string {
  return unit.toString(16).padStart(4, "0");
}
