# METADATA
# title: Roles
# description: The roles, and the groups, scopes, kinds and claims that give each.
package access.roles

# METADATA
# title: People
# description: Everybody whose token is proved to be a user's, whatever groups they are in; no machine.
person := {"kinds": {"user"}}

# METADATA
# title: Administrators
# description: A Cognito group.
admin := {"groups": {"Admins"}}

# METADATA
# title: Customers
# description: A Cognito group.
customer := {"groups": {"Customers"}}

# METADATA
# title: Support
# description: A Cognito group; for machines an OAuth scope of their client.
support := {"groups": {"Support"}, "scopes": {"orders/support"}}

# METADATA
# title: Auditors
# description: |
#   The department in the company's SAML directory, which Cognito hands over as `custom:department`.
#   The attribute must not be writable by a client through which its user signs in directly.
auditor := {"claims": {"custom:department": {"Audit"}}}

# METADATA
# title: Operators
# description: The IAM role that a Cognito group carries.
operator := {"claims": {"cognito:roles": {"arn:aws:iam::111122223333:role/ApiOperator"}}}
