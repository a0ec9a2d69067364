package deflate_test

import (
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/laminar-ws/laminar/deflate"
)

// Two messages of a direction that takes its context over: the second says little that the first has not said.
func ExampleCompressor_Append() {
	agreed := deflate.Params{}
	c := deflate.NewCompressor(agreed.Server(), deflate.Options{ContextTakeover: true})
	d := deflate.NewDecompressor(agreed.Server())
	for _, user := range []string{"ada", "bob"} {
		message := []byte(`{"event":"joined","room":"reading room","user":"` + user + `"}`)
		payload, err := c.Append(nil, message)
		if err != nil {
			log.Fatal(err)
		}
		content, err := d.Append(nil, payload, 1<<20)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(message) > 2*len(payload), string(content))
	}
	// Output:
	// false {"event":"joined","room":"reading room","user":"ada"}
	// true {"event":"joined","room":"reading room","user":"bob"}
}

// A message of any length, part by part. What each call gives out may be sent as a frame.
func ExampleCompressor_Write() {
	c := deflate.NewCompressor(deflate.Direction{WindowBits: 15}, deflate.Options{})
	var payload []byte
	var err error
	for range 100 {
		if payload, err = c.Write(payload, []byte("one line of a log like all the others\n")); err != nil {
			log.Fatal(err)
		}
	}
	if payload, err = c.End(payload); err != nil {
		log.Fatal(err)
	}
	d := deflate.NewDecompressor(deflate.Direction{WindowBits: 15})
	content, err := d.Append(nil, payload, 1<<20)
	fmt.Println(len(content), len(payload) < 100, err)
	// Output: 3800 true <nil>
}

// One message for many connections is compressed once, without context. Those that take their context over are told of it.
func ExampleCompressor_Observe() {
	takeover := deflate.Direction{ContextTakeover: true, WindowBits: 15}
	once := deflate.NewCompressor(deflate.Direction{WindowBits: 15}, deflate.Options{})
	message := []byte("the news of the day, which everyone gets")
	payload, err := once.Append(nil, message)
	if err != nil {
		log.Fatal(err)
	}
	for range 2 { // connections
		c, peer := deflate.NewCompressor(takeover, deflate.Options{}), deflate.NewDecompressor(takeover)
		if _, err := peer.Append(nil, payload, 1<<10); err != nil {
			log.Fatal(err)
		}
		if err := c.Observe(message); err != nil {
			log.Fatal(err)
		}
		again, err := c.Append(nil, message)
		if err != nil {
			log.Fatal(err)
		}
		content, err := peer.Append(nil, again, 1<<10)
		fmt.Println(string(content), len(again) < len(payload)/2, err)
	}
	// Output:
	// the news of the day, which everyone gets true <nil>
	// the news of the day, which everyone gets true <nil>
}

// The limit is one on what a message inflates to, while it is inflated.
func ExampleDecompressor_Append() {
	c := deflate.NewCompressor(deflate.Direction{WindowBits: 15}, deflate.Options{})
	bomb, err := c.Append(nil, make([]byte, 10<<20))
	if err != nil {
		log.Fatal(err)
	}
	d := deflate.NewDecompressor(deflate.Direction{WindowBits: 15})
	_, err = d.Append(nil, bomb, 1<<20)
	fmt.Println(len(bomb) < 20<<10, err == deflate.ErrTooLong)
	// Output: true true
}

// A message that is inflated while it arrives.
func ExampleDecompressor_Read() {
	arriving := []string{"\xf2\x48\xcd\xc9", "\xc9\x07\x00"}
	d := deflate.NewDecompressor(deflate.Direction{WindowBits: 15})
	defer d.Close()
	var content strings.Builder
	buf := make([]byte, 512)
	for i, part := range arriving {
		if err := d.Write([]byte(part), i == len(arriving)-1); err != nil {
			log.Fatal(err)
		}
		for {
			n, err := d.Read(buf)
			content.Write(buf[:n])
			if err == deflate.ErrInput || err == io.EOF {
				break
			} else if err != nil {
				log.Fatal(err)
			}
		}
	}
	fmt.Println(content.String())
	// Output: Hello
}

// A buffer that no message of 1,000 bytes is too long for.
func ExampleBound() {
	c := deflate.NewCompressor(deflate.Direction{WindowBits: 15}, deflate.Options{})
	buf := make([]byte, 0, deflate.Bound(1000))
	payload, err := c.Append(buf, []byte(strings.Repeat("x", 1000)))
	fmt.Println(&payload[:1][0] == &buf[:1][0], err)
	// Output: true <nil>
}

func ExampleOptions_CompressFrom() {
	fmt.Println(deflate.Options{}.CompressFrom(), deflate.Options{Threshold: 1}.CompressFrom(), deflate.Options{Threshold: -1}.CompressFrom())
	// Output: 512 1 0
}
