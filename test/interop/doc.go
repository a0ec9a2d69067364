// Package interop tests examples/echo and examples/client against WebSocket implementations
// made by others, both ways round. It holds tests, and echoclient, a program for them; run.sh installs
// the peers, builds the programs and runs it:
//
//	test/interop/run.sh                                  everything
//	test/interop/run.sh -test.run 'TestEcho/peer=ws'     a part
//
// permessage-deflate (RFC 7692) has tests of its own beside the matrix of sizes, fragments and close codes: TestDeflate exchanges
// 1,000 messages for each option of the peers' libraries, TestDeflateWindow holds laminar to the windows that a peer demands, and
// TestDeflateClientOptions has it demand some. As a client, laminar is echoclient in these: examples/client sends only text.
//
// # Peers
//
// A peer is a program with two roles, listed in peers (peer_test.go). It writes events to standard
// output, one JSON object a line, and is told what to do by plans, JSON objects too:
//
//	url       where to connect (client only)
//	file      path of the payload to send (a server need not have one)
//	series    send every prefix of the payload, the empty one first, without waiting
//	mix       path of a JSON list of cuts of the payload, {"type", "from", "to"}: send each as a message of its type, with
//	          at most 16 unanswered
//	type      "text" or "binary": the type of the messages the peer sends
//	fragment  bytes per fragment, 0 for messages in one frame
//	empty     with fragment: put empty fragments in front, in the middle and at the end
//	ping      send pings around and between the fragments; the last one must be answered
//	deflate   offer permessage-deflate (client; a server accepts it whenever it is offered)
//	code      how the peer ends the connection: a close code, 1005 for a Close frame without one,
//	          1006 for none at all, 0 to wait for the other side
//	reason    the close reason
//
// A further argument has the options of its library for permessage-deflate, in JSON: the perMessageDeflate of npm ws, the
// arguments of python3-websockets's factory.
//
// As "PEER client" it carries out one plan per line of standard input, each on a connection of its own.
// It writes {"event":"echoed"} when all messages came back with their type, in order and byte for
// byte, ends the connection as planned, and writes {"event":"closed"} when the connection is over.
//
// As "PEER server" it writes {"event":"listening"} with its url and takes the plan from the query parameter
// plan of each connection. With a file in the plan it does as a client does. Else it sends each text message back, as the type and
// in the fragments that the plan says, ends the connection after the first one unless code is 0, and writes {"event":"closed"}
// when the connection is over.
//
// A closed event carries the code and reason that the peer received (1005 for a Close frame without a
// code, 1006 for no Close frame), the extensions in use as the handshake's answer has them, the number of bytes received, what
// the peer's library complained of, if anything, and on a server the extensions offered, the subprotocol and the request's
// X-Interop header.
package interop
