# METADATA
# title: Home
# description: Pages and connections that are open to all people who are signed in, and to no machine.
package access.home

# METADATA
# title: Everybody who is signed in sees the home page
grants["read"] := {
	"roles": {"person"},
	"verbs": {"GET"},
	"path": "/home",
}

# METADATA
# title: Everybody who is signed in may ask who they are
grants["whoami"] := {
	"roles": {"person"},
	"verbs": {"GET"},
	"path": "/vtl/whoami",
}

# METADATA
# title: Everybody who is signed in opens a WebSocket
grants["connect"] := {
	"roles": {"person"},
	"verbs": {"CONNECT"},
	"path": "/",
}
