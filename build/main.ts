import { err } from "../authorizer/result.ts";
import { build } from "./build.ts";
import { findOpa } from "./opa.ts";
import { createOpa } from "./opa-run.ts";
import { writeSbom } from "./sbom.ts";

const root = process.cwd();
const startMs = Date.now();
const opa = await findOpa();
const built = opa.ok
  ? await build(createOpa(opa.value, root), root, process.env["KEY_SETS"]).catch((error: unknown) =>
      err([String(error)]),
    )
  : opa;
if (built.ok) {
  const { manifest, grants, bytes } = built.value;
  const size = Object.entries(bytes).map(([name, count]) => `${name} ${(count / 1000).toFixed(1)} kB`);
  console.log(`built revision ${manifest.revision} with ${grants} grants in ${Date.now() - startMs} ms`);
  console.log(`  ${size.join(", ")}`);
  const sbom = await writeSbom(root, process.env["npm_execpath"]);
  if (!sbom.ok) console.error(sbom.error);
} else {
  for (const line of [built.error].flat()) console.error(line);
  console.error("nothing was built");
  process.exitCode = 1;
}
