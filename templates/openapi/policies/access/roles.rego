# METADATA
# title: Roles
# description: The roles, and the groups, scopes and claims that give each.
package access.roles

# METADATA
# title: Members
# description: A Cognito group.
member := {"groups": {"Members"}}
