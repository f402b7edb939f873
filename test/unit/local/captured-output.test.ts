import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkspace } from "../../../dev/workspace.ts";

const CAPTURED = join(import.meta.dirname, "../../../local/captured-output.ts");

const SCRIPT = `import { captureOutput } from ${JSON.stringify(CAPTURED)};
let taken = "";
captureOutput((text) => { taken += text; });
const { writeSync } = process.getBuiltinModule("node:fs");
writeSync(1, Buffer.from("a line of the handler"));
console.log(JSON.stringify({ taken }));
`;

it("takes what a handler writes, and nothing that the process itself prints, also into a file", async () => {
  await using workspace = await createWorkspace({ "script.ts": SCRIPT });
  const printed = join(workspace.policies, "printed");
  const file = await open(printed, "w");
  const script = join(workspace.policies, "script.ts");
  const child = spawn(process.execPath, [script], { stdio: ["ignore", file.fd, "inherit"] });
  await once(child, "exit");
  await file.close();
  expect(JSON.parse(await readFile(printed, "utf8"))).toEqual({ taken: "a line of the handler" });
});
