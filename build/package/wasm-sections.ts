// The binary form of WebAssembly, as far as a module is taken apart: WebAssembly Core Specification, section 5.

/** The numbers of the sections that are read here. */
export const SECTIONS = { custom: 0, code: 10, data: 11 } as const;

const HEADER_BYTES = 8;

/** A section of a module. */
export interface Section {
  readonly id: number;
  /** The name of a custom section. */
  readonly name: string | undefined;
  /** Its bytes, without the name. */
  readonly content: Uint8Array;
}

/** Lists the sections of a module. */
export function listSections(wasm: Uint8Array): readonly Section[] {
  const reader = createReader(wasm.subarray(HEADER_BYTES));
  const sections: Section[] = [];
  while (!reader.isAtEnd()) {
    const id = reader.byte();
    const own = createReader(reader.bytes(reader.leb()));
    const name = id === SECTIONS.custom ? own.text() : undefined;
    sections.push({ id, name, content: own.rest() });
  }
  return sections;
}

/** Puts a module together from sections that are not custom. */
export function joinSections(wasm: Uint8Array, sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const parts = sections.flatMap(({ id, content }) => [Uint8Array.of(id), formatSized(content)]);
  return Uint8Array.from(Buffer.concat([wasm.subarray(0, HEADER_BYTES), ...parts]));
}

/** Creates a reader of bytes. */
export function createReader(bytes: Uint8Array) {
  let at = 0;
  function take(count: number): Uint8Array {
    at += count;
    return bytes.subarray(at - count, at);
  }
  const byte = () => take(1)[0] ?? 0;
  /** Reads a number that is not negative, in LEB128: signed or not, it has the same value. */
  function leb(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const next = byte();
      value += (next & 127) * factor;
      if (next < 128) return value;
    }
  }
  return {
    isAtEnd: () => at >= bytes.length,
    byte,
    bytes: take,
    leb,
    text: () => Buffer.from(take(leb())).toString(),
    rest: () => bytes.subarray(at),
  };
}

/** Formats a number that is not negative in LEB128. */
export function formatLeb(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) return Uint8Array.from(bytes);
  }
}

/** Formats bytes with their number before them. */
export function formatSized(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([formatLeb(bytes.length), bytes]);
}
