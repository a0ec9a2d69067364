package deflate_test

import (
	"os"
	"testing"

	"github.com/laminar-ws/laminar/internal/leaktest"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }
