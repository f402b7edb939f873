/** A WebSocket's routes. Says on which one it was asked, and what API Gateway says of the caller. */
export const handler = async ({ requestContext }) => {
  const { routeKey, authorizer } = requestContext;
  if (!authorizer?.revision) return { statusCode: 403 };
  const { principalId, roles, revision } = authorizer;
  return {
    statusCode: 200,
    body: JSON.stringify({ route: routeKey, caller: { principal: principalId, roles, revision } }),
  };
};
