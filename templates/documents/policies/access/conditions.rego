# METADATA
# title: Conditions
# description: Conditions that a grant asks for (`when`) or that lift a denial (`unless`).
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

# METADATA
# title: Signed in within the last hour
signed_in_recently if values.within(input.now_s, input.principal.claims.auth_time, 3600)
