import type { CfnResource } from "aws-cdk-lib";
import type { Construct, IConstruct } from "constructs";
import {
  type AttachmentMode,
  answersBelow,
  findEntries,
  type KeptAuthorizer,
  type Selection,
} from "../../contract/method-selection.ts";
import type { Route } from "../../contract/route.ts";
import { MARK_KEY, toKeptMark } from "../../gate/marks.ts";
import { isSame, readProperty, readReference, targetOf } from "./template.ts";

/** One attachment of an authorizer to an API: the methods that it is for, and what becomes of each. */
export interface Attachment {
  readonly selection: Selection;
  readonly mode: AttachmentMode;
  /**
   * Tells whether a method without an authorizer gets this attachment's.
   *
   * @throws If another attachment is for it, too.
   */
  readonly takes: (method: CfnResource, route: Route) => boolean;
  /** Tells whether some attachment gave a method its authorizer. */
  readonly isAttached: (method: CfnResource) => boolean;
  /** Tells whether a method keeps the authorizer of another kind that it has. */
  readonly keeps: (method: CfnResource, route: Route) => boolean;
  /** Notes a method that gets no authorizer, and why. */
  readonly leaves: (route: Route, why: "iam" | "public") => void;
  /** Finds what the selection names and the API lacks, and methods beside it that would stay open. */
  readonly findErrors: () => readonly string[];
}

/** The attachments of one API, and the authorizers that they share. */
export interface ApiAttachments {
  /** Gives the first attachment. All resources are in its scope, so that their ids do not depend on the order of attachments. */
  readonly home: (own: Construct) => Construct;
  readonly add: (selection: Selection, mode: AttachmentMode) => Attachment;
  /**
   * Finds or creates an authorizer by its name, which is unique in an API.
   *
   * @param settings - All settings that may differ between attachments with the same name.
   * @throws If one with other settings has the name.
   */
  readonly authorizer: (name: string, settings: object, create: () => CfnResource) => CfnResource;
}

/** Formats a route for messages; the route `$default` has no path. */
function called({ verb, path }: Route): string {
  return path === "" ? verb : `${verb} ${path}`;
}

const LEFT = {
  iam: "has IAM authorization, and keeps it; remove one of the two",
  public: "is public in the policy, and gets no authorizer; remove one of the two",
} as const;

/**
 * Creates the attachments of one API.
 *
 * @param fail - Makes an error of synthesis.
 */
export function createAttachments(api: IConstruct, fail: (cause: string) => Error): ApiAttachments {
  const all: Attachment[] = [];
  const taken = new Map<CfnResource, Attachment>();
  const seen = new Map<CfnResource, Route>();
  const authorizers = new Map<string, { readonly resource: CfnResource; readonly settings: string }>();
  let first: Construct | undefined;

  /** Lists the methods that anybody can call, or that are report-only. */
  const openMethods = () =>
    [...seen].filter(([method]) => {
      const attachment = taken.get(method);
      return attachment === undefined ? typeOf(method) === "NONE" : attachment.mode === "report";
    });

  function add(selection: Selection, mode: AttachmentMode): Attachment {
    const used = new Set<string>();
    const kept = new Set<KeptAuthorizer>();
    const left: string[] = [];
    const selects = (route: Route): boolean => {
      const entries = findEntries(selection, route);
      for (const entry of entries ?? []) used.add(entry);
      return entries !== undefined;
    };
    const isForAnother = (route: Route) =>
      all.some((other) => other.selection.kind !== "rest" && findEntries(other.selection, route) !== undefined);
    const own: Attachment = {
      selection,
      mode,
      isAttached: (method) => taken.has(method),
      takes(method, route) {
        seen.set(method, route);
        if (!selects(route) || (selection.kind === "rest" && isForAnother(route))) return false;
        const other = taken.get(method);
        if (other !== undefined && other !== own)
          throw fail(
            `two attachments of ${api.node.path} are for ${called(route)}: ${other.selection.called}, and ${selection.called}; select it in one of them`,
          );
        taken.set(method, own);
        return true;
      },
      keeps(method, route) {
        if (!selects(route) || selection.kind === "rest") return true;
        const found = selection.keep.find((one) => isAuthorizerOf(method, one.authorizer));
        if (found === undefined) return false;
        kept.add(found);
        method.addMetadata(MARK_KEY, toKeptMark(readReference(method, "AuthorizerId"), found.reason));
        return true;
      },
      leaves(route, why) {
        if (selects(route) && selection.kind === "only") left.push(`only: ${called(route)} ${LEFT[why]}`);
      },
      findErrors() {
        const unused = selection.entries.filter((entry) => !used.has(entry));
        const beside = mode === "report" ? [] : openMethods().filter(([, route]) => answersBelow(selection, route));
        return [
          ...unused.map((entry) =>
            selection.kind === "only"
              ? `only: ${api.node.path} has no ${entry}; correct it, or remove it`
              : `below: ${api.node.path} has no method at or below ${entry || "/"}; correct it, or remove it`,
          ),
          ...new Set(left),
          ...selection.keep
            .filter((one) => !kept.has(one))
            .map(
              ({ authorizer }) =>
                `keep: no selected method of ${api.node.path} has the authorizer ${nameOf(authorizer)}; remove it`,
            ),
          ...beside.map(
            ([, route]) =>
              `${called(route)} also answers paths ${selection.called}, and would stay open; select it, too, or list the methods by only`,
          ),
        ];
      },
    };
    all.push(own);
    return own;
  }

  return {
    add,
    home(own) {
      first ??= own;
      return first;
    },
    authorizer(name, settings, create) {
      const text = JSON.stringify(settings);
      const found = authorizers.get(name) ?? { resource: create(), settings: text };
      authorizers.set(name, found);
      if (found.settings === text) return found.resource;
      throw fail(
        `two attachments of ${api.node.path} need the authorizer ${name} with different settings; give both the same ttl, ttlByAuthorizer and multipleDomains`,
      );
    },
  };
}

function typeOf(method: CfnResource): unknown {
  return readProperty(method, "AuthorizationType") ?? "NONE";
}

/** Tells whether a name is that of a method's authorizer: the id as the method has it, its name, or its construct's path. */
function isAuthorizerOf(method: CfnResource, name: string): boolean {
  const id = readReference(method, "AuthorizerId");
  if (isSame(method, id, name)) return true;
  const target = targetOf(id);
  return target !== undefined && [target.node.path, target.node.scope?.node.path, Object(target).name].includes(name);
}

function nameOf(authorizer: string): string {
  return targetOf(authorizer)?.node.path ?? authorizer;
}
