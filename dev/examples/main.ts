import { writeFile } from "node:fs/promises";
import { CHANGES } from "./changes.ts";
import { fileOfComment, renderComment } from "./comments.ts";
import { createRepository } from "./repository.ts";

// `npm run examples` writes what commands print about realistic changes: the comments on ten pull requests.

await using sample = await createRepository("sample");
await using northwind = await createRepository("northwind");
for (const change of CHANGES) {
  await writeFile(fileOfComment(change), (await renderComment(change, { sample, northwind })).output);
}
