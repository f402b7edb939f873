import type { Output } from "../opa/run.ts";
import { compareProblems, type Problem } from "./problem.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Reads what a run of OPA that failed says: as JSON, or as text that starts with the file it is about. */
export function readOpaErrors({ stdout, stderr }: Output, builtIns: Vocabulary["builtIns"]): readonly Problem[] {
  const problems = [stdout, stderr].map(readJson).find((found) => found !== undefined) ?? readText(stderr || stdout);
  return problems
    .map(({ message, ...place }) => ({ ...place, message: explained(message, builtIns) }))
    .sort(compareProblems);
}

function readJson(text: string): readonly Problem[] | undefined {
  try {
    const { errors = [] } = JSON.parse(text) as {
      errors?: readonly {
        readonly message: string;
        readonly location?: { readonly file: string; readonly row: number };
      }[];
    };
    return errors.map(({ message, location: { file = "policies", row = 1 } = {} }) => {
      return { file, line: Math.max(row, 1), message };
    });
  } catch {
    return undefined;
  }
}

function readText(text: string): readonly Problem[] {
  const lines = text
    .trim()
    .replace(/^\d+ errors? occurred:\s*/, "")
    .split("\n");
  const problems = lines.flatMap((line) => {
    const [, file, row = "1", message] = /^(policies\/[^:]+):(?:(\d+):)? *(.+)$/.exec(line) ?? [];
    return file === undefined || message === undefined ? [] : [{ file, line: Number(row), message }];
  });
  return problems.length > 0 ? problems : [{ file: "policies", line: 1, message: lines[0] ?? "" }];
}

/** OPA's words, and what to do where they don't say it. */
function explained(message: string, builtIns: Vocabulary["builtIns"]): string {
  const [, name] = /^undefined function (\S+)$/.exec(message) ?? [];
  if (name !== undefined && builtIns.has(name)) {
    return `${name} is not among the functions that policies can call; docs/policy-language.md lists them`;
  }
  if (name?.startsWith("access_lib.")) return `${message}; a file that uses helpers says \`import data.access_lib\``;
  if (name?.startsWith("values.")) return `${message}; \`import data.engine.values\` has number and text`;
  if (/^var \S+ is unsafe$/.test(message)) {
    return `${message}: nothing gives it a value; text is in quotes, and a name with a dash too, as in input.request.headers["x-tenant"]`;
  }
  if (message === "empty module") return "the file is empty; it starts with `package access.<area>`";
  if (message.startsWith("match error")) return `${message}: values of these types are never equal`;
  return message;
}
