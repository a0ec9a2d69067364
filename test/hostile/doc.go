// Package hostile has no code of its own. Its tests attack a server and a client with raw bytes over TCP, as peers that are
// broken or mean no good do, in every mode of reading. Each test is named for the vulnerability or the rule that it is about
// (RFC 6455 sections 4, 5, 7 and 10, RFC 7692), and asks for the exact close code or status, for the section in the error that the
// application sees, for an end of the stream rather than a reset, and for a victim that serves the next peer as if nothing had been.
package hostile
