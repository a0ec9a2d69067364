// Package zlib tests package deflate against zlib, both ways round. It holds tests alone; run.sh runs them:
//
//	test/zlib/run.sh                                       everything
//	test/zlib/run.sh -test.run 'TestCompressor/level=6'    a part
//
// In one direction laminar compresses the messages of many connections, and zlib, which has the window agreed on and not a byte more, inflates
// them. In the other zlib compresses, in every way that it has and RFC 7692 section 7.2.3 allows, and laminar inflates.
//
// # The peer
//
// peer.py is zlib behind a pair of pipes. What goes through them are blocks of bytes, each behind its length in four bytes, the most significant first.
// A connection is a block of settings, a JSON object, and a block for each message; the peer answers with a block for each message when it has them all.
//
//	do        "inflate" or "deflate"
//	messages  how many follow
//	bits      the base-2 logarithm of the window
//	takeover  keep the stream from message to message
//	step      inflate no more than so many bytes in one call: zlib finds what lies within the window or in the output of the same call
//	markers   find the sync marker of each message of which that is asked: every one for 1, every second for 2, none for 0
//	level, memory, strategy, seed
//	          what zlib compresses with, and where the random cuts begin
//
// A message to inflate is the payload. A message to deflate is a byte that says how it ends (the constants in peer_test.go) and the content. An answer
// begins with a byte. 0 to 7 is the bit at which the header of the empty stored block begins whose end is cut off (RFC 7692
// section 7.2.1), 8 stands for a message that was not looked at, and content or payload follow. 255 is an error, and its text follows.
package zlib
