package opcua_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	gopcua "github.com/gopcua/opcua"
	"github.com/gopcua/opcua/server"
	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// simulated runs a client of a host against a device with lwIP and the server, and
// stops the clock of the benchmark outside work.
func simulated(b *testing.B, work func(dial func() (*opcua.Client, error)) error) {
	w := sim.New(sim.Config{Seed: 1})
	b.Cleanup(w.Close)
	d, err := w.Device(sim.DeviceConfig{Firmware: opcua.Firmware{}})
	require.NoError(b, err)
	pc, err := w.Host("pc")
	require.NoError(b, err)
	_, err = w.Cable(d, pc)
	require.NoError(b, err)
	require.NoError(b, w.Run(10*time.Second))
	cfg := opcua.UaExpert()
	cfg.Address = d.Addr().String() + ":4840"
	cfg.Subscription = opcua.SubscriptionConfig{}
	cfg.Reconnect = opcua.ReconnectPolicy{}
	done, failed := false, error(nil)
	pc.Go("client", func(p *vtime.Proc) {
		failed = work(func() (*opcua.Client, error) { return opcua.Dial(p, opcua.OnHost(pc), cfg) })
		done = true
	})
	require.NoError(b, w.RunUntil(func() bool { return done }, time.Duration(b.N+1)*time.Hour))
	require.NoError(b, failed)
}

// loopback starts gopcua's own server and returns its URL.
func loopback(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(b, l.Close())
	s := server.New(server.EnableSecurity("None", ua.MessageSecurityModeNone), server.EnableAuthMode(ua.UserTokenTypeAnonymous),
		server.EndPoint("127.0.0.1", port))
	require.NoError(b, s.Start(context.Background()))
	b.Cleanup(func() { _ = s.Close() })
	return fmt.Sprintf("opc.tcp://127.0.0.1:%d", port)
}

// BenchmarkReads is one Read and its answer: with a device in the simulation, where
// it takes 100 ms of virtual time, and between gopcua's client and server over
// loopback.
func BenchmarkReads(b *testing.B) {
	b.Run("simulated", func(b *testing.B) {
		simulated(b, func(dial func() (*opcua.Client, error)) error {
			c, err := dial()
			if err != nil {
				return err
			}
			b.ResetTimer()
			for range b.N {
				if _, err := c.Read("ns=1;s=temperature"); err != nil {
					return err
				}
			}
			b.StopTimer()
			return c.Close()
		})
	})
	b.Run("gopcua", func(b *testing.B) {
		ctx := context.Background()
		c, err := gopcua.NewClient(loopback(b), gopcua.SecurityMode(ua.MessageSecurityModeNone))
		require.NoError(b, err)
		require.NoError(b, c.Connect(ctx))
		q := &ua.ReadRequest{TimestampsToReturn: ua.TimestampsToReturnBoth,
			NodesToRead: []*ua.ReadValueID{{NodeID: ua.NewNumericNodeID(0, 2258), AttributeID: ua.AttributeIDValue}}}
		b.ResetTimer()
		for range b.N {
			_, err := c.Read(ctx, q)
			require.NoError(b, err)
		}
		b.StopTimer()
		_ = c.Close(ctx)
	})
}

// BenchmarkLifecycles is connect, open a channel, create and activate a session, one
// Read, and close all again.
func BenchmarkLifecycles(b *testing.B) {
	b.Run("simulated", func(b *testing.B) {
		simulated(b, func(dial func() (*opcua.Client, error)) error {
			b.ResetTimer()
			for range b.N {
				c, err := dial()
				if err != nil {
					return err
				}
				if _, err := c.Read("ns=1;s=temperature"); err != nil {
					return err
				}
				if err := c.Close(); err != nil {
					return err
				}
			}
			b.StopTimer()
			return nil
		})
	})
	b.Run("gopcua", func(b *testing.B) {
		ctx, url := context.Background(), loopback(b)
		q := &ua.ReadRequest{TimestampsToReturn: ua.TimestampsToReturnBoth,
			NodesToRead: []*ua.ReadValueID{{NodeID: ua.NewNumericNodeID(0, 2258), AttributeID: ua.AttributeIDValue}}}
		b.ResetTimer()
		for range b.N {
			c, err := gopcua.NewClient(url, gopcua.SecurityMode(ua.MessageSecurityModeNone))
			require.NoError(b, err)
			require.NoError(b, c.Connect(ctx))
			_, err = c.Read(ctx, q)
			require.NoError(b, err)
			_ = c.Close(ctx)
		}
	})
}
