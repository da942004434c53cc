// Package teleai is the Go binding of libteleai: users, sessions, audio files, transcriptions and analyses in PostgreSQL.
//
// Every call takes a context and ends with it. What a call returns is copied out of C memory, which is freed before the
// call returns: nothing has to be released but the Client. Structs, enumerations and methods are generated from
// bindings/teleai-api.json; what they mean is said at each of them, in the words of the C header.
package teleai

/*
#cgo pkg-config: teleai
#include <teleai.h>
*/
import "C"

import (
	"context"
	"math"
	"sync"
	"time"
)

// Client is where operations run: the one that Open returns, a scope of it, or a transaction. The first two may be used
// by any number of goroutines at once.
type Client struct {
	nouns
	lock   sync.RWMutex // calls on this client hold it for reading, Close for writing
	handle *C.teleai_client
	root   *root
	isRoot bool
	direct bool // calls need no scope of their own: a transaction, or the scope around one
}

// root is shared by a client and all that come from it. Whatever they do holds the lock for reading: libteleai asks that
// no call runs while the root client is closed. It is taken before a client's own lock.
type root struct {
	lock   sync.RWMutex
	closed bool
}

// List is a part of a list. Lists of GetMany have nil items where there is no such row.
type List[T any] struct {
	Items []*T
	// for Page.Cursor; nil when this is the last part
	NextCursor *string
}

func newClient(handle *C.teleai_client, root *root, direct bool) *Client {
	c := &Client{handle: handle, root: root, direct: direct}
	c.nouns = nounsOf(c)
	return c
}

// Version is that of the library that runs.
func Version() string {
	return C.GoString(C.teleai_version())
}

// Open opens a client and its first connection. The connection is a libpq connection string or local:DIR; options may
// be nil. The context is asked once, before it begins: Options.TimeoutMs limits how long opening takes.
func Open(ctx context.Context, connection string, options *Options) (*Client, error) {
	if err := ctx.Err(); err != nil {
		return nil, contextError(err)
	}
	var a arena
	defer a.free()
	given, at := options.toC(&a), a.text("connection", connection, false)
	if a.failed != nil {
		return nil, a.failed
	}
	var handle *C.teleai_client
	var e C.teleai_error
	if C.teleai_open(at, given, &handle, &e) != C.TELEAI_OK {
		return nil, errorFrom(&e, nil)
	}
	c := newClient(handle, &root{}, false)
	c.isRoot = true
	return c, nil
}

// Close closes a client after the calls that run on it (on the one from Open: or on any that comes from it) have come to
// their end. Later calls fail with ErrClosed; a second Close does nothing.
func (c *Client) Close() {
	if c.isRoot {
		c.root.lock.Lock()
		defer c.root.lock.Unlock()
		c.root.closed = true
	} else {
		c.root.lock.RLock()
		defer c.root.lock.RUnlock()
		c.lock.Lock()
		defer c.lock.Unlock()
	}
	C.teleai_close(c.handle)
	c.handle = nil
}

// Scope makes a client whose calls are about a tenant, for a user who acts, by a deadline, or read from a replica.
// It costs no round trip. Close it.
func (c *Client) Scope(options ScopeOptions) (*Client, error) {
	var a arena
	defer a.free()
	given := options.toC(&a)
	var scope *C.teleai_client
	err := c.run(context.Background(), &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_scope_open(client, given, &scope, e)
	})
	if err != nil {
		return nil, err
	}
	return newClient(scope, c.root, false), nil
}

// Transaction runs body in a transaction and commits it when body returns nil; otherwise, and when body panics, all is
// rolled back. On a transaction it makes a savepoint, and options must be nil. It does not run body again: an Error
// with Retryable set says that doing so may work.
func (c *Client) Transaction(ctx context.Context, options *TransactionOptions, body func(tx *Client) error) error {
	outer := c
	if !c.direct {
		scope, err := c.Scope(ScopeOptions{TotalMs: milliseconds(ctx)})
		if err != nil {
			return err
		}
		defer scope.Close()
		scope.direct = true
		outer = scope
	}
	var a arena
	defer a.free()
	given := options.toC(&a)
	var handle *C.teleai_client
	err := outer.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transaction_begin(client, given, &handle, e)
	})
	if err != nil {
		return err
	}
	tx := newClient(handle, c.root, true)
	defer tx.Close()
	if err := body(tx); err != nil {
		return err
	}
	return tx.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transaction_commit(client, e)
	})
}

// PoolStats are the counters of the connection pool.
func (c *Client) PoolStats() (*PoolStats, error) {
	var stats C.teleai_pool_stats
	err := c.run(context.Background(), nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_pool_stats_get(client, &stats, e)
	})
	if err != nil {
		return nil, err
	}
	return poolStatsFrom(&stats), nil
}

// run makes one call. With a context that can end it gives the call a scope of its own, with the context's deadline,
// and cancels that scope when the context ends; the calls of a transaction are cancelled on the transaction.
func (c *Client) run(ctx context.Context, a *arena, call func(*C.teleai_client, *C.teleai_error) C.teleai_status) error {
	if a != nil && a.failed != nil {
		return a.failed
	}
	if err := ctx.Err(); err != nil {
		return contextError(err)
	}
	c.root.lock.RLock()
	defer c.root.lock.RUnlock()
	c.lock.RLock()
	defer c.lock.RUnlock()
	if c.root.closed || c.handle == nil {
		return &Error{Status: StatusClosed, Message: "the client is closed"}
	}
	var e C.teleai_error
	handle := c.handle
	if ctx.Done() != nil {
		if !c.direct {
			options := C.teleai_scope_options{struct_size: C.sizeof_teleai_scope_options}
			options.total_ms = C.int32_t(milliseconds(ctx))
			var scope *C.teleai_client
			if C.teleai_scope_open(c.handle, &options, &scope, &e) != C.TELEAI_OK {
				return errorFrom(&e, nil)
			}
			defer C.teleai_close(scope)
			handle = scope
		}
		stop := cancelWhenDone(ctx, handle)
		defer stop()
	}
	if call(handle, &e) != C.TELEAI_OK {
		return errorFrom(&e, ended(ctx))
	}
	return nil
}

// cancelWhenDone cancels what runs on a client from the end of the context until the function that it returns is called:
// again and again, since a call that has not begun yet does not notice.
func cancelWhenDone(ctx context.Context, handle *C.teleai_client) func() {
	over, left := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
		for {
			C.teleai_cancel(handle, nil)
			select {
			case <-over:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return func() {
		close(over)
		<-left
	}
}

// milliseconds is the time left until the context's deadline, at least 1; 0 where there is none.
func milliseconds(ctx context.Context) int32 {
	deadline, limited := ctx.Deadline()
	if !limited {
		return 0
	}
	left := time.Until(deadline)/time.Millisecond + 1
	switch {
	case left < 1:
		return 1
	case left > math.MaxInt32:
		return math.MaxInt32
	}
	return int32(left)
}

// ended is the context's error; its deadline may have passed without its timer having been noticed yet.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, limited := ctx.Deadline(); limited && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}
