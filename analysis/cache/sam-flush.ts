/**
 * The code of the custom resource that empties the authorizer cache of a stage, for Lambda's Node 24, which has the AWS SDK. It does
 * so after each change, and once more when a deployment is rolled back. A stage that does not exist has nothing to empty. Its single
 * quotes tell its imports from those of this package.
 */
export const FLUSH_CODE = `const FLUSHES = {
  rest: async (apiId, stageName) => {
    const { APIGatewayClient, FlushStageAuthorizersCacheCommand } = require('@aws-sdk/client-api-gateway');
    await new APIGatewayClient().send(new FlushStageAuthorizersCacheCommand({ restApiId: apiId, stageName }));
  },
  http: async (ApiId, StageName) => {
    const { ApiGatewayV2Client, ResetAuthorizersCacheCommand } = require('@aws-sdk/client-apigatewayv2');
    await new ApiGatewayV2Client().send(new ResetAuthorizersCacheCommand({ ApiId, StageName }));
  },
};

exports.handler = async (event) => {
  const { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId, ResourceProperties: of } = event;
  const PhysicalResourceId = of.ApiId + "/" + of.StageName;
  let Status = "SUCCESS";
  let Reason = "";
  try {
    if (RequestType !== "Delete") await FLUSHES[of.Kind](of.ApiId, of.StageName);
  } catch (error) {
    if (error.name !== "NotFoundException") [Status, Reason] = ["FAILED", String(error)];
  }
  const body = JSON.stringify({ Status, Reason, PhysicalResourceId, StackId, RequestId, LogicalResourceId });
  await fetch(ResponseURL, { method: "PUT", body, headers: { "content-type": "" } });
};
`;
