# METADATA
# title: Home
# description: The page that everybody who is signed in may see.
package access.home

# METADATA
# title: Everybody who is signed in sees the home page
grants["read"] := {
	"roles": {"authenticated"},
	"verbs": {"GET"},
	"path": "/home",
}
