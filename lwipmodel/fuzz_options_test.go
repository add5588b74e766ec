package lwipmodel

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// wantOptions reads the options of a SYN the slow way: it looks for where each
// option begins, and stops where one claims to be longer than what is left.
// MSS 0 and one above ours count as ours.
func wantOptions(o *Options, b []byte) (mss uint16, scale int, sack bool) {
	mss, scale = uint16(536), -1
	fixed := map[byte]int{2: 4}
	if o.WndScale {
		fixed[3] = 3
	}
	if o.TCPSackOut {
		fixed[4] = 2
	}
	for i := 0; i < len(b) && b[i] != 0; {
		if b[i] == 1 {
			i++
			continue
		}
		if i+1 >= len(b) || b[i+1] < 2 {
			break
		}
		n := int(b[i+1])
		if want, ok := fixed[b[i]]; ok {
			if n != want || i+n > len(b) {
				break
			}
			switch v := b[i+2 : i+n]; b[i] {
			case 2:
				mss = uint16(v[0])<<8 | uint16(v[1])
				if mss == 0 || int(mss) > o.TCPMSS {
					mss = uint16(o.TCPMSS)
				}
			case 3:
				if scale < 0 { // the first one counts
					scale = int(min(v[0], 14))
				}
			case 4:
				sack = true
			}
		}
		i += n
	}
	return mss, scale, sack
}

// tcpOptions sends a SYN with the options to a listener, and looks at what became
// of them; then the same options in a segment of the connection, which must do
// nothing but lower or raise its MSS.
func tcpOptions(t *testing.T, which int, b []byte) {
	b = b[:min(len(b), 40)]
	for len(b)%4 != 0 {
		b = append(bytes.Clone(b), 0)
	}
	o := DefaultOptions()
	o.TCPSackOut = which&1 != 0
	if which&2 != 0 {
		o.WndScale, o.TCPRcvScale, o.TCPWnd, o.TCPSndBuf, o.TCPRecvMboxSize = true, 2, 65535*2, 65535*2, 64
	}
	r := newRig(t, o, 1)
	r.watchStates()
	r.listen(5)
	r.send(&seg{srcPort: 40000, seq: 100, flags: flagSYN, wnd: 5840, opts: b})
	pcb := r.conn(40000)
	if pcb == nil {
		t.Fatalf("options %x: the SYN was not answered", b)
	}
	mss, scale, sack := wantOptions(&o, b)
	if pcb.mss != mss || pcb.has(tfSack) != sack || pcb.has(tfWndScale) != (scale >= 0) || scale >= 0 && int(pcb.sndScale) != scale {
		t.Fatalf("options %x: MSS %d, scale %d (%v), SACK %v: want %d, %d, %v", b, pcb.mss, pcb.sndScale, pcb.has(tfWndScale), pcb.has(tfSack), mss, scale, sack)
	}
	r.check()
	r.send(&seg{srcPort: 40000, seq: 101, ack: pcb.sndNxt, flags: flagACK, wnd: 5840, opts: b, data: []byte("hello")})
	if pcb.state != Established || pcb.rcvNxt != 106 {
		t.Fatalf("options %x: after the handshake the connection is in %v and expects %d", b, pcb.state, pcb.rcvNxt)
	}
	r.check()
}

// FuzzTCPOptions holds the parser of options against another one.
func FuzzTCPOptions(f *testing.F) {
	f.Add(byte(3), []byte{2, 4, 5, 0xb4, 4, 2, 1, 1, 3, 3, 7})
	f.Add(byte(2), []byte{3, 3, 1, 3, 3, 2, 2, 4, 0, 0})
	f.Add(byte(0), []byte{2, 3, 5, 8, 10, 1, 1, 1, 1, 1, 1, 1, 1})
	f.Fuzz(func(t *testing.T, which byte, b []byte) { tcpOptions(t, int(which), b) })
}

// TestTCPOptions is the same with options drawn at random, many of them nearly right.
func TestTCPOptions(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	for i := range 2000 {
		var b []byte
		for range rnd.IntN(7) {
			switch rnd.IntN(8) {
			case 0:
				b = append(b, 1)
			case 1, 2:
				b = append(b, 2, 4, byte(rnd.Uint32()), byte(rnd.Uint32()))
			case 3:
				b = append(b, 3, 3, byte(rnd.IntN(20)))
			case 4:
				b = append(b, 4, 2)
			case 5:
				b = append(b, byte(rnd.IntN(9)), byte(rnd.IntN(12)))
			case 6:
				b = append(b, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8)
			default:
				b = append(b, byte(rnd.Uint32()))
			}
		}
		tcpOptions(t, i&3, b)
	}
}
