import wabt from "wabt";

/** An allow in the form of the engine's result. */
const ALLOW = '{"effect":"allow","grants":["a.b"],"params":{"a.b":{}},"roles":[]}';

/** The behaviour of a module when the letter Z is in its input; without the letter it allows. */
export interface Behaviour {
  /** WebAssembly text that returns the address of a result set, or ends in another way. */
  readonly evaluate?: string;
  /** The text of the result set. */
  readonly result?: string;
}

/** The parts that do not depend on the input: the module's description of itself. */
export interface Shape {
  readonly abi?: number | undefined;
  readonly abiMinor?: number;
  readonly entrypoints?: string;
  readonly start?: string;
}

const ADDRESS = { builtins: 16, entrypoints: 64, allow: 256, odd: 1024, message: 768, input: 4096 };

/**
 * Assembles a module with OPA's ABI (1.3) by hand, so that the engine can misbehave in ways in which OPA's own does
 * not.
 *
 * @see OPA documentation, "WebAssembly", section "ABI Version"
 */
export async function assemble({ evaluate, result }: Behaviour, shape: Shape = {}): Promise<Uint8Array> {
  const { abi = 1, abiMinor = 3, entrypoints = '{"engine/decision":0}', start = "" } = shape;
  const data = (address: number, text: string) => `(data (i32.const ${address}) "${escaped(text)}\\00")`;
  const text = `(module
    (import "env" "memory" (memory 2 4096))
    (import "env" "opa_abort" (func $abort (param i32)))
    ${data(ADDRESS.builtins, "{}")}
    ${data(ADDRESS.entrypoints, entrypoints)}
    ${data(ADDRESS.allow, `[{"result":${ALLOW}}]`)}
    ${data(ADDRESS.odd, result ?? "")}
    ${data(ADDRESS.message, "engine says no")}
    (global $heap (mut i32) (i32.const ${ADDRESS.input}))
    ${"abi" in shape && shape.abi === undefined ? "" : `(global (export "opa_wasm_abi_version") i32 (i32.const ${abi}))`}
    (global (export "opa_wasm_abi_minor_version") i32 (i32.const ${abiMinor}))
    (func (export "builtins") (result i32) (i32.const ${ADDRESS.builtins}))
    (func (export "entrypoints") (result i32) (i32.const ${ADDRESS.entrypoints}))
    (func (export "opa_malloc") (param i32) (result i32) (i32.const ${ADDRESS.input}))
    (func (export "opa_json_parse") (param i32 i32) (result i32) (local.get 0))
    (func (export "opa_json_dump") (param i32) (result i32) (local.get 0))
    (func (export "opa_heap_ptr_get") (result i32) (global.get $heap))
    (func (export "opa_heap_ptr_set") (param i32) (global.set $heap (local.get 0)))
    (func $has_z (param $at i32) (param $length i32) (result i32)
      (block $end (loop $next
        (br_if $end (i32.eqz (local.get $length)))
        (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 90)) (then (return (i32.const 1))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $length (i32.sub (local.get $length) (i32.const 1)))
        (br $next)))
      (i32.const 0))
    (func $recurse (param i32) (result i32) (i32.add (call $recurse (local.get 0)) (call $recurse (local.get 0))))
    (func $misbehave (result i32) ${evaluate ?? `(i32.const ${ADDRESS.odd})`})
    (func (export "opa_eval") (param i32 i32 i32 i32 i32 i32 i32) (result i32)
      (if (call $has_z (local.get 3) (local.get 4)) (then (return (call $misbehave))))
      (i32.const ${ADDRESS.allow}))
    ${start}
  )`;
  const { parseWat } = await wabt();
  const module = parseWat("engine.wat", text);
  module.validate();
  const { buffer } = module.toBinary({});
  module.destroy();
  return buffer;
}

/** Bodies that never end, or end without a result. */
export const BODIES = {
  trap: "(unreachable)",
  abort: `(call $abort (i32.const ${ADDRESS.message})) (unreachable)`,
  division: "(i32.div_u (i32.const 1) (i32.const 0))",
  outOfBounds: "(i32.load (i32.const -4))",
  resultOutOfBounds: "(i32.const -16)",
  recursion: "(call $recurse (i32.const 0))",
  memory: `(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)`,
  loop: "(loop $again (br $again)) (unreachable)",
  // The memory from here on has no zero byte.
  noTerminator: `(memory.fill (i32.const 8192) (i32.const 65) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 8192))) (i32.const 8192)`,
} as const;

function escaped(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
}
