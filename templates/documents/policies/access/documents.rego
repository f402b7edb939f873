# METADATA
# title: Documents
# description: Members read documents, editors change them, importers hand them in.
package access.documents

# METADATA
# title: Members list documents
grants["list"] := {
	"roles": {"member"},
	"verbs": {"GET"},
	"path": "/documents",
}

# METADATA
# title: Members read a document
grants["read"] := {
	"roles": {"member"},
	"verbs": {"GET"},
	"path": "/documents/{document_id}",
}

# METADATA
# title: Editors and importers hand in a document
grants["create"] := {
	"roles": {"editor", "importer"},
	"verbs": {"POST"},
	"path": "/documents",
}

# METADATA
# title: Editors delete a document, if signed in within the last hour
grants["delete"] := {
	"roles": {"editor"},
	"verbs": {"DELETE"},
	"path": "/documents/{document_id}",
	"when": {"signed_in_recently"},
}
