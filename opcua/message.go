package opcua

import "github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"

// Lengths of headers in bytes (Part 6, 6.7.2 and 7.1.2).
const (
	headerLength          = 8  // message type, chunk type, size
	channelHeaderLength   = 12 // with the channel id
	symmetricHeaderLength = 24 // with token id, sequence number and request id
	sequenceHeaderLength  = 8
)

// Message types: three letters, the lowest byte first. The chunk type is the
// fourth.
const (
	typeHEL = 'H' | 'E'<<8 | 'L'<<16
	typeACK = 'A' | 'C'<<8 | 'K'<<16
	typeERR = 'E' | 'R'<<8 | 'R'<<16
	typeOPN = 'O' | 'P'<<8 | 'N'<<16
	typeMSG = 'M' | 'S'<<8 | 'G'<<16
	typeCLO = 'C' | 'L'<<8 | 'O'<<16

	chunkFinal        = 'F' << 24
	chunkIntermediate = 'C' << 24
	chunkAbort        = 'A' << 24

	messageTypeMask = 0x00ffffff
	chunkTypeMask   = 0xff000000
)

// messageHeader is UA_TcpMessageHeader.
type messageHeader struct {
	Type uint32 // message and chunk type
	Size uint32 // of the chunk with this header
}

// Walk implements uatypes.Value.
func (x *messageHeader) Walk(w *uatypes.Walker) {
	w.UInt32(&x.Type)
	w.UInt32(&x.Size)
}

// helloMessage is UA_TcpHelloMessage.
type helloMessage struct {
	acknowledgeMessage
	EndpointURL uatypes.Str
}

// Walk implements uatypes.Value.
func (x *helloMessage) Walk(w *uatypes.Walker) {
	x.acknowledgeMessage.Walk(w)
	w.String(&x.EndpointURL)
}

// acknowledgeMessage is UA_TcpAcknowledgeMessage.
type acknowledgeMessage struct {
	ProtocolVersion   uint32
	ReceiveBufferSize uint32
	SendBufferSize    uint32
	MaxMessageSize    uint32
	MaxChunkCount     uint32
}

// Walk implements uatypes.Value.
func (x *acknowledgeMessage) Walk(w *uatypes.Walker) {
	w.UInt32(&x.ProtocolVersion)
	w.UInt32(&x.ReceiveBufferSize)
	w.UInt32(&x.SendBufferSize)
	w.UInt32(&x.MaxMessageSize)
	w.UInt32(&x.MaxChunkCount)
}

// errorMessage is UA_TcpErrorMessage.
type errorMessage struct {
	Error  uatypes.Status
	Reason uatypes.Str
}

// Walk implements uatypes.Value.
func (x *errorMessage) Walk(w *uatypes.Walker) {
	w.StatusCode(&x.Error)
	w.String(&x.Reason)
}

// asymmetricHeader is UA_AsymmetricAlgorithmSecurityHeader.
type asymmetricHeader struct {
	SecurityPolicyURI             uatypes.Str
	SenderCertificate             uatypes.Str
	ReceiverCertificateThumbprint uatypes.Str
}

// Walk implements uatypes.Value.
func (x *asymmetricHeader) Walk(w *uatypes.Walker) {
	w.String(&x.SecurityPolicyURI)
	w.String(&x.SenderCertificate)
	w.String(&x.ReceiverCertificateThumbprint)
}

// sequenceHeader is UA_SequenceHeader.
type sequenceHeader struct {
	SequenceNumber uint32
	RequestID      uint32
}

// Walk implements uatypes.Value.
func (x *sequenceHeader) Walk(w *uatypes.Walker) {
	w.UInt32(&x.SequenceNumber)
	w.UInt32(&x.RequestID)
}

// decode reads a value of a message as the version of the server does.
func decode[T any, P interface {
	*T
	uatypes.Value
}](s *Server, b []byte, pos int, v P) (int, uatypes.Status) {
	return uatypes.DecodeWithin[T, P](s.mem, b, pos, v, s.rel.arrayRatio)
}
