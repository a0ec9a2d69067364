package wire

// track is a run of frames that lie side by side and have each a length of its own. Behind those that are its own it has a window's
// worth of the frames that follow on another track, or on itself where it is a loop, so that whatever is due from any frame of its own
// is one slice and one write:
//
//	| frame 0 | frame 1 | ... | frame own-1 | as next's frame entry | ... | as next's frame entry+window-1 |
//	^-- a trackSender begins below here ----^
type track struct {
	frames  []byte
	at      []int // where in frames each begins, and where the last ends
	payload []int // payload bytes before each, likewise
	own     int
	next    *track
	entry   int // the frame of next that follows those of its own
}

func newTrack() *track { return &track{at: []int{0}, payload: []int{0}} }

// add appends a frame of n payload bytes.
func (t *track) add(frame []byte, n int) {
	t.frames = append(t.frames, frame...)
	t.at = append(t.at, len(t.frames))
	t.payload = append(t.payload, t.payload[len(t.payload)-1]+n)
}

// lead ends the frames that are t's own and has those of next follow, from entry on.
func (t *track) lead(next *track, entry, window int) {
	t.own, t.next, t.entry = len(t.at)-1, next, entry
	for i := entry; i < entry+window; i++ {
		t.add(next.frames[next.at[i]:next.at[i+1]], next.payload[i+1]-next.payload[i])
	}
}

// trackSender is what Sender is, on frames of different lengths.
type trackSender struct {
	track   *track
	frame   int // of track, the first that is owed in whole or in part; below own
	pos     int // of the first byte owed, in track.frames
	owed    int // frames, the first in part perhaps
	window  int
	payload int64 // bytes of the messages sent
}

func (s *trackSender) owe(n int) {
	if n > s.window-s.owed {
		panic("wire: more messages due than the window holds")
	}
	s.owed += n
}

func (s *trackSender) due() []byte { return s.track.frames[s.pos:s.track.at[s.frame+s.owed]] }

func (s *trackSender) sent(n int) {
	s.pos += n
	t := s.track
	for s.owed > 0 && s.pos >= t.at[s.frame+1] {
		s.payload += int64(t.payload[s.frame+1] - t.payload[s.frame])
		s.frame++
		s.owed--
	}
	for s.frame >= t.own {
		within := s.pos - t.at[s.frame]
		s.frame += t.entry - t.own
		t = t.next
		s.pos = t.at[s.frame] + within
	}
	s.track = t
}
