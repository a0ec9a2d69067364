package deflate_test

import (
	"fmt"
	"strings"

	"github.com/laminar-ws/laminar/deflate"
)

// header writes lists of parameters as the value of Sec-WebSocket-Extensions.
func header(lists ...[]deflate.Param) string {
	var elements []string
	for _, list := range lists {
		e := deflate.Extension
		for _, p := range list {
			e += "; " + p.Name
			if p.Value != "" {
				e += "=" + p.Value
			}
		}
		elements = append(elements, e)
	}
	return strings.Join(elements, ", ")
}

func ExampleOptions_Validate() {
	fmt.Println(deflate.Options{}.Validate())
	fmt.Println(deflate.Options{SendWindowBits: 16}.Validate())
	// Output:
	// <nil>
	// deflate: Options.SendWindowBits is 16; want 8 to 15, or 0
}

// A client that does not want to keep more than 1,024 bytes of what it received, and can do without a context if the server cannot.
func ExampleOptions_Offers() {
	client := deflate.Options{ContextTakeover: true, ReceiveWindowBits: 10}
	for _, offer := range client.Offers() {
		fmt.Println(header(offer))
	}
	// Output:
	// permessage-deflate; server_max_window_bits=10; client_max_window_bits
	// permessage-deflate; server_no_context_takeover; client_max_window_bits
}

// A server, and what browsers offer it.
func ExampleOptions_Accept() {
	server := deflate.Options{ContextTakeover: true, ReceiveWindowBits: 12}
	for _, offer := range [][]deflate.Param{
		{{Name: "client_max_window_bits"}}, // Chrome
		nil,                                // Firefox, Safari
		{{Name: "client_max_window_bits", Value: "99"}},
	} {
		_, answer, ok := server.Accept([][]deflate.Param{offer})
		if !ok {
			fmt.Println("no compression")
			continue
		}
		fmt.Println(header(answer))
	}
	// Output:
	// permessage-deflate; client_max_window_bits=12
	// permessage-deflate; client_no_context_takeover
	// no compression
}

func ExampleOptions_Check() {
	client := deflate.Options{ContextTakeover: true}
	p, err := client.Check([]deflate.Param{{Name: "server_max_window_bits", Value: "12"}})
	fmt.Printf("%+v, %v\n", p, err)

	_, err = client.Check([]deflate.Param{{Name: "client_max_window_bits"}}) // legal in an offer alone
	fmt.Println(err)
	// Output:
	// {ServerNoContextTakeover:false ClientNoContextTakeover:false ServerMaxWindowBits:12 ClientMaxWindowBits:15}, <nil>
	// deflate: the parameter "client_max_window_bits" has no value (RFC 7692 section 7.1.2.2)
}

func ExampleParams_Server() {
	var p deflate.Params // "permessage-deflate" and nothing else
	fmt.Printf("%+v\n", p.Server())
	// Output: {ContextTakeover:true WindowBits:15}
}

func ExampleParams_Client() {
	p := deflate.Params{ClientNoContextTakeover: true, ClientMaxWindowBits: 10}
	fmt.Printf("%+v\n", p.Client())
	// Output: {ContextTakeover:false WindowBits:10}
}
