package client

import (
	"net/http"

	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/handshake"
)

// extensions returns what is offered.
func (o *Options) extensions() (list []handshake.Extension) {
	if o.Compression == nil {
		return nil
	}
	for _, offer := range o.Compression.Offers() {
		e := handshake.Extension{Name: deflate.Extension}
		for _, p := range offer {
			e.Params = append(e.Params, handshake.Param{Name: p.Name, Value: p.Value, HasValue: p.Value != ""})
		}
		list = append(list, e)
	}
	return list
}

// compression returns what the answer has agreed on. handshake has seen to it that nothing is in it that was not offered.
func (o *Options) compression(answer handshake.Answer) (a deflate.Agreement, err error) {
	for _, e := range answer.Extensions {
		var agreed []deflate.Param
		for _, p := range e.Params {
			agreed = append(agreed, deflate.Param{Name: p.Name, Value: p.Value})
		}
		params, err := o.Compression.Check(agreed)
		if err != nil {
			return a, &RefusedError{
				Status: http.StatusSwitchingProtocols,
				Header: answer.Header,
				Err:    &handshake.RejectError{Status: http.StatusSwitchingProtocols, Header: answer.Header, Section: "RFC 7692 section 7.1", Reason: err.Error()},
			}
		}
		a = deflate.Agreement{Active: true, Params: params, Options: *o.Compression}
	}
	return a, nil
}
