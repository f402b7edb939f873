import type { EngineInput } from "../../contract/engine-input.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { AccessPolicy, Atom, Who } from "./model.ts";

/** A principal and perhaps a request that show something about the access of a policy. */
export interface Shown {
  readonly who: Who;
  /** The path is a template without names: each parameter stands for a fresh segment. */
  readonly request: { readonly verb: string; readonly path: string; readonly api: string | undefined } | undefined;
  /** By position: the claim that equals the segment. */
  readonly own: readonly (readonly [position: number, claim: string])[];
}

/** Makes the input of the engine for a request that shows something. Its fresh segments are in no template of the policy. */
export function toWitnessInput({ who, request, own }: Shown, literals: ReadonlySet<string>): EngineInput {
  const segments = request === undefined ? [] : toSegments(request.path, literals);
  const ofPath = own.flatMap(([position, claim]): readonly Atom[] => {
    const value = segments[position];
    return value === undefined ? [] : [{ by: "claim", claim, value }];
  });
  return {
    principal: toPrincipal(who, ofPath),
    ...(request !== undefined && {
      request: {
        method: request.verb,
        path: `/${segments.join("/")}`,
        ...(request.api !== undefined && { api: request.api }),
      },
    }),
  };
}

/** Lists the literals in the templates of a policy. */
export function listLiterals({ grants, denials, publicRules }: AccessPolicy): ReadonlySet<string> {
  const paths = [...Object.values(grants), ...Object.values(denials), ...publicRules].map(({ path }) => path);
  const segments = paths.flatMap(parseTemplate);
  return new Set(segments.flatMap((segment) => (segment.kind === "literal" ? [segment.text] : [])));
}

function toSegments(template: string, literals: ReadonlySet<string>): readonly string[] {
  let count = 0;
  const toFresh = (): string => {
    const text = `${String.fromCharCode(97 + (count % 26))}${count < 26 ? "" : Math.floor(count / 26)}`;
    count += 1;
    return literals.has(text) ? toFresh() : text;
  };
  return template === "/"
    ? []
    : template
        .slice(1)
        .split("/")
        .map((text) => (text === "{}" || text === "{+}" ? toFresh() : text));
}

function toPrincipal({ atoms, issuer }: Who, ofPath: readonly Atom[]): NonNullable<EngineInput["principal"]> {
  const claims = new Map<string, Set<string>>();
  const add = (claim: string, value: string) => claims.set(claim, new Set([...(claims.get(claim) ?? []), value]));
  for (const atom of [...atoms, ...ofPath]) {
    if (atom.by === "group") add("cognito:groups", atom.value);
    if (atom.by === "scope") add("scope", atom.value);
    if (atom.by === "claim") add(atom.claim, atom.value);
  }
  const kind = atoms.find(({ by }) => by === "kind")?.value ?? (claims.has("scope") ? "machine" : undefined);
  return {
    ...((kind === "user" || kind === "machine") && { kind }),
    ...(issuer !== undefined && { issuer_name: issuer }),
    claims: Object.fromEntries([...claims].map(([claim, values]) => [claim, toClaim(claim, [...values])])),
  };
}

/** Writes the values of a claim as a token has them: groups are a list, scopes a text. */
function toClaim(claim: string, values: readonly string[]): unknown {
  if (claim === "scope") return values.join(" ");
  return claim === "cognito:groups" || claim === "cognito:roles" || values.length > 1 ? values : values[0];
}
