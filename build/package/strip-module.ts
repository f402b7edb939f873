import { createHash } from "node:crypto";
import { createReader, formatLeb, formatSized, joinSections, listSections, SECTIONS } from "./wasm-sections.ts";

/** A part of OPA's runtime that few functions need. */
interface RuntimePart {
  /** Matches the names of the functions without which nothing needs it. */
  readonly neededBy: RegExp;
  /** The addresses where its table begins and ends. */
  readonly table?: readonly [from: number, to: number];
  /** Matches the names of its functions. */
  readonly functions?: RegExp;
}

/**
 * The parts of the runtime that a module may have without need, by the digest of its first data segment. `opa build` drops the
 * functions that a policy can't reach, but no data, and no function whose address may be taken. The runtime of another version
 * has another digest, and is kept whole.
 *
 * This is the runtime that OPA 1.22 brings. No function but those of `neededBy`, and those of the part itself, has a constant
 * within a table, takes the address of a function of the part or calls one.
 */
const RUNTIME_PARTS: Readonly<Record<string, readonly RuntimePart[]>> = {
  c0327b5801150edb896daef41e85b9885e6c7a21dfa4a8d7c2eeb967df852fa1: [
    // Lower and upper case: 317 ranges of 20 bytes.
    { neededBy: /^opa_unicode_to_(?:lower|upper)$/, table: [72_240, 78_580] },
    // The prime numbers of a hash table, and what regular expressions know of Unicode. No policy can call these functions.
    { neededBy: /::|^_Z/, table: [78_848, 119_060] },
    // The multiplication of numbers of thousands of digits.
    {
      neededBy: /^fnt_(?:auto)?convolute$/,
      functions: /^(?:(?:inv_)?(?:four|six)_step_fnt|std_(?:inv_)?fnt|fnt_dif2|\w+_pow2|_mpd_(?:getkernel|init_\w+))$/,
    },
  ],
};

/** The body of a function that is never called: no local variables, `unreachable`, `end`. */
const NEVER_CALLED = Uint8Array.of(0x00, 0x00, 0x0b);

/**
 * Strips a module of what nothing reads: its names, its producers, and the parts of OPA's runtime that it does not need. It
 * computes the same as before.
 *
 * @param wasm - A module as `opa build` makes it. One without the names of its functions stays as it is.
 */
export function stripModule(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = listSections(wasm);
  const names = sections.find(({ name }) => name === "name");
  const data = sections.find(({ id }) => id === SECTIONS.data);
  const first = data && parseFirstSegment(data.content);
  if (names === undefined || first === undefined) return Uint8Array.from(wasm);
  const functions = parseFunctionNames(names.content);
  const parts = RUNTIME_PARTS[createHash("sha256").update(first.bytes).digest("hex")] ?? [];
  const unneeded = parts.filter(({ neededBy }) => ![...functions.values()].some((name) => neededBy.test(name)));
  const isUnneeded = (position: number) =>
    unneeded.some((part) => part.functions?.test(functions.get(position) ?? "") ?? false);

  const kept = sections.filter(({ id }) => id !== SECTIONS.custom);
  return joinSections(
    wasm,
    kept.map((section) => {
      const { id, content } = section;
      if (id === SECTIONS.code) return { ...section, content: dropBodies(content, countImports(wasm), isUnneeded) };
      return id === SECTIONS.data ? { ...section, content: emptyTables(first, unneeded) } : section;
    }),
  );
}

/** Counts the imported functions, which come before the module's own. */
function countImports(wasm: Uint8Array): number {
  const module = new WebAssembly.Module(Uint8Array.from(wasm));
  return WebAssembly.Module.imports(module).filter(({ kind }) => kind === "function").length;
}

/** Parses the names of functions, by position (WebAssembly Core Specification, section 7.4.1). */
function parseFunctionNames(content: Uint8Array): ReadonlyMap<number, string> {
  const reader = createReader(content);
  const names = new Map<number, string>();
  while (!reader.isAtEnd()) {
    const id = reader.byte();
    const own = createReader(reader.bytes(reader.leb()));
    for (let left = id === 1 ? own.leb() : 0; left > 0; left -= 1) names.set(own.leb(), own.text());
  }
  return names;
}

/** Replaces the bodies of functions that are never called. The others keep their positions. */
function dropBodies(content: Uint8Array, imports: number, isUnneeded: (position: number) => boolean): Uint8Array {
  const reader = createReader(content);
  const count = reader.leb();
  const bodies = Array.from({ length: count }, (_, at) => {
    const body = reader.bytes(reader.leb());
    return formatSized(isUnneeded(imports + at) ? NEVER_CALLED : body);
  });
  return Buffer.concat([formatLeb(count), ...bodies]);
}

/** The first segment of a data section, and what is around its bytes. */
interface FirstSegment {
  readonly before: Uint8Array;
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly after: Uint8Array;
}

/** Parses a data section; gives undefined if its first segment isn't at a constant address. */
function parseFirstSegment(content: Uint8Array): FirstSegment | undefined {
  const reader = createReader(content);
  reader.leb();
  // Mode 0 with `i32.const`, the address, `end`.
  if (reader.byte() !== 0 || reader.byte() !== 0x41) return undefined;
  const address = reader.leb();
  if (reader.byte() !== 0x0b) return undefined;
  const before = content.subarray(0, content.length - reader.rest().length);
  return { before, address, bytes: reader.bytes(reader.leb()), after: reader.rest() };
}

/** Empties tables. Memory is empty at the start, so zeros at the end of a segment are left out. */
function emptyTables({ before, address, bytes, after }: FirstSegment, parts: readonly RuntimePart[]): Uint8Array {
  const emptied = Uint8Array.from(bytes);
  for (const { table } of parts) if (table !== undefined) emptied.fill(0, table[0] - address, table[1] - address);
  const length = emptied.findLastIndex((byte) => byte !== 0) + 1;
  return Buffer.concat([before, formatSized(emptied.subarray(0, length)), after]);
}
