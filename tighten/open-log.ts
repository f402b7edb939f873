import { once } from "node:events";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { ok, type Result } from "../contract/result.ts";
import { openLog } from "../replay/read-lines.ts";

/** Opens a log: a file, or standard input for `-`. Each may be compressed by gzip, as its first bytes say. */
export async function openDecisionLog(file: string, input: Readable): Promise<Result<Readable, string>> {
  return file === "-" ? ok(await unpack(input)) : openLog(file);
}

async function unpack(input: Readable): Promise<Readable> {
  await Promise.race([once(input, "readable"), once(input, "end")]);
  const start: unknown = input.read();
  if (!Buffer.isBuffer(start)) return input;
  input.unshift(start);
  if (!start.subarray(0, 2).equals(GZIP)) return input;
  const unpacked = createGunzip();
  input.once("error", (error) => unpacked.destroy(error)).pipe(unpacked);
  return unpacked;
}

/** The first bytes of a file that gzip has compressed. */
const GZIP = Buffer.from([0x1f, 0x8b]);
