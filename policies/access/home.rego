# METADATA
# title: Home
# description: Pages and connections that are open to everybody who is signed in.
package access.home

# METADATA
# title: Everybody who is signed in sees the home page
grants["read"] := {
	"roles": {"authenticated"},
	"verbs": {"GET"},
	"path": "/home",
}

# METADATA
# title: Everybody who is signed in may ask who they are
grants["whoami"] := {
	"roles": {"authenticated"},
	"verbs": {"GET"},
	"path": "/vtl/whoami",
}

# METADATA
# title: Everybody who is signed in opens a WebSocket
grants["connect"] := {
	"roles": {"authenticated"},
	"verbs": {"CONNECT"},
	"path": "/",
}
