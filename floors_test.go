package laminar_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/laminar-ws/laminar"

// floors says what each package may import: packages of this module, other modules, and the standard library without what is
// forbidden. docs/architecture.md draws it.
var floors = map[string]struct {
	module []string // by their path below the module's
	others []string
	forbid []string // standard library packages, or anything below them
}{
	"":                       {},
	"closecode":              {forbid: outside},
	"bufpool":                {forbid: outside},
	"internal/utf8x":         {forbid: outside},
	"internal/leaktest":      {}, // for tests
	"frame/internal/mask":    {forbid: outside},
	"frame":                  {module: []string{"closecode", "frame/internal/mask"}, forbid: []string{"net", "os", "time", "context"}},
	"handshake":              {forbid: []string{"os", "time", "context", "crypto/tls", "sync"}},
	"deflate":                {module: []string{"bufpool"}, others: []string{"github.com/klauspost/compress"}, forbid: outside},
	"conn/internal/endpoint": {module: []string{"bufpool", "closecode", "deflate", "frame", "internal/utf8x"}, forbid: []string{"net", "os", "sync", "time", "context"}},
	"conn/internal/memory":   {},
	"conn": {module: []string{"bufpool", "closecode", "conn/internal/endpoint", "conn/internal/memory", "deflate", "frame", "internal/utf8x"},
		forbid: []string{"net/http", "crypto/tls"}},
	"server/internal/poll": {others: []string{"golang.org/x/sys"}, forbid: []string{"net", "context"}},
	"client":               {module: []string{"bufpool", "closecode", "conn", "deflate", "frame", "handshake"}, others: []string{"golang.org/x/net"}},
	"server":               {module: []string{"bufpool", "closecode", "conn", "deflate", "frame", "handshake", "server/internal/poll"}},
}

// outside is forbidden where bytes go in and values come out, and nothing else happens.
var outside = []string{"net", "os", "time", "context"}

type pkg struct {
	ImportPath string
	Imports    []string
}

// TestFloors holds every package's imports to its floor.
func TestFloors(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if top, _, _ := strings.Cut(name, "/"); top == "examples" || top == "test" {
			continue // above all floors
		}
		seen++
		floor, ok := floors[name]
		if !ok {
			t.Errorf("package %q stands on no floor: give it one in floors_test.go and docs/architecture.md", name)
			continue
		}
		for _, path := range p.Imports {
			switch below, ours := strings.CutPrefix(path, module+"/"); {
			case ours:
				if !slices.Contains(floor.module, below) {
					t.Errorf("%s imports %s, which is not below it", name, below)
				}
			case isStandard(path):
				if slices.ContainsFunc(floor.forbid, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") }) {
					t.Errorf("%s imports %s, which its floor does without", name, path)
				}
			default:
				if !slices.ContainsFunc(floor.others, func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") }) {
					t.Errorf("%s imports %s, a module that its floor does without", name, path)
				}
			}
		}
	}
	if seen < 10 {
		t.Fatalf("go list named %d packages; something is wrong with this test", seen)
	}
}

// isStandard reports whether path is of the standard library: its first element has no dot.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
