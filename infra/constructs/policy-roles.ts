import type { IStage } from "aws-cdk-lib/aws-apigateway";
import {
  CfnIdentityPool,
  CfnIdentityPoolPrincipalTag,
  CfnIdentityPoolRoleAttachment,
  CfnUserPoolGroup,
  type UserPool,
  type UserPoolClient,
} from "aws-cdk-lib/aws-cognito";
import type { Role } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { builtFor, iamExportFor } from "./built-policy.ts";
import { toSynthesisError } from "./failure.ts";
import { findGroupFaults, findPrecedenceFaults, toId } from "./group-faults.ts";
import { GroupRole } from "./group-role.ts";
import { findUnproved } from "./proved-routes.ts";
import { findRuleFaults, findUnfounded, type RoleRule, toRoleMapping } from "./role-mapping.ts";
import { attributesAmong, findWritable } from "./writable-claims.ts";

/** Whose users get which roles, for which API. */
export interface PolicyRolesProps {
  readonly userPool: UserPool;
  /** The app clients whose ID tokens are taken; at least one. */
  readonly clients: readonly UserPoolClient[];
  /** The stage of the REST API whose methods have IAM authorization. */
  readonly stage: IStage;
  /**
   * All groups of the policy. A session has one role, that of the first of these that its user is in, and not what all of
   * them amount to.
   */
  readonly precedence: readonly string[];
  /**
   * The folder that `npm run build` made.
   *
   * @default - `dist/` beside this package's sources
   */
  readonly distPath?: string;
  /**
   * What a user gets whom no role is found for: the role of whoever is signed in, or nothing.
   *
   * @default "authenticated"
   */
  readonly ambiguous?: "authenticated" | "deny";
  /**
   * Chooses roles by attributes of a directory rather than by the groups in the token. The first rule that matches.
   * The policy has to give the group's roles for the same value.
   *
   * @default - the token chooses
   */
  readonly rules?: readonly RoleRule[];
  /**
   * Acknowledges that the methods with IAM authorization of an API that is not visible at synthesis are those that the
   * documents were proved for. Somebody has to have checked that.
   *
   * @default false - such an API is an error, if the build was told of routes
   */
  readonly acknowledgeRoutes?: boolean;
}

const KIND = "PolicyRoles";

/** For each group of the policy its IAM role, and the identity pool that gives it to the group's users. */
export class PolicyRoles extends Construct {
  /** By group. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Of whoever is signed in. */
  readonly authenticatedRole: Role;
  readonly identityPool: CfnIdentityPool;

  constructor(scope: Construct, id: string, props: PolicyRolesProps) {
    super(scope, id);
    const { userPool, clients, stage, precedence, ambiguous = "authenticated", rules } = props;
    const iam = iamExportFor(this, KIND, props.distPath);
    const groups = Object.keys(iam.groups);
    const errors = [
      ...findGroupFaults(groups),
      ...findPrecedenceFaults(groups, precedence),
      ...(rules ? findRuleFaults(rules, groups) : []),
    ];
    if (clients.length === 0) errors.push("there is no client; name those whose tokens are taken in clients");
    if (rules) {
      const { rolesByClaim } = builtFor(this, KIND, props.distPath);
      errors.push(...findUnfounded(rules, rolesByClaim, (group) => iam.groups[group]?.roles ?? []));
    }
    if (errors.length > 0) throw toSynthesisError(this, KIND, errors.join("\n"));

    const providerName = userPool.userPoolProviderName;
    this.identityPool = new CfnIdentityPool(this, "Identities", {
      allowUnauthenticatedIdentities: false,
      // Said, since only that refuses it. With it, clients would ask STS for the role of their choice.
      allowClassicFlow: false,
      cognitoIdentityProviders: clients.map(({ userPoolClientId: clientId }) => ({
        clientId,
        providerName,
        serverSideTokenCheck: true,
      })),
    });
    const shared = { stage, identityPoolId: this.identityPool.ref, hasTags: Object.keys(iam.tags).length > 0 };
    const { statements } = iam.authenticated;
    this.authenticatedRole = new GroupRole(this, "Authenticated", {
      ...shared,
      holder: "whoever is signed in",
      statements,
    }).role;
    this.roles = new Map(
      precedence.map((group, at) => {
        const holder = `the group ${group}`;
        const { role } = new GroupRole(this, `Group ${toId(group)}`, {
          ...shared,
          holder,
          statements: iam.groups[group]?.statements ?? [],
        });
        new CfnUserPoolGroup(this, `UserPoolGroup ${toId(group)}`, {
          userPoolId: userPool.userPoolId,
          groupName: group,
          precedence: at,
          roleArn: role.roleArn,
        });
        return [group, role];
      }),
    );
    this.#mapRoles(
      clients.map(({ userPoolClientId }) => `${providerName}:${userPoolClientId}`),
      ambiguous,
      rules,
    );
    if (shared.hasTags) {
      new CfnIdentityPoolPrincipalTag(this, "Tags", {
        identityPoolId: this.identityPool.ref,
        identityProviderName: providerName,
        useDefaults: false,
        principalTags: Object.fromEntries(Object.entries(iam.tags).map(([claim, tag]) => [tag, claim])),
      });
    }
    const claims = [...Object.keys(iam.tags), ...(rules ?? []).map(({ claim }) => claim)];
    const attributes = attributesAmong([...new Set(claims)]);
    const find = () => findWritable(this, { userPool, clients, tokenUse: "id" }, attributes);
    this.node.addValidation({ validate: () => find().map((line) => `${KIND}: ${line}`) });
    if (iam.route_table !== undefined && props.acknowledgeRoutes !== true) {
      const { cache_contract } = builtFor(this, KIND, props.distPath).manifest;
      const unproved = () => findUnproved(stage.restApi, cache_contract).map((line) => `${KIND}: ${line}`);
      this.node.addValidation({ validate: unproved });
    }
  }

  #mapRoles(
    providers: readonly string[],
    ambiguous: "authenticated" | "deny",
    rules: readonly RoleRule[] | undefined,
  ): void {
    const roleArnOf = (group: string) => this.roles.get(group)?.roleArn ?? this.authenticatedRole.roleArn;
    new CfnIdentityPoolRoleAttachment(this, "RoleOfSession", {
      identityPoolId: this.identityPool.ref,
      roles: { authenticated: this.authenticatedRole.roleArn },
      // The keys can't be providers, which are known at deployment only.
      roleMappings: Object.fromEntries(
        providers.map((provider, at) => [`Client${at}`, toRoleMapping(provider, ambiguous, rules, roleArnOf)]),
      ),
    });
  }
}
