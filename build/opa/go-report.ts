import type { Progress } from "./progress.ts";

/** The number of packages in OPA and the parts of Go's library that it uses; it depends a little on platform and version. */
const PACKAGES = 770;

/** After this long without a line go compiles: it names a package only when that is done. */
const SILENCE_MS = 3_000;

/** Tells what a line of `go install -v` is about. */
export function kindOf(line: string): "download" | "package" | "message" {
  if (line.startsWith("go: downloading ")) return "download";
  return /^[\w.~/-]+$/.test(line) ? "package" : "message";
}

/** A report on a run of `go install -v`. */
export interface GoReport {
  /** Reads a line that go printed. */
  readonly read: (line: string) => void;
  /** Updates the progress; is to be called each second. */
  readonly tick: () => void;
}

/**
 * Creates a report on a run of `go install -v`.
 *
 * @param isComplete - Whether go compiles every package, since its cache is empty.
 */
export function createGoReport(progress: Progress, isComplete: boolean, nowMs: () => number = Date.now): GoReport {
  const startMs = nowMs();
  let lineMs = startMs;
  let modules = 0;
  let packages = 0;
  let isCompiling = false;
  const compile = () => {
    if (!isCompiling) progress.say("compiling OPA, which takes some minutes, the first time only");
    isCompiling = true;
  };
  return {
    read(line) {
      lineMs = nowMs();
      const kind = kindOf(line);
      if (kind === "download") modules += 1;
      if (kind !== "package") return;
      packages += 1;
      compile();
    },
    tick() {
      if (nowMs() - lineMs > SILENCE_MS) compile();
      const elapsed = `${((nowMs() - startMs) / 1000).toFixed(0)} s`;
      const total = isComplete ? ` of about ${Math.max(PACKAGES, packages)}` : "";
      if (isCompiling) progress.update(`compiling: ${packages}${total} packages, ${elapsed}`);
      else progress.update(`downloading the source: ${modules} modules, ${elapsed}`);
    },
  };
}
