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

# METADATA
# title: Called from the office network
in_the_office if net.cidr_contains("203.0.113.0/24", input.request.source_ip)
