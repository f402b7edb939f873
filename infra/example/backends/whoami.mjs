/** Answers with what the mapping template says of the caller; is not run without an authorizer's word. */
export const handler = async ({ principal, roles, grants, revision }) => {
  if (!principal || !revision) throw new Error("no authorizer was asked");
  return { principal, roles: roles.split(" "), grants: grants.split(" "), revision };
};
