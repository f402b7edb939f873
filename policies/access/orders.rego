# METADATA
# title: Orders
# description: Customers see their own orders, support everyone's; auditors read, and change nothing.
package access.orders

# METADATA
# title: Customers read their own orders
grants["read_own"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/customers/{customer_id}/orders",
	"where": {"customer_id": "custom:customer_id"},
}

# METADATA
# title: Support and auditors read any customer's orders
grants["read_any"] := {
	"roles": {"support", "auditor"},
	"verbs": {"GET"},
	"path": "/customers/{customer_id}/orders",
}

# METADATA
# title: Support and auditors read any order and what belongs to it
grants["read_order"] := {
	"roles": {"support", "auditor"},
	"verbs": {"GET"},
	"path": "/orders/{proxy+}",
}

# METADATA
# title: Support refunds, if signed in within the last hour
grants["refund"] := {
	"roles": {"support"},
	"verbs": {"POST"},
	"path": "/orders/{order_id}/refunds",
	"when": {"signed_in_recently"},
}
