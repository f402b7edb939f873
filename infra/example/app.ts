import { join } from "node:path";
import {
  App,
  Aspects,
  CliCredentialsStackSynthesizer,
  DefaultStackSynthesizer,
  type IReusableStackSynthesizer,
  Validations,
} from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { readRoutes } from "../../openapi/read-routes.ts";
import { RequireAuthorization } from "../constructs/require-authorization.ts";
import { Orders } from "./stacks/orders.ts";
import { OrdersIdentityPool } from "./stacks/orders-identity-pool.ts";
import { OrdersSaml } from "./stacks/orders-saml.ts";

// The sample app. Its context: `emulator=true` for the emulator, `dist` for a build in another folder than `dist/`, and
// `samlMetadata` (a URL or a file) and `samlCallbackUrl` for sign-in by a directory.

// With CLI_CREDENTIALS the deployment uses the caller's credentials and needs no roles of a bootstrapped account.
const synthesizer = process.env["CLI_CREDENTIALS"]
  ? new CliCredentialsStackSynthesizer()
  : new DefaultStackSynthesizer();
const app = new App({ defaultStackSynthesizer: synthesizer as IReusableStackSynthesizer });
const isEmulated = app.node.tryGetContext("emulator") === "true";
const distPath: string = app.node.tryGetContext("dist") ?? join(import.meta.dirname, "..", "..", "dist");
const routes = await readRoutes(join(import.meta.dirname, "api", "openapi.yaml"), "rest");
if (!routes.ok) throw new Error(routes.error.join("\n"));

const samlMetadata = app.node.tryGetContext("samlMetadata");
const saml =
  samlMetadata === undefined
    ? undefined
    : new OrdersSaml(app, "OrdersSaml", {
        metadata: samlMetadata,
        callbackUrl: app.node.tryGetContext("samlCallbackUrl") ?? "http://localhost:3000/signed-in",
      });
new Orders(app, "Orders", { routes: routes.value, distPath, isEmulated, ...(saml && { federated: saml.issuer }) });
new OrdersIdentityPool(app, "OrdersIdentityPool", {
  routes: routes.value.filter(({ path }) => !path.startsWith("/vtl/")),
  distPath,
  precedence: ["Admins", "Support", "Customers"],
});

Aspects.of(app).add(new RequireAuthorization());
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
