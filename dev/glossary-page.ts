import { GIVEN_UP } from "./words.ts";

/** The lines of `docs/glossary.md` between which its table of given-up words is written. */
const BEGIN = "<!-- Generated from dev/words.ts by `npm run generate`. -->";
const END = "<!-- End of the generated table. -->";

/**
 * Writes the table of given-up words into the glossary; the rest of the page is written by hand.
 *
 * @throws If the page lacks the lines between which the table belongs.
 */
export function withGivenUpWords(page: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`docs/glossary.md needs the lines ${BEGIN} and ${END}`);
  return `${page.slice(0, from)}${BEGIN}\n\n${toTable()}\n\n${page.slice(to)}`;
}

function toTable(): string {
  const rows = GIVEN_UP.map(({ said, instead }) => `| ${said.join(", ")} | ${instead} |`);
  return ["| not | but |", "| --- | --- |", ...rows].join("\n");
}
