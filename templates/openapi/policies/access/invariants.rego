# METADATA
# title: Invariants
# description: |
#   Statements that no change of the policy may break. `npx rego-authorizer check` proves each for every request.
#   Take the first "# " off the lines of one to have it, and run npx rego-authorizer opa fmt --write policies/access
package access.invariants

# # METADATA
# # title: No route is open without a token
# invariants["every_route_takes_a_token"] := {"only": {"roles": {"authenticated"}}, "verbs": {"ANY"}, "path": "/{proxy+}"}
#
# # METADATA
# # title: Members delete nothing
# invariants["members_delete_nothing"] := {"never": {"roles": {"member"}}, "verbs": {"DELETE"}, "path": "/{proxy+}"}
#
# # METADATA
# # title: Machines stay out, whatever scopes they have
# invariants["machines_stay_out"] := {"never": {"kinds": {"machine"}}, "whatever_else": true, "verbs": {"ANY"}, "path": "/{proxy+}"}
