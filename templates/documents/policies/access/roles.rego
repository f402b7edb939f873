# METADATA
# title: Roles
# description: The roles, and the groups, scopes and claims that give each.
package access.roles

# METADATA
# title: Members
# description: A Cognito group.
member := {"groups": {"Members"}}

# METADATA
# title: Editors, who may do what members may
# description: A Cognito group.
editor := {"groups": {"Editors"}, "includes": {"member"}}

# METADATA
# title: Importers
# description: Machines, by an OAuth scope of their client.
importer := {"scopes": {"documents/import"}}
