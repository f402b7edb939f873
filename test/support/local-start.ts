import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { CLIENT_ID, PASSWORD } from "../../local/users.ts";

/** A running `npm start` in some folder. */
export interface Started extends AsyncDisposable {
  readonly gateway: string;
  readonly issuer: string;
  /** Its output so far, errors included. */
  readonly output: () => string;
  /** Waits until the output has this text, from a position on. */
  readonly printed: (pattern: RegExp, from?: number) => Promise<RegExpExecArray>;
  /** Sends a signal, as Ctrl-C does, and waits for the end. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Starts `npm start` with free ports, unless the environment sets them. */
export async function startLocally(
  root: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const child: ChildProcessWithoutNullStreams = spawn(
    process.execPath,
    [join(import.meta.dirname, "../../cli/main.ts"), "start", ...args],
    {
      cwd: root,
      env: { ...process.env, PORT: "0", CONSOLE_PORT: "0", ...environment },
    },
  );
  let text = "";
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (const watcher of watchers) watcher();
    });
  }
  const exited = once(child, "exit").then(([code]) => code as number | null);

  async function printed(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    const found = new Promise<RegExpExecArray>((resolve) => {
      const watcher = () => {
        const match = pattern.exec(text.slice(from));
        if (match !== null) resolve(match);
      };
      watchers.add(watcher);
      watcher();
    });
    const ended = exited.then((code) => Promise.reject(new Error(`it ended with ${code}:\n${text}`)));
    return Promise.race([found, ended]);
  }

  const [, gateway = ""] = await printed(/API +(http:\S+)/);
  const [, issuer = ""] = await printed(/issuer +(http:\S+)/);
  await printed(/Ctrl-C ends the server/);
  return {
    gateway,
    issuer,
    output: () => text,
    printed,
    async end(signal) {
      child.kill(signal);
      return exited;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited.catch(() => undefined);
    },
  };
}

/** Signs in as the AWS SDK does, and returns Cognito's response. */
export async function signIn(
  issuer: string,
  user: string,
  password = PASSWORD,
): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
  const response = await fetch(`${issuer}/`, {
    method: "POST",
    headers: {
      "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
      "content-type": "application/x-amz-json-1.1",
    },
    body: JSON.stringify({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: CLIENT_ID,
      AuthParameters: { USERNAME: user, PASSWORD: password },
    }),
  });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
}
