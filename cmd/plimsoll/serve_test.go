package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The policies of -security become endpoints of the server, or an error that names
// what is wrong.
func TestSecuredServer(t *testing.T) {
	c, err := securedServer("Basic256Sha256, Aes128_Sha256_RsaOaep", 1)
	require.NoError(t, err)
	require.Len(t, c.Security.Endpoints, 4)
	require.NoError(t, c.Security.Validate())
	_, err = securedServer("Basic128Rsa15", 1)
	require.ErrorContains(t, err, `policy "Basic128Rsa15", expected Basic256Sha256`)
	_, err = securedServer("", 1)
	require.Error(t, err)
}
