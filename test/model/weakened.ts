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

/** Replaces the contracts in all names and ids, as if contracts did not tell releases apart. */
export const withOneContract: Weakening = (release) => {
  const contracts = [...contractsOf(release)];
  return onTemplates("with one contract", (template) => {
    // The end of a logical id is a hash of its path, which has the contract.
    const ids = Object.keys(template.Resources).flatMap((id) =>
      contracts.some(([, contract]) => id.includes(contract)) ? [[id, id.replace(/[0-9A-F]{8}$/, "")] as const] : [],
    );
    let text = withIds(template, ids);
    for (const [api, contract] of contracts)
      text = text.replaceAll(contract, api === "rest" ? "aaaaaaaaaaaa" : "bbbbbbbbbbbb");
    return JSON.parse(text);
  })(release);
};

/** Gives resources other logical ids, and returns the template as JSON. */
export function withIds(template: Template, ids: readonly (readonly [string, string])[]): string {
  let text = JSON.stringify(template);
  for (const [id, other] of ids) text = text.replaceAll(`"${id}"`, `"${other}"`);
  return text;
}

/** Gives authorizers ids and names without the contract, so that they are changed in place. */
export const withAuthorizersInPlace: Weakening = (release) => {
  const contracts = [...contractsOf(release).values()];
  const without = (name: string) => contracts.reduce((text, one) => text.replace(`-${one}`, "").replace(one, ""), name);
  return onTemplates("with authorizers in place", ({ Resources, ...rest }) => {
    const ids = new Map(
      Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) =>
        // The end of a logical id is a hash of its path, which has the contract.
        /Authorizer$/.test(Type)
          ? [[id, `${Type.replaceAll("::", "")}${without(String(Properties["Name"]))}`] as const]
          : [],
      ),
    );
    const renamed = Object.entries(Resources).map(([id, resource]) => {
      const { Properties = {} } = resource;
      const name = ids.has(id) ? { Name: without(String(Properties["Name"])) } : {};
      return [ids.get(id) ?? id, { ...resource, Properties: { ...Properties, ...name } }] as const;
    });
    return JSON.parse(withIds({ ...rest, Resources: Object.fromEntries(renamed) }, [...ids]));
  })(release);
};

/** Deletes resources of some types as soon as they leave the template. */
export function unretained(types: RegExp): Weakening {
  return withResources(types, ({ DeletionPolicy: _, UpdateReplacePolicy: __, ...rest }) => rest);
}
