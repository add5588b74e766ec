// Package published holds tests alone: they print tables that others have published of real devices beside what the
// model gives for the same configuration, and the difference, into docs/published.md.
//
//	go test ./casebook/published -rewrite
//
// No constant of the model was set so that a row comes out. What the sources do not say (the size of a firmware's static
// memory, the certificates of a server) is settled on the rows that a table names, and predicts the others; where a row
// does not come out, the gap stands there, with what is missing.
package published
