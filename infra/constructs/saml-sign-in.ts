import { readFileSync } from "node:fs";
import {
  CfnUserPoolClient,
  ClientAttributes,
  OAuthScope,
  ProviderAttribute,
  type UserPool,
  type UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolIdentityProviderSaml,
  UserPoolIdentityProviderSamlMetadata,
} from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { toSynthesisError } from "./failure.ts";
import { findMetadataFault } from "./saml-metadata.ts";

/** A company's directory, and what of it is taken over. */
export interface SamlSignInProps {
  readonly userPool: UserPool;
  /** Of the provider: 1 to 32 characters. Users get the group `<pool>_<name>` of Cognito's own making. */
  readonly name: string;
  /** The directory's metadata: an https URL, which Cognito keeps up with, or a file. */
  readonly metadata: string;
  /** By custom attribute of the pool, such as `custom:department`, the name of the directory's. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Where browsers may go with their code. */
  readonly callbackUrls: readonly string[];
  /** Of the pool's sign-in pages; nobody else's in this region. */
  readonly domainPrefix: string;
}

const KIND = "SamlSignIn";

/**
 * Sign-in by a SAML directory, with a client for its users alone.
 *
 * Cognito writes mapped attributes by way of the client, so that they have to be writable; the client therefore has the
 * code flow only, and not the scope with which users write attributes themselves.
 */
export class SamlSignIn extends Construct {
  readonly client: UserPoolClient;

  constructor(scope: Construct, id: string, props: SamlSignInProps) {
    super(scope, id);
    const { userPool, name, metadata, attributes, callbackUrls, domainPrefix } = props;
    const custom = Object.keys(attributes);
    for (const attribute of custom) {
      if (!attribute.startsWith("custom:"))
        throw toSynthesisError(
          this,
          KIND,
          `${attribute} is no custom attribute; map to one, such as custom:department`,
        );
    }
    const provider = new UserPoolIdentityProviderSaml(this, "Provider", {
      userPool,
      name,
      metadata: this.#readMetadata(metadata),
      attributeMapping: {
        custom: Object.fromEntries(Object.entries(attributes).map(([to, from]) => [to, ProviderAttribute.other(from)])),
      },
    });
    userPool.addDomain("SignInPages", { cognitoDomain: { domainPrefix } });
    this.client = userPool.addClient("Federated", {
      supportedIdentityProviders: [UserPoolClientIdentityProvider.custom(name)],
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID],
        callbackUrls: [...callbackUrls],
      },
      preventUserExistenceErrors: true,
      writeAttributes: new ClientAttributes().withCustomAttributes(
        ...custom.map((attribute) => attribute.replace("custom:", "")),
      ),
    });
    this.client.node.addDependency(provider);
    const template = this.client.node.defaultChild;
    // Unset, Cognito allows direct sign-in.
    if (CfnUserPoolClient.isCfnUserPoolClient(template)) template.explicitAuthFlows = ["ALLOW_REFRESH_TOKEN_AUTH"];
  }

  #readMetadata(metadata: string): UserPoolIdentityProviderSamlMetadata {
    if (/^[a-z]+:\/\//i.test(metadata)) {
      if (metadata.startsWith("https://") && URL.canParse(metadata))
        return UserPoolIdentityProviderSamlMetadata.url(metadata);
      throw toSynthesisError(
        this,
        KIND,
        "the metadata's URL must start with https://, or whoever is in between names the directory",
      );
    }
    let text: string;
    try {
      text = readFileSync(metadata, "utf8");
    } catch {
      throw toSynthesisError(
        this,
        KIND,
        `${metadata} can't be read; name the directory's metadata, an https URL or a file`,
      );
    }
    const error = findMetadataFault(text);
    if (error !== undefined)
      throw toSynthesisError(
        this,
        KIND,
        `${metadata} is no metadata of a SAML identity provider: ${error}; export it from the directory again`,
      );
    return UserPoolIdentityProviderSamlMetadata.file(text);
  }
}
