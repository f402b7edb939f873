/** Serves the routes of a WebSocket API: returns the route, and what API Gateway's context says about the caller. */
export const handler = async ({ requestContext }) => {
  const { routeKey, authorizer } = requestContext;
  if (!authorizer?.revision) return { statusCode: 403 };
  const { principalId, roles, revision } = authorizer;
  return {
    statusCode: 200,
    body: JSON.stringify({ route: routeKey, caller: { principal: principalId, roles, revision } }),
  };
};
