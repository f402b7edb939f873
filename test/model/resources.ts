import { API_TYPES } from "./api-resources.ts";
import { LAMBDA_TYPES } from "./lambda-resources.ts";
import type { ResourceType } from "./resource-type.ts";

/** A type that no request passes through. */
const INERT: ResourceType = {
  create: (cloud) => ({ ref: cloud.newId("other"), attributes: {} }),
  replacedBy: [],
  update: () => [],
  remove: () => {},
};

/** Finds the calls of a resource type. */
export function callsOf(type: string): ResourceType {
  return API_TYPES[type] ?? LAMBDA_TYPES[type] ?? INERT;
}
