module github.com/laminar-ws/laminar/bench

go 1.26.0

replace github.com/laminar-ws/laminar => ../

require (
	github.com/coder/websocket v1.8.15
	github.com/gorilla/websocket v1.5.3
	github.com/laminar-ws/laminar v0.0.0
	github.com/lxzan/gws v1.8.9
	golang.org/x/sys v0.49.0
)

require (
	github.com/dolthub/maphash v0.1.0 // indirect
	github.com/klauspost/compress v1.20.4 // indirect
)
