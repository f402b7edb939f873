import { writeSync } from "node:fs";

/**
 * Creates the function that writes text to standard output.
 *
 * The first use of `process.stdout` makes Node load streams, sockets and line editing, which is a fifth of a cold start. So text goes
 * straight to the file descriptor. That fails where a pipe is full and whoever made it does not let writers wait; from then on,
 * everything goes through the stream, which keeps it until there is room.
 *
 * @param toDescriptor - Writes bytes to the file descriptor, and returns how many it has taken.
 */
export function createWrite(
  toDescriptor: (bytes: Uint8Array) => number = (bytes) => writeSync(1, bytes),
  toStream: (bytes: Uint8Array) => void = (bytes) => process.stdout.write(bytes),
): (text: string) => void {
  let usesStream = false;
  return function write(text) {
    let rest: Uint8Array = Buffer.from(text);
    try {
      while (!usesStream && rest.length > 0) rest = rest.subarray(toDescriptor(rest));
    } catch {
      usesStream = true;
    }
    if (rest.length > 0) toStream(rest);
  };
}
