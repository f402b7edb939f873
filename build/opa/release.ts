import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { err, ok, type Result } from "../../contract/result.ts";

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

/**
 * The official releases, by `process.platform` and `process.arch`.
 *
 * To pin a platform, take the digest from the `.sha256` file beside the asset and compare it with the file's own.
 */
export const RELEASES: Readonly<Record<string, Release>> = {
  "linux-x64": { url: `${DOWNLOADS}/opa_linux_amd64_static`, sha256: undefined },
  "linux-arm64": { url: `${DOWNLOADS}/opa_linux_arm64_static`, sha256: undefined },
  "darwin-arm64": { url: `${DOWNLOADS}/opa_darwin_arm64_static`, sha256: undefined },
};

/** A download without a byte for this long has failed. */
const SILENCE_MS = 15_000;

/**
 * Downloads a release to `path`, checks its digest and makes it executable.
 *
 * @param onProgress - Gets the number of bytes so far, from time to time.
 * @returns The reason why the release can't be used, if it can't.
 */
export async function fetchRelease(
  release: Release,
  path: string,
  onProgress: (bytes: number) => void,
): Promise<Result<void, string>> {
  if (release.sha256 === undefined) return err("its SHA-256 is not pinned for this platform");
  try {
    const controller = new AbortController();
    let silence = setTimeout(() => controller.abort(), SILENCE_MS);
    const response = await fetch(release.url, { signal: controller.signal });
    if (!response.ok || response.body === null) return err(`${release.url} answers ${response.status}`);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body) {
      clearTimeout(silence);
      silence = setTimeout(() => controller.abort(), SILENCE_MS);
      chunks.push(chunk);
      bytes += chunk.byteLength;
      onProgress(bytes);
    }
    clearTimeout(silence);
    const file = Buffer.concat(chunks);
    const sha256 = createHash("sha256").update(file).digest("hex");
    if (sha256 !== release.sha256) return err(`${release.url} has SHA-256 ${sha256}, not the pinned ${release.sha256}`);
    await writeFile(path, file, { mode: 0o755 });
    return ok(undefined);
  } catch {
    return err(`${new URL(release.url).host} can't be reached`);
  }
}
