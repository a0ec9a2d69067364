// Package deflate is permessage-deflate (RFC 7692 section 7): what the two sides agree on, and the compression of single messages, in both
// directions, with or without a window that is kept from message to message. It knows neither frames nor HTTP: parameters are
// name/value pairs, messages are bytes. DEFLATE itself is github.com/klauspost/compress/flate to compress and compress/flate to inflate.
//
//	client := deflate.Options{ContextTakeover: true}
//	server := deflate.Options{ContextTakeover: true}
//	agreed, answer, ok := server.Accept(client.Offers())
//	...
//	c := deflate.NewCompressor(agreed.Server(), server)
//	payload, err := c.Append(nil, message)
//
// # Memory
//
// Compressors, which take most of a megabyte each, and inflaters of 45 KB are pooled, and held while a message is being worked on and no longer. Without
// context takeover nothing is left between messages. With it, each direction keeps its window, 2^bits bytes at most and no more than was
// sent, from which the next message's compressor or inflater is primed. Options.Dedicated keeps a compressor of its own instead of priming one.
//
// # Goroutines
//
// A message that is inflated while it arrives in parts (Decompressor.Write with last unset) is inflated on a goroutine, which runs only while Decompressor.Read waits
// for it and ends with the message or with Decompressor.Close.
package deflate
