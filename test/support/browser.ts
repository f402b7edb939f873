import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";

/** A request of a page's script. */
export interface PageCall {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The response as the script may read it, or the error of a response that the browser keeps from it. */
export type PageReply = { readonly status: number; readonly body: string } | { readonly error: string };

/** A page with an origin of its own. */
export interface Page extends AsyncDisposable {
  readonly origin: string;
  /** Waits until a browser has the page open, and returns what its script gets for the calls, one after another. */
  readonly call: (calls: readonly PageCall[]) => Promise<readonly PageReply[]>;
}

/** The script goes on after an error, and tells its own server at the end. */
const SCRIPT = `
const replies = [];
for (const { url, ...options } of await (await fetch("/calls")).json()) {
  try {
    const response = await fetch(url, options);
    replies.push({ status: response.status, body: await response.text() });
  } catch (error) {
    replies.push({ error: error.name });
  }
}
await fetch("/replies", { method: "POST", body: JSON.stringify(replies) });
`;

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Finds Chromium, by the variable `CHROMIUM` or on the PATH. */
export function findChromium(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { CHROMIUM, PATH = "" } = environment;
  if (CHROMIUM) return CHROMIUM;
  const files = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return files.find((file) => existsSync(file));
}

/** Serves a page from a free port of the loopback interface, which is an origin of its own. */
export async function createPage(): Promise<Page> {
  let calls: readonly PageCall[] = [];
  let finish: (replies: readonly PageReply[]) => void = () => {};
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://page");
    if (pathname === "/calls") return response.end(JSON.stringify(calls));
    if (pathname === "/replies") {
      finish(JSON.parse(await text(request)));
      return response.end();
    }
    const frames = searchParams.getAll("frame").map((origin) => `<iframe src="${origin}"></iframe>`);
    response.setHeader("content-type", "text/html");
    return response.end(pathname === "/frames" ? frames.join("") : `<script type="module">${SCRIPT}</script>`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    call(asked) {
      calls = asked;
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections();
    },
  };
}

/** Opens pages at once, as frames, and returns what the script of each gets for its calls. A frame keeps its origin. */
export async function callFrom(
  chromium: string,
  pages: readonly (readonly [Page, readonly PageCall[]])[],
): Promise<readonly (readonly PageReply[])[]> {
  const replies = pages.map(([page, calls]) => page.call(calls));
  const frames = new URLSearchParams(pages.map(([{ origin }]) => ["frame", `${origin}/`]));
  await using browser = await openBrowser(chromium, `${pages[0]?.[0].origin}/frames?${frames}`);
  return await Promise.race([Promise.all(replies), browser.ended]);
}

/** Opens an address and returns the document as it is after its scripts have run. */
export async function renderIn(chromium: string, url: string): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), "rego-authorizer-browser-"));
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const options = ["--headless", "--disable-gpu", "--no-first-run", "--dump-dom", `--user-data-dir=${profile}`];
  const child = spawn(chromium, [...options, ...sandbox, url], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    return await text(child.stdout);
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Browser extends AsyncDisposable {
  /** Rejects if the browser ends by itself. */
  readonly ended: Promise<never>;
}

/** Starts a browser with a profile of its own, which connects to this machine only. */
async function openBrowser(chromium: string, url: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), "rego-authorizer-browser-"));
  const options = [
    ...["--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync"],
    ...["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"],
    ...["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", `--user-data-dir=${profile}`],
    // Chromium refuses to run as root with its sandbox.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    // Without it, the browser ends as soon as the page is loaded.
    "--remote-debugging-port=0",
  ];
  // In a process group of its own, so that all its processes can be ended.
  const child = spawn(chromium, [...options, url], { stdio: ["ignore", "ignore", "pipe"], detached: true });
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
  });
  const closed = once(child, "close");
  const ended = closed.then(([code]) => Promise.reject(new Error(`${chromium} ended with ${code}:\n${printed}`)));
  ended.catch(() => {});
  return {
    ended,
    async [Symbol.asyncDispose]() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
      await closed.catch(() => {});
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
