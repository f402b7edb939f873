import { type Expr, type Module, textOf } from "./syntax-tree.ts";

/** Formats the lines that a file starts with which adds rules to a module's package: its package and its imports. */
export function headOf({ package: { path }, imports = [] }: Module): readonly string[] {
  const names = path.slice(1).map(({ value }) => value);
  return [
    `package ${names.join(".")}`,
    ...imports.map(({ path: imported, alias }) => `import ${textOf(imported)}${alias ? ` as ${alias}` : ""}`),
  ];
}

/** Formats a statement of a body as its source has it. */
export function statementOf(expr: Expr): string {
  const text = textOf(expr);
  return expr.negated === true && !/^not\b/.test(text) ? `not ${text}` : text;
}
