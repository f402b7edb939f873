import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { UserPool } from "aws-cdk-lib/aws-cognito";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SamlSignIn } from "../../infra/constructs/saml-sign-in.ts";
import { OrdersSaml } from "../../infra/example/stacks/orders-saml.ts";
import { errorOf, propertiesOf } from "../support/infra.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saml-"));
});
afterAll(() => rm(folder, { recursive: true }));

const METADATA = `<?xml version="1.0"?>
<!-- exported -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://directory.example.com">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
      <ds:X509Data><ds:X509Certificate>MIIC</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://directory.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
`;

const create = (metadata: string) =>
  new OrdersSaml(new App(), "Test", { metadata, callbackUrl: "https://app.example.com/signed-in" });

async function failureWith(text: string): Promise<string> {
  const file = join(folder, "metadata.xml");
  await writeFile(file, text);
  return errorOf(() => create(file)).replace(file, "metadata.xml");
}

describe("sign-in by a directory", () => {
  it("takes the directory's metadata as a URL or a file, and maps its departments", async () => {
    const mapping = { "custom:department": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/department" };
    const file = join(folder, "good.xml");
    await writeFile(file, METADATA);
    const detailsOf = (metadata: string) => propertiesOf(create(metadata), "AWS::Cognito::UserPoolIdentityProvider");
    expect(detailsOf("https://directory.example.com/metadata")).toMatchObject([
      {
        ProviderType: "SAML",
        AttributeMapping: mapping,
        ProviderDetails: { MetadataURL: "https://directory.example.com/metadata" },
      },
    ]);
    expect(detailsOf(file)).toMatchObject([{ ProviderDetails: { MetadataFile: METADATA } }]);
  });

  it("has a client of its own with the code flow alone, without the scope to write attributes", () => {
    const stack = create("https://directory.example.com/metadata");
    const clients = propertiesOf(stack, "AWS::Cognito::UserPoolClient");
    expect(clients).toMatchObject([
      {
        AllowedOAuthFlows: ["code"],
        AllowedOAuthScopes: ["openid"],
        ExplicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
        SupportedIdentityProviders: ["Directory"],
        WriteAttributes: ["custom:department"],
      },
    ]);
  });
});

describe("sign-in can't be synthesised", () => {
  const at = "SamlSignIn at Test/Directory: ";
  const advice = "; export it from the directory again";

  it.each([
    ["text that is not XML", "<html", "it is not well-formed XML"],
    ["elements that are not nested", METADATA.replace("</md:KeyDescriptor>", ""), "it is not well-formed XML"],
    ["a page", "<html><body>Sign in</body></html>", "its root is html, not EntityDescriptor"],
    [
      "another namespace",
      METADATA.replace("2.0:metadata", "1.0:metadata"),
      "it is not in the namespace urn:oasis:names:tc:SAML:2.0:metadata",
    ],
    ["a service provider's", METADATA.replaceAll("IDPSSODescriptor", "SPSSODescriptor"), "it has no IDPSSODescriptor"],
    ["no certificate", METADATA.replaceAll("X509Certificate", "X509Other"), "it has no X509Certificate"],
  ])("with %s for metadata", async (_, text, error) => {
    expect(await failureWith(text)).toBe(
      `${at}metadata.xml is not the metadata of a SAML identity provider: ${error}${advice}`,
    );
  });

  it("with a file that does not exist, or a URL without TLS", () => {
    expect(errorOf(() => create("/nowhere.xml"))).toBe(
      `${at}/nowhere.xml can't be read; give the directory's metadata as an https URL or a file`,
    );
    expect(errorOf(() => create("http://directory.example.com/metadata"))).toBe(
      `${at}the metadata URL must start with https://, or a man in the middle could replace the directory`,
    );
  });

  it("with a standard attribute", () => {
    const stack = new Stack(new App(), "Test");
    const userPool = new UserPool(stack, "Pool");
    const sign = () =>
      new SamlSignIn(stack, "Directory", {
        userPool,
        name: "Directory",
        metadata: "https://directory.example.com/metadata",
        attributes: { email: "mail" },
        callbackUrls: ["https://app.example.com"],
        domainPrefix: "orders",
      });
    expect(errorOf(sign)).toBe(`${at}email is not a custom attribute; map to one, such as custom:department`);
  });
});
