import { own } from "../contract/json.ts";
import { DOMAIN_READERS } from "./domain-resources.ts";
import { FUNCTION_READERS } from "./function-resources.ts";
import { findHiddenParts, hasTransform, isInserting, isUnknownType } from "./hidden-parts.ts";
import { HTTP_READERS } from "./http-resources.ts";
import type { ModelDraft } from "./model.ts";
import { formatReference } from "./references.ts";
import type { ReadIntoModel, ReadResource } from "./resource-reader.ts";
import { REST_READERS } from "./rest-resources.ts";
import { addImplicitApis } from "./sam-implicit.ts";
import { SAM_READERS } from "./sam-resources.ts";
import { type RawResource, type Scope, toPlace } from "./scope.ts";
import { findStackQuotas } from "./stack-quotas.ts";
import { createStackValues, type StackValues } from "./stack-values.ts";

const READERS: Readonly<Record<string, ReadIntoModel>> = {
  ...REST_READERS,
  ...HTTP_READERS,
  ...FUNCTION_READERS,
  ...DOMAIN_READERS,
  ...SAM_READERS,
};

/** Types with code or a definition of their own, which may well have transforms. */
const SAM_SOURCES = new Set(["AWS::Serverless::Function", "AWS::Serverless::StateMachine"]);

const TOO_MANY = "depends on more conditions than the gate tries";

/** Adds what stacks deploy to a model. */
export function addStacks(draft: ModelDraft, scopes: readonly Scope[]): void {
  const values = createStackValues(scopes);
  for (const scope of scopes) {
    draft.unreadable.push(...findHiddenParts(scope));
    draft.quotas.push(...findStackQuotas(scope));
    for (const resource of scope.resources.values()) {
      const reader = own(READERS, resource.type);
      if (reader === undefined && !isUnknownType(resource.type)) continue;
      const read = toRead(draft, scope, resource, values);
      if (reader === undefined)
        read.refuse(
          `the gate does not know the type ${resource.type}, which could have methods`,
          "use a newer version of rego-authorizer, or write the API with types that it knows",
        );
      else if (hasTransform(visiblePartOf(resource)))
        read.refuse("what a transform or a loop inserts is not visible in the template", "write it out");
      else reader(read);
    }
    addImplicitApis(scope, (resource) => toRead(draft, scope, resource, values));
  }
}

/** Lists the properties in which a transform could change methods; the reader of documents looks at documents itself. */
function visiblePartOf({ type, properties }: RawResource): unknown {
  const { Body: _body, DefinitionBody: _definition, ...others } = properties;
  if (type.startsWith("AWS::Lambda::")) return undefined;
  if (!SAM_SOURCES.has(type)) return others;
  const inserted = Object.entries(properties).filter(([key]) => isInserting(key));
  return { ...Object.fromEntries(inserted), Events: properties["Events"] };
}

function toRead(draft: ModelDraft, scope: Scope, resource: RawResource, values: StackValues): ReadResource {
  const place = toPlace(scope, resource.id);
  const refuse = (cause: string, advice: string) => draft.unreadable.push({ place, cause, advice });
  const orRefuse = <Value>(found: readonly Value[] | undefined): readonly Value[] => {
    if (found === undefined) refuse(`${resource.id} ${TOO_MANY}`, "split the resource, or use fewer conditions");
    return found ?? [];
  };
  return {
    scope,
    resource,
    draft,
    place,
    refuse,
    key: formatReference(scope.id, resource.id),
    names: [resource.id, ...(place.path === undefined ? [] : [place.path, place.path.replace(/\/Resource$/, "")])],
    refer: (id) => formatReference(scope.id, id),
    each: (...names) => orRefuse(values.evaluateEach(scope, resource.properties, names, resource.condition)),
    eachOf: (written) => orRefuse(values.evaluateEach(scope, written, Object.keys(written), resource.condition)),
  };
}
