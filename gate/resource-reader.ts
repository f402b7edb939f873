import type { ModelDraft, Unreadable } from "./model.ts";
import type { RawResource, Scope } from "./scope.ts";
import type { Properties } from "./stack-values.ts";

/** A resource that is being read, and where its parts go. */
export interface ReadResource {
  readonly scope: Scope;
  readonly resource: RawResource;
  readonly draft: ModelDraft;
  /** The text by which others refer to it. */
  readonly key: string;
  readonly place: Unreadable["place"];
  /** The names by which somebody may accept it. */
  readonly names: readonly string[];
  /** Refers to another resource of the same template. */
  readonly refer: (id: string) => string;
  /** Evaluates properties in each combination of conditions; none if there are too many, which is then reported. */
  readonly each: (...names: readonly string[]) => readonly Properties[];
  /** Evaluates values that are not properties. */
  readonly eachOf: (values: Properties) => readonly Properties[];
  readonly refuse: (cause: string, advice: string) => void;
}

/** Reads resources of one type into a model. */
export type ReadIntoModel = (read: ReadResource) => void;
