package client

// URL is what ParseURL read, with the fields of endpoint.
type URL struct {
	Secure                         bool
	Name, Addr, Host, Target, Auth string
}

// ParseURL is parseURL for the tests.
func ParseURL(rawURL string) (URL, error) {
	e, err := parseURL(rawURL)
	return URL{e.secure, e.name, e.addr, e.host, e.target, e.auth}, err
}

// The bounds that have no exported name.
const (
	MaxInformational = maxInformational
	BodyTime         = bodyTime
)
