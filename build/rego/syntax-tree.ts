/**
 * The parts of Rego's syntax tree that the build reads, as `opa parse --format json --json-include locations` prints it.
 *
 * @see The package `ast` of OPA's source, `parser.go` and `policy.go`
 */

export interface Location {
  readonly row: number;
  /** The column, counted in characters from 1. */
  readonly col?: number;
  /** The source of the node, in Base64. */
  readonly text?: string;
}

/** A value, a reference, a call or a comprehension. */
export type Term = { readonly location?: Location } & (
  | { readonly type: "null"; readonly value: unknown }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "string" | "var"; readonly value: string }
  | { readonly type: "ref" | "call" | "array" | "set"; readonly value: readonly Term[] }
  | { readonly type: "object"; readonly value: readonly (readonly [Term, Term])[] }
  | {
      readonly type: "arraycomprehension" | "setcomprehension" | "objectcomprehension";
      readonly value: { readonly body: readonly Expr[] };
    }
);

/** A statement in a body. */
export interface Expr {
  readonly location?: Location;
  readonly negated?: boolean;
  readonly generated?: boolean;
  readonly with?: readonly With[];
  /** One term; an operator and its operands; `some`; or `every`. */
  readonly terms:
    | Term
    | readonly Term[]
    | { readonly symbols: readonly Term[] }
    | { readonly domain: Term; readonly body: readonly Expr[] };
}

/** A `with <target> as <value>` behind a statement. */
export interface With {
  readonly location?: Location;
  readonly target: Term;
  readonly value: Term;
}

export interface Head {
  /** Set for `p contains x`, and for `p[x]`. */
  readonly key?: Term;
  readonly value?: Term;
  readonly args?: readonly Term[];
  readonly ref: readonly Term[];
}

export interface Rule {
  readonly location: Location;
  readonly annotations?: readonly Annotation[];
  readonly default?: boolean;
  readonly head: Head;
  readonly body: readonly Expr[];
  readonly else?: Rule;
}

export interface Annotation {
  readonly scope: string;
  readonly title?: string;
  readonly custom?: Readonly<Record<string, unknown>>;
  readonly schemas?: readonly { readonly path: readonly Term[]; readonly schema?: readonly Term[] }[];
}

export interface Import {
  readonly location: Location;
  readonly path: Term;
  readonly alias?: string;
}

/** One Rego file. */
export interface Module {
  readonly package: { readonly path: readonly Term[]; readonly location: Location };
  readonly imports?: readonly Import[];
  readonly annotations?: readonly Annotation[];
  readonly rules?: readonly Rule[];
}

/** Names the operator or function of a call, such as `lt` or `net.cidr_contains`; undefined for anything else. */
export function nameOf(term: Term | undefined): string | undefined {
  if (term?.type !== "ref") return undefined;
  const parts = term.value.map((part) => (part.type === "var" || part.type === "string" ? part.value : undefined));
  return parts.includes(undefined) ? undefined : parts.join(".");
}

/** Formats the name of a rule as its own file writes it: `admin`, `grants["read"]`. */
export function nameOfRule({ head }: Rule): string {
  const [first, ...rest] = head.ref;
  return `${first?.value}${rest.map((term) => (term.type === "string" ? `["${term.value}"]` : "[…]")).join("")}`;
}

/** Lists all terms below a node, including those inside other terms. */
export function termsIn(node: unknown): readonly Term[] {
  if (typeof node !== "object" || node === null) return [];
  const inside = Object.values(node).flatMap(termsIn);
  return "type" in node && "value" in node ? [node as Term, ...inside] : inside;
}

/** Lists all calls below a node, each as its operator and operands: statements, and terms inside others. */
export function callsIn(node: unknown): readonly (readonly Term[])[] {
  if (typeof node !== "object" || node === null) return [];
  const inside = Object.values(node).flatMap(callsIn);
  if ("terms" in node && Array.isArray(node.terms)) return [node.terms, ...inside];
  return "type" in node && node.type === "call" && "value" in node
    ? [node.value as readonly Term[], ...inside]
    : inside;
}

/** Decodes the source of a node. */
export function textOf(node: { readonly location?: Location } | undefined): string {
  return Buffer.from(node?.location?.text ?? "", "base64").toString();
}

/** Lists the names of all variables below a node, including `input` and `data`. */
export function variablesIn(node: unknown): readonly string[] {
  return termsIn(node).flatMap((term) => (term.type === "var" ? [term.value] : []));
}
