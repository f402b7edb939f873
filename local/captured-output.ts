import fs from "node:fs";

/**
 * Takes over what a built handler writes to standard output. The handler must be imported afterwards: it writes to the file descriptor,
 * and not through `process.stdout`.
 */
export function captureOutput(take: (text: string) => void): void {
  const { writeSync } = fs;
  function write(descriptor: number, bytes: Uint8Array, ...others: readonly []): number {
    if (descriptor !== 1) return writeSync(descriptor, bytes, ...others);
    take(Buffer.from(bytes).toString());
    return bytes.length;
  }
  fs.writeSync = write as typeof fs.writeSync;
}
