// Code generated from bindings/teleai-api.json by bindings/go/generate.py. DO NOT EDIT.

package teleai

/*
#include <teleai.h>
*/
import "C"

import (
	"context"
	"time"
	"unsafe"
)

// The calls about each noun, in Client.
type (
	UserCalls          struct{ client *Client }
	SessionCalls       struct{ client *Client }
	AudioFileCalls     struct{ client *Client }
	TranscriptionCalls struct{ client *Client }
	AnalysisCalls      struct{ client *Client }
)

type nouns struct {
	Users          UserCalls
	Sessions       SessionCalls
	AudioFiles     AudioFileCalls
	Transcriptions TranscriptionCalls
	Analyses       AnalysisCalls
}

func nounsOf(c *Client) nouns {
	return nouns{UserCalls{c}, SessionCalls{c}, AudioFileCalls{c}, TranscriptionCalls{c}, AnalysisCalls{c}}
}

// Ping: Asks the server for a sign of life through a pooled connection, as a health check would.
//
// Returns: OK; usual.
func (c *Client) Ping(ctx context.Context) error {
	err := c.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_ping(client, e)
	})
	if err != nil {
		return err
	}
	return nil
}

// Create: Creates a user. Hashing the password takes some 50 ms and 64 MiB, before a connection is taken.
//
// Returns: OK, ALREADY_EXISTS (e-mail or id); usual.
func (s UserCalls) Create(ctx context.Context, input *UserInput) (*User, error) {
	var a arena
	defer a.free()
	inputC := input.toC(&a)
	var out *C.teleai_user
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_create(client, inputC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_user_free(out)
	return userFrom(out), nil
}

// CreateMany: Creates many users in one statement: all of them or, when one is refused, none; error.item tells
// which input was at fault. With options->keep_good the good ones, and options->errors says what became of each.
// The records come back in the order of the inputs.
//
// Returns: OK, ALREADY_EXISTS (e-mail or id); usual.
func (s UserCalls) CreateMany(ctx context.Context, inputs []UserInput) (*List[User], error) {
	var a arena
	defer a.free()
	cInputs := (*C.teleai_user_input)(a.array(len(inputs), C.sizeof_teleai_user_input, inputs == nil))
	for i := range inputs {
		inputs[i].fill(&a, &unsafe.Slice(cInputs, len(inputs))[i])
	}
	var out *C.teleai_users
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_create_many(client, cInputs, C.size_t(len(inputs)), nil, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_users_free(out)
	return usersFrom(out), nil
}

// Get: Reads one user.
//
// Returns: OK, NOT_FOUND; usual.
func (s UserCalls) Get(ctx context.Context, id UUID) (*User, error) {
	var out *C.teleai_user
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_get(client, uuidPointer(&id), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_user_free(out)
	return userFrom(out), nil
}

// GetMany: Reads many users in one statement. items[i] belongs to ids[i] and is NULL where there is no such row.
//
// Returns: OK; usual.
func (s UserCalls) GetMany(ctx context.Context, ids []UUID) (*List[User], error) {
	var out *C.teleai_users
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_get_many(client, uuidsPointer(ids), C.size_t(len(ids)), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_users_free(out)
	return usersFrom(out), nil
}

// GetByEmail: Reads a user by e-mail address, compared without case.
//
// Returns: OK, NOT_FOUND; usual.
func (s UserCalls) GetByEmail(ctx context.Context, email string) (*User, error) {
	var a arena
	defer a.free()
	emailC := a.text("email", email, false)
	var out *C.teleai_user
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_get_by_email(client, emailC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_user_free(out)
	return userFrom(out), nil
}

// Update: Changes the fields of a user that `fields` names (TELEAI_USER_FIELD_... bits), and no others. Hashes a
// new password first, as teleai_user_create() does.
//
// Returns: OK, NOT_FOUND, CONFLICT (changed since), ALREADY_EXISTS (e-mail); usual.
func (s UserCalls) Update(ctx context.Context, id UUID, input *UserInput, fields UserField, options *UpdateOptions) (*User, error) {
	var a arena
	defer a.free()
	inputC := input.toC(&a)
	optionsC := options.toC(&a)
	var out *C.teleai_user
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_update(client, uuidPointer(&id), inputC, C.uint64_t(fields), optionsC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_user_free(out)
	return userFrom(out), nil
}

// Delete: Deletes a user with all sessions, audio files, transcriptions and analyses of that user.
//
// Returns: OK, NOT_FOUND; usual.
func (s UserCalls) Delete(ctx context.Context, id UUID) error {
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_delete(client, uuidPointer(&id), e)
	})
	if err != nil {
		return err
	}
	return nil
}

// List: Lists users; a NULL filter lists all.
//
// Returns: OK; usual.
func (s UserCalls) List(ctx context.Context, filter *UserFilter, page *Page) (*List[User], error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	pageC := page.toC(&a)
	var out *C.teleai_users
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_list(client, filterC, pageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_users_free(out)
	return usersFrom(out), nil
}

// Count: Counts the users that a filter lets through; NULL counts all.
//
// Returns: OK; usual.
func (s UserCalls) Count(ctx context.Context, filter *UserFilter) (int64, error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	var out C.int64_t
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_count(client, filterC, &out, e)
	})
	if err != nil {
		return 0, err
	}
	return int64(out), nil
}

// Login: Checks an e-mail address and password, and notes the time of log-in. An unknown address, a wrong
// password, a user without one and an inactive user are answered alike: the same status and message, after the
// same work. The hash is renewed when the client asks for a higher cost than it was made with. Follow with
// teleai_session_create(). Computes between two statements (some 50 ms and 64 MiB), holding no connection
// meanwhile except inside a transaction. It does not count attempts: throttle by account in front of it. The user
// is found in whichever tenant it is, and tells which; where a tenant was chosen (by a scope, or by
// teleai_options.tenant_id), in that one alone. Nobody of a tenant that is suspended can log in. Under row
// security a transaction finds users of its own tenant only.
//
// Returns: OK, UNAUTHENTICATED; usual.
func (s UserCalls) Login(ctx context.Context, email string, password string) (*User, error) {
	var a arena
	defer a.free()
	emailC := a.text("email", email, false)
	passwordC := a.text("password", password, false)
	var out *C.teleai_user
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_login(client, emailC, passwordC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_user_free(out)
	return userFrom(out), nil
}

// Create: Creates a session with a new random token of 256 bits, before which, where it is not the default one,
// the tenant's id stands (22 characters and a full stop; no secret). The token is in the record that comes back
// and nowhere else: the database keeps only its SHA-256 hash. Hand it to the user and forget it; freeing the
// record wipes it. So `out` must not be NULL here.
//
// Returns: OK, PARENT_NOT_FOUND (user_id), ALREADY_EXISTS (id); usual.
func (s SessionCalls) Create(ctx context.Context, input *SessionInput) (*Session, error) {
	var a arena
	defer a.free()
	inputC := input.toC(&a)
	var out *C.teleai_session
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_create(client, inputC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_session_free(out)
	return sessionFrom(out), nil
}

// CreateMany: Creates many sessions in one statement: all of them or, when one is refused, none; error.item tells
// which input was at fault. With options->keep_good the good ones, and options->errors says what became of each.
// The records come back in the order of the inputs, each with its token: `out` must not be NULL here.
//
// Returns: OK, PARENT_NOT_FOUND (user_id), ALREADY_EXISTS (id); usual.
func (s SessionCalls) CreateMany(ctx context.Context, inputs []SessionInput) (*List[Session], error) {
	var a arena
	defer a.free()
	cInputs := (*C.teleai_session_input)(a.array(len(inputs), C.sizeof_teleai_session_input, inputs == nil))
	for i := range inputs {
		inputs[i].fill(&a, &unsafe.Slice(cInputs, len(inputs))[i])
	}
	var out *C.teleai_sessions
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_create_many(client, cInputs, C.size_t(len(inputs)), nil, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_sessions_free(out)
	return sessionsFrom(out), nil
}

// Check: Checks a token and returns its session and user in one round trip. An unknown, malformed, revoked or
// expired token, an inactive user and a tenant that is suspended are refused alike. A token says which tenant it
// is of, so it is found without a scope; where a tenant was chosen (by a scope, or by teleai_options.tenant_id),
// tokens of others are refused. Under row security a transaction or batch takes tokens of its own tenant only.
//
// Returns: OK, UNAUTHENTICATED; usual.
func (s SessionCalls) Check(ctx context.Context, token string) (*Identity, error) {
	var a arena
	defer a.free()
	tokenC := a.text("token", token, false)
	var out *C.teleai_identity
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_check(client, tokenC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_identity_free(out)
	return identityFrom(out), nil
}

// Get: Reads one session, expired or not.
//
// Returns: OK, NOT_FOUND; usual.
func (s SessionCalls) Get(ctx context.Context, id UUID) (*Session, error) {
	var out *C.teleai_session
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_get(client, uuidPointer(&id), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_session_free(out)
	return sessionFrom(out), nil
}

// GetMany: Reads many sessions in one statement, expired or not. items[i] belongs to ids[i] and is NULL where
// there is no such row.
//
// Returns: OK; usual.
func (s SessionCalls) GetMany(ctx context.Context, ids []UUID) (*List[Session], error) {
	var out *C.teleai_sessions
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_get_many(client, uuidsPointer(ids), C.size_t(len(ids)), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_sessions_free(out)
	return sessionsFrom(out), nil
}

// Update: Changes the fields of a session that `fields` names (TELEAI_SESSION_FIELD_... bits), and no others. The
// token stays.
//
// Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
func (s SessionCalls) Update(ctx context.Context, id UUID, input *SessionInput, fields SessionField, options *UpdateOptions) (*Session, error) {
	var a arena
	defer a.free()
	inputC := input.toC(&a)
	optionsC := options.toC(&a)
	var out *C.teleai_session
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_update(client, uuidPointer(&id), inputC, C.uint64_t(fields), optionsC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_session_free(out)
	return sessionFrom(out), nil
}

// List: Lists sessions that have not expired; a NULL filter lists those of all users.
//
// Returns: OK; usual.
func (s SessionCalls) List(ctx context.Context, filter *SessionFilter, page *Page) (*List[Session], error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	pageC := page.toC(&a)
	var out *C.teleai_sessions
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_list(client, filterC, pageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_sessions_free(out)
	return sessionsFrom(out), nil
}

// Count: Counts sessions that have not expired; a NULL filter counts those of all users.
//
// Returns: OK; usual.
func (s SessionCalls) Count(ctx context.Context, filter *SessionFilter) (int64, error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	var out C.int64_t
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_count(client, filterC, &out, e)
	})
	if err != nil {
		return 0, err
	}
	return int64(out), nil
}

// Revoke: Ends a session at once: its row is deleted.
//
// Returns: OK, NOT_FOUND; usual.
func (s SessionCalls) Revoke(ctx context.Context, id UUID) error {
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_revoke(client, uuidPointer(&id), e)
	})
	if err != nil {
		return err
	}
	return nil
}

// RevokeAll: Ends all sessions of a user, as after a change of password. *count, where not NULL, gets how many
// there were.
//
// Returns: OK; usual.
func (s SessionCalls) RevokeAll(ctx context.Context, userID UUID) (int64, error) {
	var out C.int64_t
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_revoke_all(client, uuidPointer(&userID), &out, e)
	})
	if err != nil {
		return 0, err
	}
	return int64(out), nil
}

// PurgeExpired: Deletes the sessions that have expired, of all users of the tenant. Call it now and then, from one
// place.
//
// Returns: OK; usual.
func (s SessionCalls) PurgeExpired(ctx context.Context) (int64, error) {
	var out C.int64_t
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_session_purge_expired(client, &out, e)
	})
	if err != nil {
		return 0, err
	}
	return int64(out), nil
}

// Create: Registers an audio file.
//
// Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (user_id); usual.
func (s AudioFileCalls) Create(ctx context.Context, input *AudioFileInput) (*AudioFile, error) {
	var a arena
	defer a.free()
	inputC := input.toC(&a)
	var out *C.teleai_audio_file
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_create(client, inputC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_audio_file_free(out)
	return audioFileFrom(out), nil
}

// CreateMany: Creates many audio files in one statement: all of them or, when one is refused, none; error.item
// tells which input was at fault. With options->keep_good the good ones, and options->errors says what became of
// each. The records come back in the order of the inputs.
//
// Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (user_id); usual.
func (s AudioFileCalls) CreateMany(ctx context.Context, inputs []AudioFileInput) (*List[AudioFile], error) {
	var a arena
	defer a.free()
	cInputs := (*C.teleai_audio_file_input)(a.array(len(inputs), C.sizeof_teleai_audio_file_input, inputs == nil))
	for i := range inputs {
		inputs[i].fill(&a, &unsafe.Slice(cInputs, len(inputs))[i])
	}
	var out *C.teleai_audio_files
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_create_many(client, cInputs, C.size_t(len(inputs)), nil, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_audio_files_free(out)
	return audioFilesFrom(out), nil
}

// Get: Reads one audio file.
//
// Returns: OK, NOT_FOUND; usual.
func (s AudioFileCalls) Get(ctx context.Context, id UUID) (*AudioFile, error) {
	var out *C.teleai_audio_file
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_get(client, uuidPointer(&id), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_audio_file_free(out)
	return audioFileFrom(out), nil
}

// GetMany: Reads many audio files in one statement. items[i] belongs to ids[i] and is NULL where there is no such
// row.
//
// Returns: OK; usual.
func (s AudioFileCalls) GetMany(ctx context.Context, ids []UUID) (*List[AudioFile], error) {
	var out *C.teleai_audio_files
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_get_many(client, uuidsPointer(ids), C.size_t(len(ids)), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_audio_files_free(out)
	return audioFilesFrom(out), nil
}

// Update: Changes the fields of an audio file that `fields` names (TELEAI_AUDIO_FILE_FIELD_... bits), and no
// others. The status is changed by start, complete and fail.
//
// Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
func (s AudioFileCalls) Update(ctx context.Context, id UUID, input *AudioFileInput, fields AudioFileField, options *UpdateOptions) (*AudioFile, error) {
	var a arena
	defer a.free()
	inputC := input.toC(&a)
	optionsC := options.toC(&a)
	var out *C.teleai_audio_file
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_update(client, uuidPointer(&id), inputC, C.uint64_t(fields), optionsC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_audio_file_free(out)
	return audioFileFrom(out), nil
}

// Delete: Deletes an audio file with its transcriptions and analyses. The file at file_path is yours to remove.
//
// Returns: OK, NOT_FOUND; usual.
func (s AudioFileCalls) Delete(ctx context.Context, id UUID) error {
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_delete(client, uuidPointer(&id), e)
	})
	if err != nil {
		return err
	}
	return nil
}

// List: Lists audio files; a NULL filter lists all. With user_id: the files of that user.
//
// Returns: OK; usual.
func (s AudioFileCalls) List(ctx context.Context, filter *AudioFileFilter, page *Page) (*List[AudioFile], error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	pageC := page.toC(&a)
	var out *C.teleai_audio_files
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_list(client, filterC, pageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_audio_files_free(out)
	return audioFilesFrom(out), nil
}

// Count: Counts the audio files that a filter lets through; NULL counts all.
//
// Returns: OK; usual.
func (s AudioFileCalls) Count(ctx context.Context, filter *AudioFileFilter) (int64, error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	var out C.int64_t
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_count(client, filterC, &out, e)
	})
	if err != nil {
		return 0, err
	}
	return int64(out), nil
}

// Start: Marks an audio file as being worked on: uploaded or error -> processing. Sets processing_started_at,
// clears the rest of an earlier try. Of several workers that start the same one at once, one gets OK.
//
// Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
func (s AudioFileCalls) Start(ctx context.Context, id UUID) (*AudioFile, error) {
	var out *C.teleai_audio_file
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_start(client, uuidPointer(&id), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_audio_file_free(out)
	return audioFileFrom(out), nil
}

// Complete: Marks an audio file as ready to use: processing -> ready. Sets processing_completed_at.
//
// Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
func (s AudioFileCalls) Complete(ctx context.Context, id UUID) (*AudioFile, error) {
	var out *C.teleai_audio_file
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_complete(client, uuidPointer(&id), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_audio_file_free(out)
	return audioFileFrom(out), nil
}

// Fail: Marks an audio file as failed: uploaded or processing -> error. Sets processing_completed_at and the
// message, which is required.
//
// Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
func (s AudioFileCalls) Fail(ctx context.Context, id UUID, errorMessage string) (*AudioFile, error) {
	var a arena
	defer a.free()
	errorMessageC := a.text("error_message", errorMessage, false)
	var out *C.teleai_audio_file
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_audio_file_fail(client, uuidPointer(&id), errorMessageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_audio_file_free(out)
	return audioFileFrom(out), nil
}

// Create: Creates a transcription: a pending one to be worked on, or, with status completed, one that is done
// already.
//
// Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (audio_file_id, user_id); usual.
func (s TranscriptionCalls) Create(ctx context.Context, input *TranscriptionInput) (*Transcription, error) {
	var a arena
	defer a.free()
	inputC := input.toC(&a)
	var out *C.teleai_transcription
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_create(client, inputC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_transcription_free(out)
	return transcriptionFrom(out), nil
}

// CreateMany: Creates many transcriptions in one statement: all of them or, when one is refused, none; error.item
// tells which input was at fault. With options->keep_good the good ones, and options->errors says what became of
// each. The records come back in the order of the inputs.
//
// Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (audio_file_id, user_id); usual.
func (s TranscriptionCalls) CreateMany(ctx context.Context, inputs []TranscriptionInput) (*List[Transcription], error) {
	var a arena
	defer a.free()
	cInputs := (*C.teleai_transcription_input)(a.array(len(inputs), C.sizeof_teleai_transcription_input, inputs == nil))
	for i := range inputs {
		inputs[i].fill(&a, &unsafe.Slice(cInputs, len(inputs))[i])
	}
	var out *C.teleai_transcriptions
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_create_many(client, cInputs, C.size_t(len(inputs)), nil, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_transcriptions_free(out)
	return transcriptionsFrom(out), nil
}

// Get: Reads one transcription.
//
// Returns: OK, NOT_FOUND; usual.
func (s TranscriptionCalls) Get(ctx context.Context, id UUID) (*Transcription, error) {
	var out *C.teleai_transcription
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_get(client, uuidPointer(&id), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_transcription_free(out)
	return transcriptionFrom(out), nil
}

// GetMany: Reads many transcriptions in one statement. items[i] belongs to ids[i] and is NULL where there is no
// such row.
//
// Returns: OK; usual.
func (s TranscriptionCalls) GetMany(ctx context.Context, ids []UUID) (*List[Transcription], error) {
	var out *C.teleai_transcriptions
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_get_many(client, uuidsPointer(ids), C.size_t(len(ids)), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_transcriptions_free(out)
	return transcriptionsFrom(out), nil
}

// Update: Changes the fields of a transcription that `fields` names (TELEAI_TRANSCRIPTION_FIELD_... bits), and no
// others. The status is changed by start, complete and fail. A new text is indexed anew, which costs as much as an
// insert.
//
// Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
func (s TranscriptionCalls) Update(ctx context.Context, id UUID, input *TranscriptionInput, fields TranscriptionField, options *UpdateOptions) (*Transcription, error) {
	var a arena
	defer a.free()
	inputC := input.toC(&a)
	optionsC := options.toC(&a)
	var out *C.teleai_transcription
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_update(client, uuidPointer(&id), inputC, C.uint64_t(fields), optionsC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_transcription_free(out)
	return transcriptionFrom(out), nil
}

// Delete: Deletes a transcription with its analyses.
//
// Returns: OK, NOT_FOUND; usual.
func (s TranscriptionCalls) Delete(ctx context.Context, id UUID) error {
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_delete(client, uuidPointer(&id), e)
	})
	if err != nil {
		return err
	}
	return nil
}

// List: Lists transcriptions; a NULL filter lists all. With audio_file_id: those of that file.
//
// Returns: OK; usual.
func (s TranscriptionCalls) List(ctx context.Context, filter *TranscriptionFilter, page *Page) (*List[Transcription], error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	pageC := page.toC(&a)
	var out *C.teleai_transcriptions
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_list(client, filterC, pageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_transcriptions_free(out)
	return transcriptionsFrom(out), nil
}

// Count: Counts the transcriptions that a filter lets through; NULL counts all.
//
// Returns: OK; usual.
func (s TranscriptionCalls) Count(ctx context.Context, filter *TranscriptionFilter) (int64, error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	var out C.int64_t
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_count(client, filterC, &out, e)
	})
	if err != nil {
		return 0, err
	}
	return int64(out), nil
}

// Start: Marks a transcription as being worked on: pending or failed -> processing. Sets processing_started_at,
// clears the rest of an earlier try. Of several workers that start the same one at once, one gets OK.
//
// Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
func (s TranscriptionCalls) Start(ctx context.Context, id UUID) (*Transcription, error) {
	var out *C.teleai_transcription
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_start(client, uuidPointer(&id), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_transcription_free(out)
	return transcriptionFrom(out), nil
}

// Complete: Completes a transcription: pending or processing -> completed, in one UPDATE that sets text and all
// end values together. Takes text (required), confidence, word_count, engine_version, processing_duration_ms and
// metadata_json; any other field in the input is INVALID_ARGUMENT. Without a duration the time since the start is
// taken; without engine_version and metadata_json these stay as they are.
//
// Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
func (s TranscriptionCalls) Complete(ctx context.Context, id UUID, result *TranscriptionInput) (*Transcription, error) {
	var a arena
	defer a.free()
	resultC := result.toC(&a)
	var out *C.teleai_transcription
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_complete(client, uuidPointer(&id), resultC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_transcription_free(out)
	return transcriptionFrom(out), nil
}

// Fail: Marks a transcription as failed: pending or processing -> failed. Sets processing_completed_at and the
// message, which is required.
//
// Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
func (s TranscriptionCalls) Fail(ctx context.Context, id UUID, errorMessage string) (*Transcription, error) {
	var a arena
	defer a.free()
	errorMessageC := a.text("error_message", errorMessage, false)
	var out *C.teleai_transcription
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_transcription_fail(client, uuidPointer(&id), errorMessageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_transcription_free(out)
	return transcriptionFrom(out), nil
}

// Create: Creates an analysis: a pending one to be worked on, or, with status completed, one that is done already.
//
// Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (transcription_id, audio_file_id, user_id); usual.
func (s AnalysisCalls) Create(ctx context.Context, input *AnalysisInput) (*Analysis, error) {
	var a arena
	defer a.free()
	inputC := input.toC(&a)
	var out *C.teleai_analysis
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_create(client, inputC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_analysis_free(out)
	return analysisFrom(out), nil
}

// CreateMany: Creates many analyses in one statement: all of them or, when one is refused, none; error.item tells
// which input was at fault. With options->keep_good the good ones, and options->errors says what became of each.
// The records come back in the order of the inputs.
//
// Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (transcription_id, audio_file_id, user_id); usual.
func (s AnalysisCalls) CreateMany(ctx context.Context, inputs []AnalysisInput) (*List[Analysis], error) {
	var a arena
	defer a.free()
	cInputs := (*C.teleai_analysis_input)(a.array(len(inputs), C.sizeof_teleai_analysis_input, inputs == nil))
	for i := range inputs {
		inputs[i].fill(&a, &unsafe.Slice(cInputs, len(inputs))[i])
	}
	var out *C.teleai_analyses
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_create_many(client, cInputs, C.size_t(len(inputs)), nil, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_analyses_free(out)
	return analysesFrom(out), nil
}

// Get: Reads one analysis.
//
// Returns: OK, NOT_FOUND; usual.
func (s AnalysisCalls) Get(ctx context.Context, id UUID) (*Analysis, error) {
	var out *C.teleai_analysis
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_get(client, uuidPointer(&id), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_analysis_free(out)
	return analysisFrom(out), nil
}

// GetMany: Reads many analyses in one statement. items[i] belongs to ids[i] and is NULL where there is no such
// row.
//
// Returns: OK; usual.
func (s AnalysisCalls) GetMany(ctx context.Context, ids []UUID) (*List[Analysis], error) {
	var out *C.teleai_analyses
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_get_many(client, uuidsPointer(ids), C.size_t(len(ids)), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_analyses_free(out)
	return analysesFrom(out), nil
}

// Update: Changes the fields of an analysis that `fields` names (TELEAI_ANALYSIS_FIELD_... bits), and no others.
// The status is changed by start, complete and fail.
//
// Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
func (s AnalysisCalls) Update(ctx context.Context, id UUID, input *AnalysisInput, fields AnalysisField, options *UpdateOptions) (*Analysis, error) {
	var a arena
	defer a.free()
	inputC := input.toC(&a)
	optionsC := options.toC(&a)
	var out *C.teleai_analysis
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_update(client, uuidPointer(&id), inputC, C.uint64_t(fields), optionsC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_analysis_free(out)
	return analysisFrom(out), nil
}

// Delete: Deletes an analysis.
//
// Returns: OK, NOT_FOUND; usual.
func (s AnalysisCalls) Delete(ctx context.Context, id UUID) error {
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_delete(client, uuidPointer(&id), e)
	})
	if err != nil {
		return err
	}
	return nil
}

// List: Lists analyses; a NULL filter lists all. With transcription_id: those of that transcription.
//
// Returns: OK; usual.
func (s AnalysisCalls) List(ctx context.Context, filter *AnalysisFilter, page *Page) (*List[Analysis], error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	pageC := page.toC(&a)
	var out *C.teleai_analyses
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_list(client, filterC, pageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_analyses_free(out)
	return analysesFrom(out), nil
}

// Count: Counts the analyses that a filter lets through; NULL counts all.
//
// Returns: OK; usual.
func (s AnalysisCalls) Count(ctx context.Context, filter *AnalysisFilter) (int64, error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	var out C.int64_t
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_count(client, filterC, &out, e)
	})
	if err != nil {
		return 0, err
	}
	return int64(out), nil
}

// Start: Marks an analysis as being worked on: pending or failed -> processing. Sets processing_started_at, clears
// the rest of an earlier try. Of several workers that start the same one at once, one gets OK.
//
// Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
func (s AnalysisCalls) Start(ctx context.Context, id UUID) (*Analysis, error) {
	var out *C.teleai_analysis
	err := s.client.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_start(client, uuidPointer(&id), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_analysis_free(out)
	return analysisFrom(out), nil
}

// Complete: Completes an analysis: pending or processing -> completed, in one UPDATE. Takes sentiment, key
// phrases, entities, topics, summary, insights, engine_version, processing_duration_ms and metadata_json; any
// other field in the input is INVALID_ARGUMENT. Without a duration the time since the start is taken; without
// engine_version and metadata_json these stay as they are.
//
// Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
func (s AnalysisCalls) Complete(ctx context.Context, id UUID, result *AnalysisInput) (*Analysis, error) {
	var a arena
	defer a.free()
	resultC := result.toC(&a)
	var out *C.teleai_analysis
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_complete(client, uuidPointer(&id), resultC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_analysis_free(out)
	return analysisFrom(out), nil
}

// Fail: Marks an analysis as failed: pending or processing -> failed. Sets processing_completed_at and the
// message, which is required.
//
// Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
func (s AnalysisCalls) Fail(ctx context.Context, id UUID, errorMessage string) (*Analysis, error) {
	var a arena
	defer a.free()
	errorMessageC := a.text("error_message", errorMessage, false)
	var out *C.teleai_analysis
	err := s.client.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_analysis_fail(client, uuidPointer(&id), errorMessageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_analysis_free(out)
	return analysisFrom(out), nil
}

// SearchTranscriptions: Searches the text of transcriptions, as people search the web:
//
//	heart rate            both words, in any form ("rates") and place
//	"heart rate"          next to each other
//	heart or pulse        one of them; `or` binds less than words side by side
//	-drill  -"fire drill" without it; at least one word must be wanted
//	cardi*                words that begin so
//
// Texts are taken as English whatever their language_code: that is what the index holds. It knows the place of a
// word only up to the 16383rd, so that in longer texts phrases are found at the beginning alone; single words are
// found everywhere.
//
// Ranked order is taken among the newest 1000 matches, which bounds its cost (ranking reads each text anew); when
// there are more, total_is_exact is false and newest first reaches the others. Later pages go on in the state of
// the first: newer transcriptions do not move them.
//
// Returns: OK, INVALID_ARGUMENT (query empty, only exclusions, over 64 terms or 4096 bytes, unfinished "phrase");
// usual.
func (c *Client) SearchTranscriptions(ctx context.Context, query string, options *SearchOptions) (*SearchHits, error) {
	var a arena
	defer a.free()
	queryC := a.text("query", query, false)
	optionsC := options.toC(&a)
	var out *C.teleai_search_hits
	err := c.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_search_transcriptions(client, queryC, optionsC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_search_hits_free(out)
	return searchHitsFrom(out), nil
}

// SearchKeywords: Finds transcriptions that hold all the given words, in any form and order, by the documented
// keyword query: to_tsvector('english', transcription_text) @@ plainto_tsquery('english', words). Newest first, in
// any status.
//
// Returns: OK, INVALID_ARGUMENT (words empty or over 4096 bytes); usual.
func (c *Client) SearchKeywords(ctx context.Context, words string, page *Page) (*List[Transcription], error) {
	var a arena
	defer a.free()
	wordsC := a.text("words", words, false)
	pageC := page.toC(&a)
	var out *C.teleai_transcriptions
	err := c.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_search_keywords(client, wordsC, pageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_transcriptions_free(out)
	return transcriptionsFrom(out), nil
}

// UserStatsGet: Reads the totals of one user.
//
// Returns: OK, NOT_FOUND; usual.
func (c *Client) UserStatsGet(ctx context.Context, userID UUID) (*UserStats, error) {
	var out *C.teleai_user_stats
	err := c.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_stats_get(client, uuidPointer(&userID), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_user_stats_free(out)
	return userStatsFrom(out), nil
}

// UserStatsList: Lists the totals of all users, by id (page.order: newest first counts as descending).
//
// Returns: OK; usual.
func (c *Client) UserStatsList(ctx context.Context, page *Page) (*List[UserStats], error) {
	var a arena
	defer a.free()
	pageC := page.toC(&a)
	var out *C.teleai_users_stats
	err := c.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_user_stats_list(client, pageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_users_stats_free(out)
	return usersStatsFrom(out), nil
}

// DailyUsageList: Reads the days from `from_us` (0: the first) up to, not including, `until_us` (0: no end), as of
// the last refresh. Both are taken down to the start of their UTC day.
//
// Returns: OK; usual.
func (c *Client) DailyUsageList(ctx context.Context, from time.Time, until time.Time) (*List[DailyUsage], error) {
	var out *C.teleai_daily_usages
	err := c.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_daily_usage_list(client, microseconds(from), microseconds(until), &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_daily_usages_free(out)
	return dailyUsagesFrom(out), nil
}

// DailyUsageRefresh: Computes the days anew, while others go on reading the old figures. Needs to own the
// materialized view.
//
// Returns: OK, PERMISSION_DENIED; usual.
func (c *Client) DailyUsageRefresh(ctx context.Context) error {
	err := c.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_daily_usage_refresh(client, e)
	})
	if err != nil {
		return err
	}
	return nil
}

// ActivityList: Lists what a user (NULL: everybody) did.
//
// Returns: OK; usual.
func (c *Client) ActivityList(ctx context.Context, userID *UUID, page *Page) (*List[Activity], error) {
	var a arena
	defer a.free()
	pageC := page.toC(&a)
	var out *C.teleai_activities
	err := c.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_activity_list(client, uuidPointer(userID), pageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_activities_free(out)
	return activitiesFrom(out), nil
}

// QueueStatusList: Reads the queues. Looks at every row: for dashboards, not for workers (these list by status).
//
// Returns: OK; usual.
func (c *Client) QueueStatusList(ctx context.Context) (*List[QueueStatus], error) {
	var out *C.teleai_queue_statuses
	err := c.run(ctx, nil, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_queue_status_list(client, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_queue_statuses_free(out)
	return queueStatusesFrom(out), nil
}

// PipelineList: Lists how far files are.
//
// Returns: OK; usual.
func (c *Client) PipelineList(ctx context.Context, filter *PipelineFilter, page *Page) (*List[Pipeline], error) {
	var a arena
	defer a.free()
	filterC := filter.toC(&a)
	pageC := page.toC(&a)
	var out *C.teleai_pipelines
	err := c.run(ctx, &a, func(client *C.teleai_client, e *C.teleai_error) C.teleai_status {
		return C.teleai_pipeline_list(client, filterC, pageC, &out, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.teleai_pipelines_free(out)
	return pipelinesFrom(out), nil
}
