package frame_test

import (
	"io"
	"testing"

	"github.com/laminar-ws/laminar/frame"
)

// TestWriter_refused: every frame that a rule of headers forbids is refused, leaves no byte, and the next may follow. The
// table is Validator's; lengths and masking are the Writer's own there.
func TestWriter_refused(t *testing.T) {
	refused := 0
	for _, tt := range validatorTests {
		switch tt.want {
		case nil, frame.ErrMasked, frame.ErrUnmasked, frame.ErrTooLong: // not to be had from a Writer
			continue
		}
		last := tt.seq[len(tt.seq)-1]
		if last.Rsv1 && !tt.v.Rsv1 || last.Length > 1<<20 {
			continue
		}
		refused++
		t.Run(tt.name, func(t *testing.T) {
			for _, from := range []frame.Role{frame.Server, frame.Client} {
				var out calls
				w := frame.NewWriter(&out, from)
				for _, h := range tt.seq[:len(tt.seq)-1] {
					if err := w.WriteFrame(h, fill(int(h.Length))); err != nil {
						t.Fatalf("RFC %s: WriteFrame from a %v: %v", tt.rfc, from, err)
					}
				}
				out = nil
				for range 2 {
					if err := w.WriteFrame(last, fill(int(last.Length))); err != error(tt.want) {
						t.Errorf("RFC %s: WriteFrame from a %v = %v; want %v", tt.rfc, from, err, tt.want)
					}
				}
				if len(out) != 0 {
					t.Errorf("RFC %s: a refused frame of a %v wrote %x; want nothing", tt.rfc, from, out)
				}
				next := frame.Header{Fin: true, Opcode: frame.Text}
				if tt.open {
					next.Opcode = frame.Continuation
				}
				if err := w.WriteFrame(next, nil); err != nil {
					t.Errorf("RFC %s: the frame behind a refused one of a %v: %v; want nil", tt.rfc, from, err)
				}
				out.one(t)
			}
		})
	}
	if refused < 15 {
		t.Errorf("%d refusals were tried; want those of the whole table", refused)
	}
}

// TestWriter_failure lets each call of Write fail, and fall short in silence; the error stays, and not one byte follows.
func TestWriter_failure(t *testing.T) {
	binary := frame.Header{Fin: true, Opcode: frame.Binary}
	for _, from := range []frame.Role{frame.Server, frame.Client} {
		for name, fail := range map[string]struct {
			short int
			err   error
			want  error
		}{
			"nothing written":     {1 << 30, errBroken, errBroken},
			"all written":         {0, errBroken, errBroken},
			"short with an error": {1, errBroken, errBroken},
			"short in silence":    {1, nil, io.ErrShortWrite},
		} {
			for at := range 5 {
				count := 0
				w := frame.NewWriter(writeFunc(func(b []byte) (int, error) {
					if count++; count > at {
						return max(0, len(b)-fail.short), fail.err
					}
					return len(b), nil
				}), from)
				var err error
				for err == nil && count < 100 {
					err = w.WriteFrame(binary, fill(3*frame.WriteChunk))
				}
				if err != fail.want || count != at+1 {
					t.Errorf("%s, call %d from a %v: %v after %d calls; want %v after %d", name, at, from, err, count, fail.want, at+1)
				}
				for _, h := range []frame.Header{binary, {Fin: true, Opcode: frame.Ping}, {Opcode: 0xF}} {
					if err := w.WriteFrame(h, nil); err != fail.want || count != at+1 {
						t.Errorf("%s: WriteFrame behind the error = %v, %d calls; want %v, %d", name, err, count, fail.want, at+1)
					}
				}
			}
		}
	}
}
