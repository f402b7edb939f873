import type { ProblemCode } from "../../contract/problem-codes.ts";
import type { Output } from "../opa/run.ts";
import { findAdvice } from "./function-advice.ts";
import { compareProblems, type Problem } from "./problem.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** An error as OPA reports it. */
interface OpaError {
  /** OPA's code, such as `rego_type_error`; undefined if OPA could not load the file. */
  readonly code: string | undefined;
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Reads the errors of a run of OPA that failed. They are JSON, or text with the file in front. */
export function readOpaErrors({ stdout, stderr }: Output, builtIns: Vocabulary["builtIns"]): readonly Problem[] {
  const errors = [stdout, stderr].map(readJson).find((found) => found !== undefined) ?? readText(stderr || stdout);
  return errors
    .map((error) => ({
      code: codeOf(error, builtIns),
      file: error.file,
      line: error.line,
      message: explain(error.message, builtIns),
    }))
    .sort(compareProblems);
}

function readJson(text: string): readonly OpaError[] | undefined {
  try {
    const { errors = [] } = JSON.parse(text) as {
      errors?: readonly {
        readonly code?: string;
        readonly message: string;
        readonly location?: { readonly file: string; readonly row: number };
      }[];
    };
    return errors.map(({ code, message, location: { file = "policies", row = 1 } = {} }) => {
      return { code, file, line: Math.max(row, 1), message };
    });
  } catch {
    return undefined;
  }
}

function readText(text: string): readonly OpaError[] {
  const lines = text
    .trim()
    .replace(/^\d+ errors? occurred:\s*/, "")
    .split("\n");
  const errors = lines.flatMap((line) => {
    const [, file, row = "1", message] = /^(policies\/[^:]+):(?:(\d+):)? *(.+)$/.exec(line) ?? [];
    if (file === undefined || message === undefined) return [];
    // In YAML, the message has the line.
    const [prefix = "", ofYaml] = /^.*\byaml: line (\d+): /.exec(message) ?? [];
    const code = /^(\w+_error): /.exec(message)?.[1];
    return [{ code, file, line: Number(ofYaml ?? row), message: message.slice(prefix.length) }];
  });
  return errors.length > 0 ? errors : [{ code: undefined, file: "policies", line: 1, message: lines[0] ?? "" }];
}

const CODES: ReadonlyMap<string, ProblemCode> = new Map([
  ["rego_parse_error", "opa.parse"],
  ["rego_type_error", "opa.type"],
  ["rego_unsafe_var_error", "opa.unsafe_variable"],
  ["rego_recursion_error", "opa.recursion"],
  ["rego_compile_error", "opa.compile"],
]);

/** Finds the problem code of an error. OPA's own codes say less than its messages. */
function codeOf({ code = "", file, message }: OpaError, builtIns: Vocabulary["builtIns"]): ProblemCode {
  if (/^merge error|conflicting rules? for data path/.test(message.replace(/^\w+_error: /, ""))) return "data.conflict";
  if (file.startsWith("policies/data/") && code === "") return "data.malformed";
  const [, name] = UNDEFINED_FUNCTION.exec(message) ?? [];
  if (name !== undefined) return builtIns.has(name) ? "opa.function_not_allowed" : "opa.undefined_function";
  if (/^undefined (ref|schema): /.test(message)) return "opa.undefined_reference";
  return CODES.get(code) ?? "opa.other";
}

const UNDEFINED_FUNCTION = /^undefined function (\S+)$/;

/** Adds to OPA's message what to do, where the message does not say it. */
function explain(message: string, builtIns: Vocabulary["builtIns"]): string {
  const [, name] = UNDEFINED_FUNCTION.exec(message) ?? [];
  if (name !== undefined && builtIns.has(name)) {
    const instead = findAdvice(name) ?? "docs/policy-language.md lists them";
    return `${name} is not among the functions that policies can call; ${instead}`;
  }
  if (name?.startsWith("access_lib.")) return `${message}; a file that uses helpers says \`import data.access_lib\``;
  if (name?.startsWith("values."))
    return `${message}; \`import data.engine.values\` has address, all_in, has_text, number, text and within`;
  if (/^var \S+ is unsafe$/.test(message)) {
    return `${message}: nothing gives it a value; text is in quotes, and a name with a dash too, as in input.request.headers["x-tenant"]`;
  }
  if (message === "empty module") return "the file is empty; it starts with `package access.<area>`";
  if (message.startsWith("match error")) return `${message}: values of these types are never equal`;
  return message;
}
