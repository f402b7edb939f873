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
import { findMetadataError } from "./saml-metadata.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** A company's directory, and the attributes that the user pool takes from it. */
export interface SamlSignInProps {
  readonly userPool: UserPool;
  /** The name of the identity provider, 1 to 32 characters. Cognito adds its users to a group `<pool>_<name>`. */
  readonly name: string;
  /** The directory's metadata: an https URL, which Cognito refreshes, or a file. */
  readonly metadata: string;
  /** The names of the directory's attributes, by custom attribute of the pool, such as `custom:department`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The URLs to which Cognito may redirect a browser with its code. */
  readonly callbackUrls: readonly string[];
  /** The domain prefix of the pool's sign-in pages, unique in the region. */
  readonly domainPrefix: string;
}

const KIND = "SamlSignIn";

/**
 * Sign-in by a SAML directory, with an app client for its users only.
 *
 * Cognito writes mapped attributes with the permissions of the client, so the client must be able to write them. Therefore the
 * client has the code flow only, and lacks the scope with which users could write the attributes themselves.
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
          `${attribute} is not a custom attribute; map to one, such as custom:department`,
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
    // Without a list of flows, Cognito allows direct sign-in.
    if (CfnUserPoolClient.isCfnUserPoolClient(template)) template.explicitAuthFlows = ["ALLOW_REFRESH_TOKEN_AUTH"];
  }

  #readMetadata(metadata: string): UserPoolIdentityProviderSamlMetadata {
    if (/^[a-z]+:\/\//i.test(metadata)) {
      if (metadata.startsWith("https://") && URL.canParse(metadata))
        return UserPoolIdentityProviderSamlMetadata.url(metadata);
      throw toSynthesisError(
        this,
        KIND,
        "the metadata URL must start with https://, or a man in the middle could replace the directory",
      );
    }
    let text: string;
    try {
      text = readFileSync(metadata, "utf8");
    } catch {
      throw toSynthesisError(
        this,
        KIND,
        `${metadata} can't be read; give the directory's metadata as an https URL or a file`,
      );
    }
    const error = findMetadataError(text);
    if (error !== undefined)
      throw toSynthesisError(
        this,
        KIND,
        `${metadata} is not the metadata of a SAML identity provider: ${error}; export it from the directory again`,
      );
    return UserPoolIdentityProviderSamlMetadata.file(text);
  }
}
