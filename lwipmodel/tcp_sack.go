package lwipmodel

import "encoding/binary"

// Selective acknowledgements: what the out-of-order queue holds, told to the
// peer with every empty ACK. (lwip: src/core/tcp_in.c, LWIP_TCP_SACK_OUT)

func (pcb *tcpPCB) sackValid(i int) bool { return pcb.rcvSacks[i].left != pcb.rcvSacks[i].right }

// sackOoseq finds the contiguous block that the segment just queued is part of.
func (c *core) sackOoseq(pcb *tcpPCB, prev *segment, beg uint32) {
	var next *segment
	if prev == nil {
		next = pcb.ooseq
	} else if prev.next != nil {
		next = prev.next
		if prev.seqno+uint32(prev.len) != next.seqno {
			beg = next.seqno
		}
	}
	if next == nil {
		return
	}
	end := next.seqno
	for ; next != nil && end == next.seqno; next = next.next {
		end += uint32(next.len)
	}
	pcb.addSack(beg, end)
}

// addSack puts a range first; those that it touches go.
func (pcb *tcpPCB) addSack(left, right uint32) {
	if !pcb.has(tfSack) || !seqLT(left, right) {
		return
	}
	kept := 0
	for i := 0; i < maxSackNum && pcb.sackValid(i); i++ {
		if seqLEQ(pcb.rcvSacks[i].right, left) || seqLEQ(right, pcb.rcvSacks[i].left) {
			pcb.rcvSacks[kept] = pcb.rcvSacks[i]
			kept++
		}
	}
	for i := maxSackNum - 1; i > 0; i-- {
		if i-1 >= kept {
			pcb.rcvSacks[i] = sackRange{}
		} else {
			pcb.rcvSacks[i] = pcb.rcvSacks[i-1]
		}
	}
	pcb.rcvSacks[0] = sackRange{left, right}
}

// removeSacksLT forgets what is before seq.
func (pcb *tcpPCB) removeSacksLT(seq uint32) {
	kept := 0
	for i := 0; i < maxSackNum && pcb.sackValid(i); i++ {
		if seqGT(pcb.rcvSacks[i].right, seq) {
			pcb.rcvSacks[kept] = pcb.rcvSacks[i]
			if seqLT(pcb.rcvSacks[kept].left, seq) {
				pcb.rcvSacks[kept].left = seq
			}
			kept++
		}
	}
	for ; kept < maxSackNum; kept++ {
		pcb.rcvSacks[kept] = sackRange{}
	}
}

// removeSacksGT forgets what is behind seq.
func (pcb *tcpPCB) removeSacksGT(seq uint32) {
	kept := 0
	for i := 0; i < maxSackNum && pcb.sackValid(i); i++ {
		if seqLT(pcb.rcvSacks[i].left, seq) {
			pcb.rcvSacks[kept] = pcb.rcvSacks[i]
			if seqGT(pcb.rcvSacks[kept].right, seq) {
				pcb.rcvSacks[kept].right = seq
			}
			kept++
		}
	}
	for ; kept < maxSackNum; kept++ {
		pcb.rcvSacks[kept] = sackRange{}
	}
}

// sackOption appends the SACK option, as many ranges as fit into 40 bytes of
// options.
func (c *core) sackOption(pcb *tcpPCB, opts []byte) []byte {
	if !pcb.has(tfSack) {
		return opts
	}
	n, length := 0, 12
	for n < maxSackNum && length <= 40 && pcb.sackValid(n) {
		n++
		length += 8
	}
	if n == 0 {
		return opts
	}
	opts = append(opts, 1, 1, 5, byte(2+8*n))
	for _, r := range pcb.rcvSacks[:n] {
		opts = binary.BigEndian.AppendUint32(opts, r.left)
		opts = binary.BigEndian.AppendUint32(opts, r.right)
	}
	return opts
}
