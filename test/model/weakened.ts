import type { Release } from "./app.ts";
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

const ALIAS = /^(.+)-([0-9a-f]{12})$/;

/** Finds the contract of each API by the name that the API has in its alias. */
export function contractsOf({ main }: Release): ReadonlyMap<string, string> {
  const names = Object.values(main.Resources)
    .filter(({ Type }) => Type === "AWS::Lambda::Alias")
    .map(({ Properties = {} }) => ALIAS.exec(String(Properties["Name"])));
  return new Map(names.map((found) => [found?.[1] ?? "", found?.[2] ?? ""]));
}

/** Replaces the contracts in all names and ids, as if contracts did not tell releases apart. */
export const withOneContract: Weakening = (release) => {
  // APIs of one kind may have one contract.
  const contracts = [...new Set([...contractsOf(release)].sort().map(([, contract]) => contract))];
  return onTemplates("with one contract", (template) => {
    // The end of a logical id is a hash of its path, which has the contract.
    const ids = Object.keys(template.Resources).flatMap((id) =>
      contracts.some((contract) => id.includes(contract)) ? [[id, id.replace(/[0-9A-F]{8}$/, "")] as const] : [],
    );
    let text = withIds(template, ids);
    for (const [at, contract] of contracts.entries()) text = text.replaceAll(contract, String(at).repeat(12));
    return JSON.parse(text);
  })(release);
};

/** Gives resources other logical ids, and returns the template as JSON. */
export function withIds(template: Template, ids: readonly (readonly [string, string])[]): string {
  let text = JSON.stringify(template);
  for (const [id, other] of ids) text = text.replaceAll(`"${id}"`, `"${other}"`);
  return text;
}

/** Gives authorizers ids and names without the contract, so that they are changed in place; those of documents, too. */
export const withAuthorizersInPlace: Weakening = (release) => {
  const contracts = [...contractsOf(release).values()];
  const without = (name: string) => contracts.reduce((text, one) => text.replace(`-${one}`, "").replace(one, ""), name);
  const inDocument = (body: unknown) => JSON.parse(JSON.stringify(body).replaceAll(/"policy-[^"]*"/g, without));
  return onTemplates("with authorizers in place", ({ Resources, ...rest }) => {
    const ids = new Map(
      Object.entries(Resources).flatMap(([id, { Type }]) =>
        // The end of a logical id is a hash of its path, which has the contract.
        /Authorizer$/.test(Type) ? [[id, without(id).replace(/[0-9A-F]{8}$/, "")] as const] : [],
      ),
    );
    const renamed = Object.entries(Resources).map(([id, resource]) => {
      const { Properties = {} } = resource;
      const { Body } = Properties;
      const inPlace = ids.has(id)
        ? { Name: without(String(Properties["Name"])) }
        : Body === undefined
          ? {}
          : { Body: inDocument(Body) };
      return [ids.get(id) ?? id, { ...resource, Properties: { ...Properties, ...inPlace } }] as const;
    });
    return JSON.parse(withIds({ ...rest, Resources: Object.fromEntries(renamed) }, [...ids]));
  })(release);
};

/** Deletes resources of some types as soon as they leave the template. */
export function unretained(types: RegExp): Weakening {
  return withResources(types, ({ DeletionPolicy: _, UpdateReplacePolicy: __, ...rest }) => rest);
}
