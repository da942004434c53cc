package teleai

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var background = context.Background()

const password = "correct horse battery"

// options keep the hash of passwords cheap.
func options() *Options {
	return &Options{PasswordMemoryKib: 19456, ApplicationName: Ptr("go test")}
}

func opened(t *testing.T) *Client {
	t.Helper()
	client, err := Open(background, os.Getenv("TELEAI_DATABASE_URL"), options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func sql(t *testing.T, statement string) string {
	t.Helper()
	said, err := exec.Command("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", os.Getenv("TELEAI_DATABASE_URL"), "-c", statement).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %s", statement, said)
	}
	return strings.TrimSpace(string(said))
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func same[T comparable](t *testing.T, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%v, not %v", got, wanted)
	}
}

// failed looks for a status in an error, which it gives back.
func failed(t *testing.T, err error, status Status) *Error {
	t.Helper()
	var got *Error
	if !errors.As(err, &got) || !errors.Is(err, status) || got.Status != status || got.Message == "" {
		t.Fatalf("%v, not %v", err, status)
	}
	return got
}

// address is a new one, since all tests share a database.
func address() string {
	return NewUUID().String() + "@example.org"
}

func aUser(t *testing.T, c *Client) *User {
	t.Helper()
	return must[*User](t)(c.Users.Create(background, &UserInput{Email: address(), FullName: "Zoë"}))
}

func aFile(t *testing.T, c *Client, user *User) *AudioFile {
	t.Helper()
	return must[*AudioFile](t)(c.AudioFiles.Create(background, &AudioFileInput{UserID: user.ID, FileName: "call.wav",
		FilePath: "/calls/call.wav", MimeType: "audio/wav", FileSizeBytes: 1 << 40, DurationMs: Ptr[int64](61230), Channels: Ptr[int32](2),
		MetadataJSON: Ptr(`{"line": 3}`)}))
}

func aTranscription(t *testing.T, c *Client, file *AudioFile) *Transcription {
	t.Helper()
	return must[*Transcription](t)(c.Transcriptions.Create(background, &TranscriptionInput{AudioFileID: file.ID,
		UserID: file.UserID, LanguageCode: "en", Engine: "ear"}))
}
