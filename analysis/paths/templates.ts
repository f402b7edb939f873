/** There is a path that both templates match. */
export function overlaps(one: string, other: string): boolean {
  const [ones, others] = [segmentsOf(one), segmentsOf(other)];
  for (let at = 0; ; at += 1) {
    const [mine, yours] = [ones[at], others[at]];
    if (mine === undefined || yours === undefined) return mine === yours;
    if (isGreedy(mine) || isGreedy(yours)) return true;
    if (!isParameter(mine) && !isParameter(yours) && mine !== yours) return false;
  }
}

/** The segments of a template; the root has none. */
export function segmentsOf(template: string): readonly string[] {
  return template === "/" ? [] : template.slice(1).split("/");
}

function isParameter(segment: string): boolean {
  return segment.startsWith("{");
}

function isGreedy(segment: string): boolean {
  return segment.endsWith("+}");
}
