import fs from "node:fs";

/**
 * Takes over what a built handler writes to standard output. The handler must be imported afterwards: it writes to the file descriptor,
 * and not through `process.stdout`.
 */
export function captureOutput(take: (text: string) => void): void {
  // Where standard output is a file, Node's own stream takes the function when it is used first: what this process prints is its own.
  void process.stdout;
  const { writeSync } = fs;
  function write(descriptor: number, bytes: Uint8Array, ...others: readonly []): number {
    if (descriptor !== 1) return writeSync(descriptor, bytes, ...others);
    take(Buffer.from(bytes).toString());
    return bytes.length;
  }
  fs.writeSync = write as typeof fs.writeSync;
}
