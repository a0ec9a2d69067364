package server

import (
	"net/http"
	"slices"

	"github.com/laminar-ws/laminar/handshake"
)

// checkOrigin refuses a request that a page of a foreign origin makes (RFC 6455 section 10.2). scheme is the one that the request came
// by, "" where that is not known: a proxy may have ended TLS.
func (o *Options) checkOrigin(offer handshake.Offer, scheme string) error {
	if o.SkipOriginCheck || offer.Origin == "" {
		return nil
	}
	origin, err := handshake.ParseOrigin(offer.Origin)
	if err == nil && (origin.Same(scheme, offer.Host) || slices.ContainsFunc(o.Origins, origin.Match)) {
		return nil
	}
	return &handshake.RejectError{
		Status:  http.StatusForbidden,
		Section: "RFC 6455 section 10.2",
		Reason:  "pages of this origin may not connect",
	}
}
