# METADATA
# title: Administration
# description: Administrators do everything here, but the ledger changes only from inside the office.
package access.admin

# METADATA
# title: Administrators open the administration
grants["open"] := {
	"roles": {"admin"},
	"verbs": {"ANY"},
	"path": "/admin",
}

# METADATA
# title: Administrators do everything below it
grants["administer"] := {
	"roles": {"admin"},
	"verbs": {"ANY"},
	"path": "/admin/{proxy+}",
}

# METADATA
# title: Operators read the status
grants["read_status"] := {
	"roles": {"operator"},
	"verbs": {"GET"},
	"path": "/admin/status",
}

# METADATA
# title: Nobody changes the ledger from outside the office
denials["ledger"] := {
	"verbs": {"PUT", "DELETE"},
	"path": "/admin/ledger/{proxy+}",
	"unless": {"in_the_office"},
}
