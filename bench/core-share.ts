import { existsSync, readFileSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A group of processes that together get a share of one core, as a Lambda function of little memory does. */
export interface CoreShare extends AsyncDisposable {
  /** The start of a command line that runs the rest of it in the group: a shell joins the group and becomes the program. */
  readonly before: readonly string[];
}

/** The time over which the kernel hands out the share: so short that a start is not served from one period alone. */
const PERIOD_US = 20_000;

/** The folders of control groups that limit CPU time, with the files that do. Version 2 of the kernel's interface comes first. */
const INTERFACES = [
  {
    folder: "/sys/fs/cgroup",
    isThere: (folder: string) => readControllers(folder).includes("cpu"),
    limits: (quotaUs: number) => ({ "cpu.max": `${quotaUs} ${PERIOD_US}` }),
  },
  {
    folder: "/sys/fs/cgroup/cpu",
    isThere: (folder: string) => existsSync(join(folder, "cpu.cfs_quota_us")),
    limits: (quotaUs: number) => ({ "cpu.cfs_period_us": `${PERIOD_US}`, "cpu.cfs_quota_us": `${quotaUs}` }),
  },
];

/**
 * Creates a group that gets a share of one core. Disposing of it removes it; its processes must have ended.
 *
 * @param share - Above 0; 1 is a whole core.
 * @returns Undefined if this machine does not let us: control groups take Linux and the rights to make one.
 */
export async function createCoreShare(share: number): Promise<CoreShare | undefined> {
  for (const { folder, isThere, limits } of INTERFACES) {
    if (!isThere(folder)) continue;
    const group = join(folder, `rego-authorizer-bench-${process.pid}`);
    try {
      await mkdir(group);
    } catch {
      continue;
    }
    try {
      for (const [file, text] of Object.entries(limits(share * PERIOD_US))) await writeFile(join(group, file), text);
    } catch {
      await rmdir(group);
      continue;
    }
    const script = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
    return {
      before: ["/bin/sh", "-c", script, group],
      [Symbol.asyncDispose]: () => rmdir(group),
    };
  }
  return undefined;
}

/** Reads which controllers children of a group may use. */
function readControllers(folder: string): readonly string[] {
  try {
    return readFileSync(join(folder, "cgroup.subtree_control"), "utf8").trim().split(" ");
  } catch {
    return [];
  }
}
