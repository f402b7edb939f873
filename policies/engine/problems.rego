package engine

import data.engine.check

# METADATA
# title: The problems of the policy
# description: |
#   Each problem has a stable `code`, `where` (`orders.refund`, `roles.admin`) and a `message` that says
#   what to do. The build refuses a policy with a problem. It finds problems of the syntax tree itself.
problems contains problem if some problem in check.keys.problems

problems contains problem if some problem in check.apis.problems

problems contains problem if some problem in check.paths.problems

problems contains problem if some problem in check.roles.problems

problems contains problem if some problem in check.conflicts.problems

problems contains problem if some problem in check.open_routes.problems

problems contains problem if some problem in check.invariants.problems
