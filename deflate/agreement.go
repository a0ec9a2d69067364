package deflate

// Agreement is permessage-deflate as it is in use on a connection. The zero value is none.
type Agreement struct {
	Active  bool    // the opening handshake agreed on it
	Params  Params  // what it agreed on
	Options Options // how this side goes about it
}
