package process

import (
	"testing"
	"time"
)

func TestParseStat_nameWithParentheses(t *testing.T) {
	user, system, err := parseStat([]byte("42 (a) b (c)) S 1 42 42 0 -1 4194304 104 0 0 0 150 27 0 0 20 0 1 0 77825\n"))
	if user != 1500*time.Millisecond || system != 270*time.Millisecond || err != nil {
		t.Errorf("parseStat = %v, %v, %v; want 1.5s, 270ms, nil", user, system, err)
	}
}

func TestParseStat_short(t *testing.T) {
	for _, s := range []string{"", "42 (a) S 1 2", "42 (a) S 1 42 42 0 -1 4194304 104 0 0 0 x 27 0"} {
		if _, _, err := parseStat([]byte(s)); err == nil {
			t.Errorf("parseStat(%q) succeeded", s)
		}
	}
}

func TestValue(t *testing.T) {
	const file = "rchar: 1\nsyscr: 20\nRss:   300 kB\nempty:\nword: x\n"
	tests := []struct {
		name string
		want int64
		ok   bool
	}{
		{"syscr", 20, true},
		{"Rss", 300, true},
		{"char", 0, false},
		{"empty", 0, false},
		{"word", 0, false},
	}
	for _, tt := range tests {
		got, err := value([]byte(file), tt.name)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("value(%q) = %d, %v; want %d, success %v", tt.name, got, err, tt.want, tt.ok)
		}
	}
}
