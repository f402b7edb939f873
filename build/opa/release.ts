import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { err, ok, type Result } from "../../contract/result.ts";
import type { Miss } from "./miss.ts";

/** The one version of OPA that the policy is checked, tested and compiled with. */
export const OPA_VERSION = "1.22.2";

/** The official release for one platform. */
export interface Release {
  readonly url: string;
  /**
   * SHA-256 of the file, in hex. A release without a digest is not downloaded: the file is run, and its host is not
   * trusted.
   */
  readonly sha256: string | undefined;
}

const DOWNLOADS = `https://github.com/open-policy-agent/opa/releases/download/v${OPA_VERSION}`;

/** The page that lists the files of the release with their digests. */
export const RELEASE_PAGE = `https://github.com/open-policy-agent/opa/releases/tag/v${OPA_VERSION}`;

/**
 * The official releases, by `process.platform` and `process.arch`.
 *
 * To pin a platform, take the digest from the release page and compare it with the file's own.
 */
export const RELEASES: Readonly<Record<string, Release>> = {
  "linux-x64": { url: `${DOWNLOADS}/opa_linux_amd64_static`, sha256: undefined },
  "linux-arm64": { url: `${DOWNLOADS}/opa_linux_arm64_static`, sha256: undefined },
  "darwin-x64": { url: `${DOWNLOADS}/opa_darwin_amd64`, sha256: undefined },
  "darwin-arm64": { url: `${DOWNLOADS}/opa_darwin_arm64_static`, sha256: undefined },
};

/** Names the file of a release, as its page lists it. */
export function assetOf({ url }: Release): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

/** A download without a byte for this long has failed. */
const SILENCE_MS = 15_000;

/** The settings of a download. */
interface FetchOptions {
  /** The value of the variable `OPA_SHA256`: the digest to use where none is pinned. */
  readonly givenSha256: string | undefined;
  readonly signal: AbortSignal;
  /** Is called when the download starts. */
  readonly onStart: () => void;
  /** Gets the number of bytes so far, from time to time. */
  readonly onProgress: (bytes: number) => void;
}

/** Downloads a release to `path`, checks its digest and makes it executable. */
export async function fetchRelease(
  release: Release,
  path: string,
  { givenSha256, signal, onStart, onProgress }: FetchOptions,
): Promise<Result<void, Miss>> {
  const given = givenSha256?.trim().toLowerCase();
  if (given !== undefined && given !== "" && !/^[0-9a-f]{64}$/.test(given)) {
    const wanted = `64 hexadecimal digits, as ${RELEASE_PAGE} lists them for ${assetOf(release)}`;
    return err({ isFinal: true, reason: `OPA_SHA256 is not a SHA-256: it must be ${wanted}` });
  }
  const sha256 = release.sha256 ?? (given || undefined);
  if (sha256 === undefined) {
    return err({ isFinal: false, reason: "its SHA-256 is neither pinned for this platform nor in OPA_SHA256" });
  }
  onStart();
  const file = await download(release.url, signal, onProgress);
  if (!file.ok) return err({ isFinal: false, reason: file.error });
  const actual = createHash("sha256").update(file.value).digest("hex");
  if (actual !== sha256) {
    const origin = release.sha256 === undefined ? "the one in OPA_SHA256," : "the pinned";
    const remedy = `nothing was installed; compare both with ${RELEASE_PAGE}`;
    return err({ isFinal: true, reason: `${release.url} has SHA-256 ${actual}, not ${origin} ${sha256}; ${remedy}` });
  }
  await writeFile(path, file.value, { mode: 0o755 });
  return ok(undefined);
}

async function download(
  url: string,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<Result<Buffer, string>> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let silence = setTimeout(abort, SILENCE_MS);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const response = await fetch(url, { signal: controller.signal });
    if (!response.ok || response.body === null) return err(`${url} answers ${response.status}`);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body) {
      clearTimeout(silence);
      silence = setTimeout(abort, SILENCE_MS);
      chunks.push(chunk);
      bytes += chunk.byteLength;
      onProgress(bytes);
    }
    return ok(Buffer.concat(chunks));
  } catch {
    return err(`${new URL(url).host} can't be reached`);
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", abort);
  }
}
