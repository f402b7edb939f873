/** A segment of a path template: a literal, `{name}`, or the greedy `{name+}`, which matches the rest of the path. */
export type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "parameter"; readonly name: string; readonly isGreedy: boolean };

/** Lists the segments of a template or path as texts; the root has no segments. */
export function segmentsOf(template: string): readonly string[] {
  return template === "/" ? [] : template.slice(1).split("/");
}

/** Parses a segment of a template: `{name}` and `{name+}` are parameters, everything else is a literal. */
export function parseSegment(text: string): Segment {
  const [, name, plus] = /^\{([^{}+]+)(\+?)\}$/.exec(text) ?? [];
  return name === undefined ? { kind: "literal", text } : { kind: "parameter", name, isGreedy: plus === "+" };
}

/** Parses all segments of a template. */
export function parseTemplate(template: string): readonly Segment[] {
  return segmentsOf(template).map(parseSegment);
}

/** Tells whether some path matches both templates. */
export function overlaps(one: string, other: string): boolean {
  const [ones, others] = [parseTemplate(one), parseTemplate(other)];
  for (let at = 0; ; at += 1) {
    const [mine, yours] = [ones[at], others[at]];
    if (mine === undefined || yours === undefined) return mine === yours;
    if (mine.kind === "parameter" && mine.isGreedy) return true;
    if (yours.kind === "parameter" && yours.isGreedy) return true;
    if (mine.kind === "literal" && yours.kind === "literal" && mine.text !== yours.text) return false;
  }
}

/** Lists the names of a template's parameters, in their order. */
export function namesOfParameters(template: string): readonly string[] {
  return parseTemplate(template).flatMap((segment) => (segment.kind === "parameter" ? [segment.name] : []));
}

/** Tells whether the first template matches every path that the second one matches. */
export function covers(wide: string, narrow: string): boolean {
  const [wides, narrows] = [parseTemplate(wide), parseTemplate(narrow)];
  for (let at = 0; ; at += 1) {
    const [mine, yours] = [wides[at], narrows[at]];
    if (mine === undefined || yours === undefined) return mine === yours;
    if (mine.kind === "parameter" && mine.isGreedy) return true;
    if (yours.kind === "parameter" && yours.isGreedy) return false;
    if (mine.kind === "literal" && (yours.kind !== "literal" || mine.text !== yours.text)) return false;
  }
}

/**
 * Gives the template of the paths that match two templates, which must overlap.
 *
 * @param exact - A template without a greedy parameter.
 */
export function intersect(exact: string, other: string): string {
  const others = parseTemplate(other);
  const texts = segmentsOf(exact).map((text, at) => {
    const theirs = others[at];
    return theirs?.kind === "literal" ? theirs.text : text;
  });
  return `/${texts.join("/")}`;
}
