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
import { findGroupErrors, findPrecedenceErrors, toId } from "./group-errors.ts";
import { GroupRole } from "./group-role.ts";
import { findUnproved } from "./proved-routes.ts";
import { findExcessiveRules, findRuleErrors, type RoleRule, toRoleMapping } from "./role-mapping.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { attributesAmong, findWritable } from "./writable-claims.ts";

/** The users who get roles, the API that the roles are for, and how a session gets its role. */
export interface PolicyRolesProps {
  readonly userPool: UserPool;
  /** The app clients whose ID tokens the identity pool accepts; at least one. */
  readonly clients: readonly UserPoolClient[];
  /** The stage of the REST API whose methods have IAM authorization. */
  readonly stage: IStage;
  /**
   * All groups of the policy, in order. A session has one role only: that of the first of these groups that its user is in.
   * It does not have the permissions of the user's other groups.
   */
  readonly precedence: readonly string[];
  /**
   * The folder that `rego-authorizer build` has written.
   *
   * @default - `dist/` in the working folder
   */
  readonly distPath?: string;
  /**
   * The role of users whose role can't be resolved: the role of every signed-in user, or none.
   *
   * @default "authenticated"
   */
  readonly ambiguous?: "authenticated" | "deny";
  /**
   * Rules that choose a session's role by attributes of a directory instead of the groups in the token. The first rule that
   * matches counts. The policy must give the group's roles for the same value.
   *
   * @default - the groups in the token choose the role
   */
  readonly rules?: readonly RoleRule[];
  /**
   * Acknowledges that somebody has checked an API that is not visible at synthesis: its methods with IAM authorization are
   * among the routes that the documents are proved for.
   *
   * @default false - such an API is an error of synthesis, if the build was given routes
   */
  readonly acknowledgeRoutes?: boolean;
}

const KIND = "PolicyRoles";

/** The IAM roles of the policy's groups, and the identity pool that gives a user the role of her group. */
export class PolicyRoles extends Construct {
  /** The IAM roles, by the name of the group. */
  readonly roles: ReadonlyMap<string, Role>;
  /** The IAM role of every signed-in user. */
  readonly authenticatedRole: Role;
  readonly identityPool: CfnIdentityPool;

  constructor(scope: Construct, id: string, props: PolicyRolesProps) {
    super(scope, id);
    const { userPool, clients, stage, precedence, ambiguous = "authenticated", rules } = props;
    const dist = builtFor(this, KIND, props.distPath);
    const iam = iamExportFor(this, KIND, dist, props.distPath);
    const groups = Object.keys(iam.groups);
    const errors = [
      ...findGroupErrors(groups),
      ...findPrecedenceErrors(groups, precedence),
      ...(rules ? findRuleErrors(rules, groups) : []),
    ];
    if (clients.length === 0) errors.push("clients is empty; name the app clients whose ID tokens are accepted");
    if (rules) {
      const rolesOf = (group: string) => iam.groups[group]?.roles ?? [];
      errors.push(...findExcessiveRules(rules, dist.rolesByClaim, rolesOf, iam.authenticated.roles));
    }
    if (errors.length > 0) throw toSynthesisError(this, KIND, errors.join("\n"));

    const providerName = userPool.userPoolProviderName;
    this.identityPool = new CfnIdentityPool(this, "Identities", {
      allowUnauthenticatedIdentities: false,
      // An explicit false is needed to forbid it. With the classic flow a client could request any of the roles from STS.
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
      holder: "every signed-in user",
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
      const unproved = () =>
        findUnproved(stage.restApi, { contract: dist.manifest.cache_contract, publicRules: dist.publicRules }).map(
          (line) => `${KIND}: ${line}`,
        );
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
      // The keys can't be the names of providers, which are known at deployment only.
      roleMappings: Object.fromEntries(
        providers.map((provider, at) => [`Client${at}`, toRoleMapping(provider, ambiguous, rules, roleArnOf)]),
      ),
    });
  }
}
