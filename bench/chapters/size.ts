import { join } from "node:path";
import { builtPolicy } from "../built-policies.ts";
import { columnsOf } from "../columns.ts";
import type { Chapter } from "../frame/chapter.ts";
import { formatNumber } from "../frame/figure.ts";
import { buildSample } from "../sample.ts";
import { bundleStarter, STARTERS_BY_NAME, type StarterName } from "../starter-bundles.ts";

const SIZE = "size";
const SAMPLE = "the sample policy";
const ZIP = "authorizer.zip";

const FILES = {
  [ZIP]: "what is deployed: all files below, packed",
  "index.mjs": "the handler",
  "policy.wasm": "the engine and the policy's conditions",
  "data.json": "the policy index; it alone grows with the policy",
  "manifest.json": "what the build says about the policy",
};

const PEERS = Object.keys(STARTERS_BY_NAME).filter((name) => name !== "empty") as StarterName[];
const toZip = (peer: StarterName) => `${peer}, zip`;

const nameOf = (grants: number) => `${grants.toLocaleString("en-US")} grants`;

export const SIZE_CHAPTER: Chapter = {
  name: "size",
  title: "Size",
  asks: "The files of a package, and the zips of the handlers that start beside it above, each with its policy. AWS reads them when a function starts.",
  contenders: {
    ...FILES,
    ...Object.fromEntries(PEERS.map((peer) => [toZip(peer), STARTERS_BY_NAME[peer]])),
  },
  column: "file",
  measures: [{ name: SIZE, unit: "kB" }],
  rounds: 1,
  roundMs: 0,
  goals: [
    {
      what: "Zip of the sample",
      unit: "kB",
      bound: "at most",
      limit: 83,
      of: (medianOf) => medianOf(SAMPLE, ZIP),
      heldBack: "OPA's runtime, whose decimal arithmetic no policy can do without, and the handler's JavaScript",
    },
  ],
  meaning(medianOf) {
    const [many, most] = [1_000, 10_000].map((grants) => medianOf(nameOf(grants), ZIP));
    if (many === undefined || most === undefined) return "";
    return `A thousand more grants add ${formatNumber((most - many) / 9)} kB to the zip.`;
  },
  async *cases() {
    yield { name: SAMPLE, contenders: toColumns((await buildSample()).bytes) };
    for (const grants of [10, 1_000, 10_000]) {
      const { built, issuer, folder } = await builtPolicy(grants);
      const zips = PEERS.map(async (peer) => {
        const { zipBytes } = await bundleStarter(peer, { issuer, grants, folder: join(folder, "../..", peer) });
        return [toZip(peer), zipBytes] as const;
      });
      const sizes = { ...built.bytes, ...Object.fromEntries(await Promise.all(zips)) };
      yield { name: nameOf(grants), contenders: toColumns(sizes) };
    }
  },
};

function toColumns(bytes: Readonly<Record<string, number>>) {
  const kilobytes = Object.fromEntries(Object.entries(bytes).map(([name, size]) => [name, size / 1_000]));
  const names = Object.keys(SIZE_CHAPTER.contenders).filter((name) => name in kilobytes);
  return columnsOf(names, SIZE, async () => kilobytes);
}
