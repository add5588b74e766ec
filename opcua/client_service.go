package opcua

import (
	"fmt"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// clientReadIDs makes the operations of a Read of values.
func (c *Client) readIDs(step string, nodes []string) ([]*ua.ReadValueID, error) {
	ids := make([]*ua.ReadValueID, len(nodes))
	for i, n := range nodes {
		node, err := ua.ParseNodeID(n)
		if err != nil {
			return nil, c.fail(step, ClientMisuse, fmt.Sprintf("node id %q", n), err)
		}
		ids[i] = &ua.ReadValueID{NodeID: node, AttributeID: ua.AttributeIDValue, DataEncoding: &ua.QualifiedName{}}
	}
	return ids, nil
}

// Read reads the values of nodes ("ns=1;s=temperature", "i=2258"), with both
// time stamps, in one request. A node that cannot be read has its status code in
// its DataValue.
func (c *Client) Read(nodes ...string) ([]*ua.DataValue, error) { return c.read(0, nodes) }

func (c *Client) read(until time.Duration, nodes []string) ([]*ua.DataValue, error) {
	ids, err := c.readIDs("Read", nodes)
	if err != nil {
		return nil, err
	}
	resp, err := clientDo[*ua.ReadResponse](c, &ua.ReadRequest{TimestampsToReturn: ua.TimestampsToReturnBoth, NodesToRead: ids}, until)
	if err != nil {
		return nil, err
	}
	if len(resp.Results) != len(nodes) {
		return nil, c.lose(c.fail("Read", ClientMalformed, fmt.Sprintf("%d results, expected %d", len(resp.Results), len(nodes)), nil))
	}
	return resp.Results, nil
}

func (c *Client) readOnConnect(until time.Duration) error {
	if len(c.cfg.ReadOnConnect) == 0 {
		return nil
	}
	_, err := c.read(until, c.cfg.ReadOnConnect)
	return err
}

// Write writes one value and returns the status code of the operation.
func (c *Client) Write(node string, value *ua.Variant) (ua.StatusCode, error) {
	n, err := ua.ParseNodeID(node)
	if err != nil {
		return 0, c.fail("Write", ClientMisuse, fmt.Sprintf("node id %q", node), err)
	}
	resp, err := clientDo[*ua.WriteResponse](c, &ua.WriteRequest{NodesToWrite: []*ua.WriteValue{{
		NodeID: n, AttributeID: ua.AttributeIDValue,
		Value: &ua.DataValue{EncodingMask: ua.DataValueValue, Value: value},
	}}}, 0)
	if err != nil {
		return 0, err
	}
	if len(resp.Results) != 1 {
		return 0, c.lose(c.fail("Write", ClientMalformed, fmt.Sprintf("%d results, expected 1", len(resp.Results)), nil))
	}
	return resp.Results[0], nil
}

// clientMaxBrowseNext bounds how often Browse asks for more of one node.
const clientMaxBrowseNext = 10000

// Browse returns the references of a node in forward direction, of all
// hierarchical types. If max is not 0 the server is asked for so many at a time
// and BrowseNext fetches the rest.
func (c *Client) Browse(node string, max uint32) ([]*ua.ReferenceDescription, error) {
	n, err := ua.ParseNodeID(node)
	if err != nil {
		return nil, c.fail("Browse", ClientMisuse, fmt.Sprintf("node id %q", node), err)
	}
	resp, err := clientDo[*ua.BrowseResponse](c, &ua.BrowseRequest{
		View:                          &ua.ViewDescription{ViewID: ua.NewTwoByteNodeID(0)},
		RequestedMaxReferencesPerNode: max,
		NodesToBrowse: []*ua.BrowseDescription{{
			NodeID:          n,
			BrowseDirection: ua.BrowseDirectionForward,
			ReferenceTypeID: ua.NewNumericNodeID(0, id.HierarchicalReferences),
			IncludeSubtypes: true,
			ResultMask:      uint32(ua.BrowseResultMaskAll),
		}},
	}, 0)
	if err != nil {
		return nil, err
	}
	var refs []*ua.ReferenceDescription
	results := resp.Results
	for range clientMaxBrowseNext {
		if len(results) != 1 {
			return refs, c.lose(c.fail("Browse", ClientMalformed, fmt.Sprintf("%d results, expected 1", len(results)), nil))
		}
		r := results[0]
		if r.StatusCode>>31 != 0 {
			e := c.fail("Browse", ClientFault, node, nil)
			e.Status = r.StatusCode
			return refs, e
		}
		refs = append(refs, r.References...)
		if len(r.ContinuationPoint) == 0 {
			return refs, nil
		}
		more, err := clientDo[*ua.BrowseNextResponse](c, &ua.BrowseNextRequest{ContinuationPoints: [][]byte{r.ContinuationPoint}}, 0)
		if err != nil {
			return refs, err
		}
		results = more.Results
	}
	return refs, c.lose(c.fail("BrowseNext", ClientMalformed, fmt.Sprintf("the server still has more of %s after %d answers", node, clientMaxBrowseNext), nil))
}
