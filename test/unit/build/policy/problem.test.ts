import { expect, it } from "vitest";
import { formatProblem } from "../../../../build/policy/problem.ts";

it("a problem is one line of visible characters, whatever is in a title or name", () => {
  const problem = { code: "role.unknown", file: "access/a.rego", line: 7, message: "a.b: “ü”\u202e\nrole" } as const;
  expect(formatProblem(problem)).toBe("access/a.rego:7: a.b: “ü”\\u202e\\u000arole [role.unknown]");
});
