import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createWrite } from "../../../authorizer/standard-output.ts";

/** Writes texts where the descriptor takes some bytes at a time, as `takes` says; `full` stands for a pipe without room. */
function writeAll(texts: readonly string[], takes: readonly (number | "full")[]) {
  const left = [...takes];
  const written: { way: string; text: string }[] = [];
  const write = createWrite(
    (bytes) => {
      const count = left.shift() ?? bytes.length;
      if (count === "full") throw new Error("EAGAIN");
      written.push({ way: "descriptor", text: Buffer.from(bytes.subarray(0, count)).toString("latin1") });
      return Math.min(count, bytes.length);
    },
    (bytes) => written.push({ way: "stream", text: Buffer.from(bytes).toString("latin1") }),
  );
  for (const text of texts) write(text);
  return written;
}

it("writes to the descriptor, and what it does not take at once afterwards", () => {
  expect(writeAll(["one\n", "two\n"], [4, 1])).toEqual([
    { way: "descriptor", text: "one\n" },
    { way: "descriptor", text: "t" },
    { way: "descriptor", text: "wo\n" },
  ]);
});

it("writes the rest and all that follows to the stream once the descriptor takes no more, so that the order stays", () => {
  expect(writeAll(["one\n", "two\n", "three\n"], [4, 1, "full"])).toEqual([
    { way: "descriptor", text: "one\n" },
    { way: "descriptor", text: "t" },
    { way: "stream", text: "wo\n" },
    { way: "stream", text: "three\n" },
  ]);
});

it("writes whole lines in their order, more of them than a pipe holds", async () => {
  const file = pathToFileURL(`${import.meta.dirname}/../../../authorizer/standard-output.ts`).href;
  const script = `import { createWrite } from ${JSON.stringify(file)};
    const write = createWrite();
    for (let at = 0; at < 3_000; at += 1) write(\`\${at} é\${"x".repeat(500)}\\n\`);`;
  const args = ["--input-type=module-typescript", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 10_000_000 });
  expect(stdout).toBe([...Array(3_000).keys()].map((at) => `${at} é${"x".repeat(500)}\n`).join(""));
});
