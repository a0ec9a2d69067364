package server

import (
	"net/http"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/handshake"
)

// agreement is what the server and a client agree on: the answer that says so, and the settings of the connection.
type agreement struct {
	answer   handshake.Answer
	settings conn.Options
}

// agree decides what the offer gets, or why it is refused.
func (o *Options) agree(offer handshake.Offer, scheme string) (a agreement, err error) {
	if err := o.checkOrigin(offer, scheme); err != nil {
		return a, err
	}
	a.settings = o.Conn
	a.settings.Subprotocol = offer.SelectSubprotocol(o.Subprotocols)
	a.answer.Subprotocol = a.settings.Subprotocol
	a.settings.Compression, err = o.compression(offer, &a.answer)
	return a, err
}

// compression agrees on permessage-deflate, if it is on, and puts it into the answer.
func (o *Options) compression(offer handshake.Offer, answer *handshake.Answer) (a deflate.Agreement, err error) {
	if o.Compression == nil {
		return a, nil
	}
	if err := o.Compression.Validate(); err != nil {
		return a, &handshake.RejectError{Status: http.StatusInternalServerError, Reason: "the server's settings: " + err.Error()}
	}
	var offers [][]deflate.Param
	for _, e := range offer.Extensions {
		if e.Name == deflate.Extension {
			var params []deflate.Param
			for _, p := range e.Params {
				params = append(params, deflate.Param{Name: p.Name, Value: p.Value})
			}
			offers = append(offers, params)
		}
	}
	params, agreed, ok := o.Compression.Accept(offers)
	if !ok {
		return a, nil
	}
	e := handshake.Extension{Name: deflate.Extension}
	for _, p := range agreed {
		e.Params = append(e.Params, handshake.Param{Name: p.Name, Value: p.Value, HasValue: p.Value != ""})
	}
	answer.Extensions = append(answer.Extensions, e)
	return deflate.Agreement{Active: true, Params: params, Options: *o.Compression}, nil
}
