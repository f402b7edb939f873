import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ok, type Result } from "../contract/result.ts";
import type { Deployment } from "./deployment.ts";
import type { LocalBuild, NotBuilt } from "./local-build.ts";
import { type KnownAccounts, readUsers } from "./read-users.ts";
import { formatAccountsRead } from "./screen.ts";
import { USERS_FILE } from "./users.ts";

/** The outputs for the user. */
export interface Screen {
  readonly print: (text: string) => void;
  readonly warn: (line: string) => void;
}

/** The build, the users and the deployment that are in use. */
export interface Served {
  readonly built: LocalBuild;
  readonly accounts: KnownAccounts;
  readonly deployment: Deployment;
}

/** The functions that an update needs. */
interface UpdateParts {
  /** The company's folder. */
  readonly policies: string;
  readonly isCaching: boolean;
  readonly buildNext: () => Promise<Result<LocalBuild, NotBuilt>>;
  readonly deploy: (built: LocalBuild, accounts: KnownAccounts) => Promise<Deployment>;
  readonly screen: Screen;
}

/** Replaces what is served after files have changed. */
export interface Reloader {
  readonly served: () => Served;
  /** Reads what changed. What has an error stays as it was, and the screen says so. */
  readonly update: (paths: ReadonlySet<string>) => Promise<void>;
}

/** Creates a reloader. The users are read alone if nothing else has changed; a new handler starts before the old one ends. */
export function createReloader(
  first: Served,
  { policies, isCaching, buildNext, deploy, screen }: UpdateParts,
): Reloader {
  let served = first;
  const usersFile = resolve(join(policies, USERS_FILE));

  async function update(paths: ReadonlySet<string>): Promise<void> {
    const startMs = Date.now();
    const isOfUsers = paths.has(usersFile);
    try {
      const built = paths.size > (isOfUsers ? 1 : 0) ? await buildNext() : ok(served.built);
      if (!built.ok) keep(built.error.lines, describeRevision(served.built));
      const next = built.ok ? built.value : served.built;
      const isNew = next !== served.built;
      const isRead = isOfUsers || (isNew && served.accounts.file === undefined);
      const read = isRead ? await readUsers(policies, next.index) : ok(served.accounts);
      if (!read.ok) keep(read.error, "the users as they were");
      const accounts = read.ok ? read.value : served.accounts;
      const isRedeployed = isNew || clientsOf(accounts) !== clientsOf(served.accounts);
      const former = served;
      served = { built: next, accounts, deployment: isRedeployed ? await deploy(next, accounts) : former.deployment };
      if (isNew) {
        const caches = isCaching ? ", caches emptied" : "";
        screen.print(`policy rebuilt in ${Date.now() - startMs} ms, ${describeRevision(next)}${caches}`);
      }
      if (isOfUsers && read.ok) screen.print(formatAccountsRead(accounts));
      if (isRedeployed) await former.deployment.lambda.close();
      if (isNew) await rm(former.built.dist, { recursive: true, force: true });
    } catch (error) {
      // An editor may replace a file while the build reads it.
      keep([String(error)], describeRevision(served.built));
    }
  }

  function keep(errors: readonly string[], what: string): void {
    for (const line of errors) screen.warn(line);
    screen.warn(`still serving ${what}`);
  }

  return { served: () => served, update };
}

function describeRevision({ manifest }: LocalBuild): string {
  return `revision ${manifest.revision.slice(0, 12)}`;
}

/** Lists the clients whose tokens the handler accepts, as one text; it has them in its environment. */
function clientsOf({ machines }: KnownAccounts): string {
  return machines.map(({ name }) => name).join(" ");
}
