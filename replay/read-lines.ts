import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { err, ok, type Result } from "../contract/result.ts";

/** A line of a file, counted from 1. Its text is undefined if it is longer than a line may be. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string | undefined;
}

/** The longest line in characters: four times the longest event of CloudWatch Logs. */
const MAX_LINE_CHARS = 1_048_576;

/** The first bytes of archives and compressed files other than gzip. */
const PACKED: Readonly<Record<string, string>> = {
  "504b0304": "a zip archive",
  "28b52ffd": "compressed by zstd",
  "425a68": "compressed by bzip2",
  fd377a58: "compressed by xz",
};

/** Opens a file, compressed by gzip or not, as its first bytes say. Nothing is read into memory as a whole. */
export async function openLog(file: string): Promise<Result<Readable, string>> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return err(`${file} can't be read; name files with lines of a log`);
  let start: string;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    start = buffer.subarray(0, bytesRead).toString("hex");
  } catch {
    return err(`${file} can't be read; name files, not folders`);
  } finally {
    await handle.close();
  }
  const packed = Object.entries(PACKED).find(([bytes]) => start.startsWith(bytes))?.[1];
  if (packed !== undefined) return err(`${file} is ${packed}; unpack it, or pack it with gzip`);
  const bytes = createReadStream(file);
  if (!start.startsWith("1f8b")) return ok(bytes);
  const unpacked = createGunzip();
  bytes.once("error", (error) => unpacked.destroy(error)).pipe(unpacked);
  return ok(unpacked);
}

/**
 * Reads the lines of a stream, one after the other. Line ends are `\n` or `\r\n`.
 *
 * @param use - Gets each line. A line that is awaited takes longer to arrive than to be parsed.
 */
export async function readLines(stream: Readable, use: (line: NumberedLine) => void): Promise<void> {
  const decoder = new TextDecoder();
  let number = 0;
  let rest = "";
  let isTooLong = false;
  const take = (text: string): void => {
    number += 1;
    const isWhole = !isTooLong && text.length <= MAX_LINE_CHARS;
    isTooLong = false;
    use({ number, text: isWhole ? text.replace(/\r$/, "") : undefined });
  };
  for await (const chunk of stream) {
    const texts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = texts.pop() ?? "";
    for (const text of texts) take(text);
    if (rest.length > MAX_LINE_CHARS) {
      isTooLong = true;
      rest = "";
    }
  }
  rest += decoder.decode();
  if (rest !== "" || isTooLong) take(rest);
}
