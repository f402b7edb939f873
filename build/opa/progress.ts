/** A report on work that takes minutes, for the person who waits for it. */
export interface Progress {
  /** Prints a line that stays. */
  readonly say: (line: string) => void;
  /** Shows how far the work is. Only the newest line counts. */
  readonly update: (line: string) => void;
}

/** The part of a stream that a report needs. */
interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** The time between two updates where each is a line of its own, as in the log of a CI job. */
const LOG_INTERVAL_MS = 30_000;

/**
 * Creates a report that a terminal shows in one line, which is written again and again. Elsewhere an update is a line every
 * 30 seconds.
 */
export function createProgress(screen: Screen, prefix: string, nowMs: () => number = Date.now): Progress {
  const isTerminal = screen.isTTY === true;
  let printedMs = nowMs();
  const print = (text: string) => {
    printedMs = nowMs();
    screen.write(text);
  };
  return {
    // The update before this line is erased.
    say: (line) => print(`${isTerminal ? "\r\x1b[K" : ""}${prefix}${line}\n`),
    update(line) {
      // A terminal that does not know its width says 0. A line as wide as the terminal would wrap, and only its last part would be written again.
      if (isTerminal) print(`\r\x1b[K${`${prefix}${line}`.slice(0, (screen.columns || 80) - 1)}`);
      else if (nowMs() - printedMs >= LOG_INTERVAL_MS) print(`${prefix}${line}\n`);
    },
  };
}
