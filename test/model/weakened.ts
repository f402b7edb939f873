import type { Release } from "./releases.ts";
import type { Template, TemplateResource } from "./template.ts";

/** A change to a synthesized release, by which it loses one part of the design. */
export type Weakening = (release: Release) => Release;

/** Changes the resources of some types in all templates of a release. */
export function withResources(
  types: RegExp,
  change: (resource: TemplateResource) => TemplateResource | undefined,
): Weakening {
  const ofTemplate = ({ Resources, ...rest }: Template): Template => ({
    ...rest,
    Resources: Object.fromEntries(
      Object.entries(Resources).flatMap(([id, resource]) => {
        const own = types.test(resource.Type) ? change(resource) : resource;
        return own === undefined ? [] : [[id, own] as const];
      }),
    ),
  });
  return onTemplates("weakened", ofTemplate);
}

/** Changes all templates of a release. */
export function onTemplates(name: string, change: (template: Template) => Template): Weakening {
  return ({ main, apis, ...release }) => ({
    ...release,
    name: `${release.name}, ${name}`,
    main: change(main),
    apis: apis && change(apis),
  });
}

const CONTRACT = /-([0-9a-f]{12})$/;

/** Finds the contract of the aliases that authorizers of one kind of API name. */
export function contractsOf({ main, apis }: Release): ReadonlyMap<"rest" | "http", string> {
  const found = new Map<"rest" | "http", string>();
  for (const { Type, Properties = {} } of [main, apis].flatMap((one) => Object.values(one?.Resources ?? {}))) {
    const [, contract] = CONTRACT.exec(String(Properties["Name"])) ?? [];
    if (contract !== undefined && /Authorizer$/.test(Type)) found.set(/V2/.test(Type) ? "http" : "rest", contract);
  }
  return found;
}

/** Replaces the contracts in all names, as if contracts did not tell releases apart. The same text stands for each kind of API. */
export const withOneContract: Weakening = (release) => {
  const replace = (template: Template): Template => {
    let text = JSON.stringify(template);
    for (const [api, contract] of contractsOf(release))
      text = text.replaceAll(contract, api === "rest" ? "aaaaaaaaaaaa" : "bbbbbbbbbbbb");
    return JSON.parse(text);
  };
  return onTemplates("with one contract", replace)(release);
};

/** Gives authorizers ids and names without the contract, so that they are changed in place. */
export const withAuthorizersInPlace: Weakening = (release) => {
  const contracts = [...contractsOf(release).values()];
  const without = (name: string) => contracts.reduce((text, one) => text.replace(`-${one}`, "").replace(one, ""), name);
  return onTemplates("with authorizers in place", ({ Resources, ...rest }) => {
    const ids = new Map(
      Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) =>
        // The end of a logical id is a hash of its path, which has the contract.
        /Authorizer$/.test(Type) ? [[id, `${Type.replaceAll("::", "")}${without(String(Properties["Name"]))}`] as const] : [],
      ),
    );
    const renamed = Object.entries(Resources).map(([id, resource]) => {
      const { Properties = {} } = resource;
      const name = ids.has(id) ? { Name: without(String(Properties["Name"])) } : {};
      return [ids.get(id) ?? id, { ...resource, Properties: { ...Properties, ...name } }] as const;
    });
    let text = JSON.stringify({ ...rest, Resources: Object.fromEntries(renamed) });
    for (const [long, short] of ids) text = text.replaceAll(`"${long}"`, `"${short}"`);
    return JSON.parse(text);
  })(release);
};

/** Deletes resources of some types as soon as they leave the template. */
export function unretained(types: RegExp): Weakening {
  return withResources(types, ({ DeletionPolicy: _, UpdateReplacePolicy: __, ...rest }) => rest);
}
