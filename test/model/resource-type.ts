import type { Cloud } from "./cloud.ts";

/** The properties of a resource, with all references resolved. */
export type Properties = Readonly<Record<string, unknown>>;

/** A resource that exists. */
export interface Physical {
  readonly type: string;
  /** The value of `Ref`. */
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly properties: Properties;
}

/** The calls by which CloudFormation creates, changes and deletes the resources of one type. A call that throws has failed. */
export interface ResourceType {
  readonly create: (cloud: Cloud, properties: Properties, assets: string) => Pick<Physical, "ref" | "attributes">;
  /** The properties whose change replaces the resource. */
  readonly replacedBy: readonly string[];
  /** The calls that change the resource in place, each of which takes effect by itself. */
  readonly update: (cloud: Cloud, before: Physical, after: Properties, assets: string) => readonly (() => void)[];
  readonly remove: (cloud: Cloud, physical: Physical) => void;
}

/** Converts a property to a text, a missing one to an empty text. */
export const toText = (value: unknown) => (value === undefined ? "" : String(value));
