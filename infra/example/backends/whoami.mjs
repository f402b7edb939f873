/** Returns what the mapping template says about the caller. The template does not let it run without an authorizer's context. */
export const handler = async ({ principal, roles, grants, revision }) => {
  if (!principal || !revision) throw new Error("no authorizer was invoked");
  return { principal, roles: roles.split(" "), grants: grants.split(" "), revision };
};
