/** A line of a comparison: in both texts, in the old one, or in the new one. */
interface Edit {
  readonly kind: " " | "-" | "+";
  readonly line: string;
}

/** The number of lines around a change. */
const CONTEXT = 3;

/** The most lines that are compared one by one; more of them are replaced as a whole. */
const MAX_DISTANCE = 3_000;

/**
 * Formats the difference of two texts as a patch that `git apply` and `patch -p1` take; empty without a difference.
 *
 * @param file - The name of the file, with forward slashes.
 */
export function formatUnifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return "";
  const edits = compare(toLines(before), toLines(after));
  const changed = edits.flatMap(({ kind }, at) => (kind === " " ? [] : [at]));
  const hunks: { from: number; to: number }[] = [];
  for (const at of changed) {
    const last = hunks.at(-1);
    if (last !== undefined && at - CONTEXT <= last.to) last.to = Math.min(edits.length, at + CONTEXT + 1);
    else hunks.push({ from: Math.max(0, at - CONTEXT), to: Math.min(edits.length, at + CONTEXT + 1) });
  }
  let [old, fresh, next] = [1, 1, 0];
  const lines = hunks.flatMap(({ from, to }) => {
    // Before a hunk both texts are the same.
    old += from - next;
    fresh += from - next;
    next = to;
    const own = edits.slice(from, to);
    const [olds, freshs] = [
      own.filter(({ kind }) => kind !== "+").length,
      own.filter(({ kind }) => kind !== "-").length,
    ];
    const head = `@@ -${formatRange(old, olds)} +${formatRange(fresh, freshs)} @@\n`;
    old += olds;
    fresh += freshs;
    return [head, ...own.map(({ kind, line }) => `${kind}${line.endsWith("\n") ? line : `${line}\n${NO_END}`}`)];
  });
  return [`--- a/${file}\n`, `+++ b/${file}\n`, ...lines].join("");
}

const NO_END = "\\ No newline at end of file\n";

function formatRange(first: number, count: number): string {
  // An empty range names the line before it.
  return count === 1 ? `${first}` : `${count === 0 ? first - 1 : first},${count}`;
}

/** Splits a text into lines, each with its line end. */
function toLines(text: string): readonly string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

function compare(olds: readonly string[], freshs: readonly string[]): readonly Edit[] {
  let start = 0;
  while (start < olds.length && start < freshs.length && olds[start] === freshs[start]) start += 1;
  let end = 0;
  const most = Math.min(olds.length, freshs.length) - start;
  while (end < most && olds[olds.length - 1 - end] === freshs[freshs.length - 1 - end]) end += 1;
  const inBoth = (line: string): Edit => ({ kind: " ", line });
  return [
    ...olds.slice(0, start).map(inBoth),
    ...compareMiddle(olds.slice(start, olds.length - end), freshs.slice(start, freshs.length - end)),
    ...olds.slice(olds.length - end).map(inBoth),
  ];
}

/**
 * Finds a shortest list of edits.
 *
 * @see E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986
 */
function compareMiddle(olds: readonly string[], freshs: readonly string[]): readonly Edit[] {
  const trace: Int32Array[] = [];
  const size = Math.min(olds.length + freshs.length, MAX_DISTANCE);
  const furthest = new Int32Array(2 * size + 3);
  const centre = size + 1;
  const xOf = (diagonal: number, reached: Int32Array = furthest) => reached[centre + diagonal] ?? 0;
  const isDown = (diagonal: number, distance: number, reached?: Int32Array) =>
    diagonal === -distance || (diagonal !== distance && xOf(diagonal - 1, reached) < xOf(diagonal + 1, reached));
  for (let distance = 0; distance <= size; distance += 1) {
    trace.push(furthest.slice());
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      let x = isDown(diagonal, distance) ? xOf(diagonal + 1) : xOf(diagonal - 1) + 1;
      while (x < olds.length && x - diagonal < freshs.length && olds[x] === freshs[x - diagonal]) x += 1;
      furthest[centre + diagonal] = x;
      if (x >= olds.length && x - diagonal >= freshs.length) return walkBack(distance);
    }
  }
  return [...olds.map((line): Edit => ({ kind: "-", line })), ...freshs.map((line): Edit => ({ kind: "+", line }))];

  function walkBack(distance: number): readonly Edit[] {
    const edits: Edit[] = [];
    let [x, y] = [olds.length, freshs.length];
    for (let left = distance; left >= 0; left -= 1) {
      const reached = trace[left];
      const diagonal = x - y;
      const from = isDown(diagonal, left, reached) ? diagonal + 1 : diagonal - 1;
      const startX = left === 0 ? 0 : xOf(from, reached);
      const startY = left === 0 ? 0 : startX - from;
      while (x > startX && y > startY) {
        x -= 1;
        y -= 1;
        edits.push({ kind: " ", line: olds[x] ?? "" });
      }
      if (left === 0) break;
      if (x === startX) edits.push({ kind: "+", line: freshs[--y] ?? "" });
      else edits.push({ kind: "-", line: olds[--x] ?? "" });
    }
    return edits.reverse();
  }
}
