# METADATA
# title: Caller
# description: |
#   Conditions ask these functions for a role of the principal, and for the values of a claim. The package reads rules of
#   `engine.principal` instead of the input, so that `opa deps` finds only what the conditions themselves read.
package engine.caller

import data.engine.principal

# METADATA
# title: The principal holds this role
# description: It is true or undefined, and never false.
has_role(role) if role in principal.roles

# METADATA
# title: The values of this claim, parsed as roles are
# description: |
#   The set has the values that are not empty. It is undefined for a claim without such a value: one that is missing,
#   empty, of another type, or a list that does not have Cognito's form.
values(claim) := principal.values[claim]
