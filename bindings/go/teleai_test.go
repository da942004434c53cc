package teleai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSizes(t *testing.T) {
	text, err := os.ReadFile("../teleai-api.json")
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Version string
		Structs []struct {
			Name string
			Size uintptr
		}
	}
	if err := json.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	same(t, Version(), api.Version)
	held := 0
	for _, each := range api.Structs {
		if size, ours := sizes[each.Name]; ours {
			same(t, size, each.Size)
			held++
		}
	}
	same(t, held, len(sizes))
	if held < 35 {
		t.Fatalf("only %d structs", held)
	}
}

func TestUUID(t *testing.T) {
	id := NewUUID()
	same(t, must[UUID](t)(ParseUUID(strings.ToUpper(id.String()))), id)
	_, err := ParseUUID("none")
	same(t, failed(t, err, ErrInvalidArgument).Field, "text")
}

func TestUsers(t *testing.T) {
	c := opened(t)
	id, email := NewUUID(), address()
	made := must[*User](t)(c.Users.Create(background, &UserInput{ID: &id, Email: email, FullName: "Zoë", Password: Ptr(password)}))
	same(t, made.ID, id)
	same(t, made.FullName, "Zoë")
	same(t, made.Role, RoleUser)
	same(t, made.Role.String(), "user")
	if made.LastLoginAt != nil || !made.IsActive || time.Since(made.CreatedAt) > time.Hour {
		t.Fatalf("%+v", made)
	}
	in := must[*User](t)(c.Users.Login(background, email, password))
	if in.LastLoginAt == nil {
		t.Fatal("has not logged in")
	}
	same(t, must[*User](t)(c.Users.Get(background, id)).Email, email)
	same(t, must[*User](t)(c.Users.GetByEmail(background, strings.ToUpper(email))).ID, id)
	changed := must[*User](t)(c.Users.Update(background, id, &UserInput{IsActive: Ptr(false), Role: RoleViewer}, UserFieldIsActive|UserFieldRole, nil))
	if changed.IsActive || changed.Role != RoleViewer || changed.FullName != "Zoë" {
		t.Fatalf("%+v", changed)
	}
	filter := &UserFilter{IsActive: Ptr(false), IDFrom: &id}
	same(t, must[int64](t)(c.Users.Count(background, filter)), 1)
	same(t, must[*List[User]](t)(c.Users.List(background, filter, nil)).Items[0].ID, id)
	some := must[*List[User]](t)(c.Users.GetMany(background, []UUID{NewUUID(), id}))
	if len(some.Items) != 2 || some.Items[0] != nil || some.Items[1].ID != id {
		t.Fatalf("%+v", some)
	}
	many := must[*List[User]](t)(c.Users.CreateMany(background, []UserInput{{Email: address(), FullName: "A"}, {Email: address(), FullName: "B"}}))
	same(t, many.Items[1].FullName, "B")
	if err := c.Users.Delete(background, id); err != nil {
		t.Fatal(err)
	}
	_, err := c.Users.Get(background, id)
	failed(t, err, ErrNotFound)
}

func TestPages(t *testing.T) {
	c := opened(t)
	user := aUser(t, c)
	for i := 0; i < 5; i++ {
		aFile(t, c, user)
	}
	seen, page := map[UUID]bool{}, &Page{Limit: 2, Order: OrderOldestFirst}
	for pages := 1; ; pages++ {
		files := must[*List[AudioFile]](t)(c.AudioFiles.List(background, &AudioFileFilter{UserID: &user.ID}, page))
		for _, file := range files.Items {
			seen[file.ID] = true
		}
		if page.Cursor = files.NextCursor; page.Cursor == nil {
			same(t, pages, 3)
			break
		}
	}
	same(t, len(seen), 5)
}

func TestSessions(t *testing.T) {
	c := opened(t)
	user := aUser(t, c)
	until := time.Now().Add(time.Hour).Truncate(time.Microsecond).UTC()
	made := must[*Session](t)(c.Sessions.Create(background, &SessionInput{UserID: user.ID, ExpiresAt: until, IPAddress: Ptr("192.0.2.1")}))
	same(t, made.ExpiresAt, until)
	if made.Token == nil || made.UserAgent != nil {
		t.Fatalf("%+v", made)
	}
	found := must[*Identity](t)(c.Sessions.Check(background, *made.Token))
	same(t, found.User.ID, user.ID)
	same(t, found.Session.ID, made.ID)
	if again := must[*Session](t)(c.Sessions.Get(background, made.ID)); again.Token != nil {
		t.Fatal("the token is told again")
	}
	same(t, *must[*Session](t)(c.Sessions.Update(background, made.ID, &SessionInput{UserAgent: Ptr("ear")}, SessionFieldUserAgent, nil)).UserAgent, "ear")
	filter := &SessionFilter{UserID: &user.ID, IncludeExpired: true}
	same(t, len(must[*List[Session]](t)(c.Sessions.List(background, filter, nil)).Items), 1)
	if err := c.Sessions.Revoke(background, made.ID); err != nil {
		t.Fatal(err)
	}
	must[*Session](t)(c.Sessions.Create(background, &SessionInput{UserID: user.ID}))
	same(t, must[int64](t)(c.Sessions.Count(background, filter)), 1)
	same(t, must[int64](t)(c.Sessions.RevokeAll(background, user.ID)), 1)
	same(t, must[int64](t)(c.Sessions.PurgeExpired(background)), 0)
}

func TestAudioFiles(t *testing.T) {
	c := opened(t)
	user := aUser(t, c)
	file := aFile(t, c, user)
	same(t, file.FileSizeBytes, 1<<40)
	same(t, *file.DurationMs, 61230)
	same(t, file.Status, AudioFileUploaded)
	if file.SampleRateHz != nil || *file.Channels != 2 || file.ErrorMessage != nil {
		t.Fatalf("%+v", file)
	}
	same(t, must[*AudioFile](t)(c.AudioFiles.Start(background, file.ID)).Status, AudioFileProcessing)
	bad := must[*AudioFile](t)(c.AudioFiles.Fail(background, file.ID, "no sound"))
	same(t, *bad.ErrorMessage, "no sound")
	must[*AudioFile](t)(c.AudioFiles.Start(background, file.ID))
	ready := must[*AudioFile](t)(c.AudioFiles.Complete(background, file.ID))
	same(t, ready.Status.String(), "ready")
	sql(t, "update audio_files set upload_completed_at = 'infinity' where id = '"+file.ID.String()+"'")
	infinite := must[*AudioFile](t)(c.AudioFiles.Update(background, file.ID, &AudioFileInput{FileName: "b.wav"}, AudioFileFieldFileName, nil))
	same(t, *infinite.UploadCompletedAt, Infinity)
	same(t, infinite.FileName, "b.wav")
	filter := &AudioFileFilter{UserID: &user.ID, Status: AudioFileReady, MetadataContainsJSON: Ptr(`{"line": 3}`)}
	same(t, must[int64](t)(c.AudioFiles.Count(background, filter)), 1)
	if err := c.AudioFiles.Delete(background, file.ID); err != nil {
		t.Fatal(err)
	}
	same(t, must[int64](t)(c.AudioFiles.Count(background, filter)), 0)
}

func TestTranscriptions(t *testing.T) {
	c := opened(t)
	file := aFile(t, c, aUser(t, c))
	heard := aTranscription(t, c, file)
	same(t, heard.Text, "")
	must[*Transcription](t)(c.Transcriptions.Start(background, heard.ID))
	long := strings.Repeat("façade ", 100000)
	done := must[*Transcription](t)(c.Transcriptions.Complete(background, heard.ID, &TranscriptionInput{Text: &long, Confidence: Ptr(0.75)}))
	same(t, done.Text, long)
	same(t, *done.Confidence, 0.75)
	same(t, *done.WordCount, 100000)
	same(t, done.Status, TranscriptionCompleted)
	other := aTranscription(t, c, file)
	same(t, *must[*Transcription](t)(c.Transcriptions.Fail(background, other.ID, "noise")).ErrorMessage, "noise")
	same(t, must[*Transcription](t)(c.Transcriptions.Get(background, done.ID)).Text, long)
	same(t, *must[*Transcription](t)(c.Transcriptions.Update(background, done.ID, &TranscriptionInput{EngineVersion: Ptr("2")},
		TranscriptionFieldEngineVersion, nil)).EngineVersion, "2")
	filter := &TranscriptionFilter{AudioFileID: &file.ID}
	same(t, must[int64](t)(c.Transcriptions.Count(background, filter)), 2)
	same(t, len(must[*List[Transcription]](t)(c.Transcriptions.List(background, filter, nil)).Items), 2)
	if err := c.Transcriptions.Delete(background, other.ID); err != nil {
		t.Fatal(err)
	}
}

func TestAnalyses(t *testing.T) {
	c := opened(t)
	file := aFile(t, c, aUser(t, c))
	heard := aTranscription(t, c, file)
	in := &AnalysisInput{TranscriptionID: heard.ID, AudioFileID: file.ID, UserID: file.UserID, AnalysisType: "topics", Engine: "mind"}
	made := must[*Analysis](t)(c.Analyses.Create(background, in))
	if made.KeyPhrases != nil || made.SentimentScore != nil || made.SentimentLabel.String() != "unknown" {
		t.Fatalf("%+v", made)
	}
	must[*Analysis](t)(c.Analyses.Start(background, made.ID))
	done := must[*Analysis](t)(c.Analyses.Complete(background, made.ID, &AnalysisInput{
		KeyPhrases: []string{"heart", "rate"}, SentimentLabel: SentimentMixed, SentimentScore: Ptr(-0.5),
		Entities: []Entity{{Text: Ptr("Ann"), Type: Ptr("person"), StartMs: Ptr[int64](12)}, {Text: Ptr("Oslo")}},
		Topics:   []Topic{{Name: Ptr("health"), Score: Ptr(0.25)}}}))
	same(t, strings.Join(done.KeyPhrases, " "), "heart rate")
	same(t, len(done.Entities), 2)
	same(t, *done.Entities[0].StartMs, 12)
	same(t, *done.Entities[0].Type, "person")
	if done.Entities[1].Type != nil || done.Entities[1].Confidence != nil {
		t.Fatalf("%+v", done.Entities[1])
	}
	same(t, *done.Topics[0].Score, 0.25)
	same(t, *done.SentimentScore, -0.5)
	same(t, done.SentimentLabel, SentimentMixed)
	empty := must[*Analysis](t)(c.Analyses.Update(background, made.ID, &AnalysisInput{KeyPhrases: []string{}}, AnalysisFieldKeyPhrases, nil))
	if empty.KeyPhrases == nil || len(empty.KeyPhrases) != 0 {
		t.Fatalf("%v is not empty", empty.KeyPhrases)
	}
	none := must[*Analysis](t)(c.Analyses.Update(background, made.ID, &AnalysisInput{}, AnalysisFieldKeyPhrases, nil))
	if none.KeyPhrases != nil {
		t.Fatalf("%v is not absent", none.KeyPhrases)
	}
	bad := must[*Analysis](t)(c.Analyses.Create(background, in))
	same(t, *must[*Analysis](t)(c.Analyses.Fail(background, bad.ID, "no mind")).ErrorMessage, "no mind")
	filter := &AnalysisFilter{TranscriptionID: &heard.ID, EntitiesContainsJSON: Ptr(`[{"type": "person"}]`)}
	same(t, must[*List[Analysis]](t)(c.Analyses.List(background, filter, nil)).Items[0].ID, made.ID)
	same(t, must[int64](t)(c.Analyses.Count(background, filter)), 1)
	if err := c.Analyses.Delete(background, made.ID); err != nil {
		t.Fatal(err)
	}
	_, err := c.Analyses.Get(background, made.ID)
	failed(t, err, ErrNotFound)
}

func TestSearchAndStatistics(t *testing.T) {
	c := opened(t)
	user := aUser(t, c)
	file := aFile(t, c, user)
	heard := aTranscription(t, c, file)
	must[*Transcription](t)(c.Transcriptions.Complete(background, heard.ID, &TranscriptionInput{Text: Ptr("Two zebras in a fire drill")}))
	hits := must[*SearchHits](t)(c.SearchTranscriptions(background, "zebra", &SearchOptions{UserID: &user.ID, MarkStart: Ptr("<"), MarkEnd: Ptr(">")}))
	same(t, hits.Total, 1)
	hit := hits.Items[0]
	same(t, hit.TranscriptionID, heard.ID)
	same(t, hit.Snippet[hit.Marks[0].Start:hit.Marks[0].End], "zebras")
	if !strings.Contains(hit.SnippetMarked, "<zebras>") || hit.Rank <= 0 || !hits.TotalIsExact {
		t.Fatalf("%+v", hit)
	}
	same(t, len(must[*List[Transcription]](t)(c.SearchKeywords(background, "drill zebra", nil)).Items), 1)

	stats := must[*UserStats](t)(c.UserStatsGet(background, user.ID))
	same(t, stats.TotalFiles, 1)
	same(t, stats.TotalDurationMs, 61230)
	if stats.LastUploadAt == nil || len(must[*List[UserStats]](t)(c.UserStatsList(background, nil)).Items) == 0 {
		t.Fatalf("%+v", stats)
	}
	if err := c.DailyUsageRefresh(background); err != nil {
		t.Fatal(err)
	}
	must[*List[DailyUsage]](t)(c.DailyUsageList(background, time.Now().Add(-time.Hour), time.Time{}))
	same(t, must[*List[Activity]](t)(c.ActivityList(background, &user.ID, nil)).Items[0].ActivityType, ActivityTranscription)
	if len(must[*List[QueueStatus]](t)(c.QueueStatusList(background)).Items) == 0 {
		t.Fatal("no queues")
	}
	pipeline := must[*List[Pipeline]](t)(c.PipelineList(background, &PipelineFilter{UserID: &user.ID}, nil)).Items[0]
	same(t, *pipeline.TranscriptionID, heard.ID)
	if pipeline.AnalysisID != nil {
		t.Fatalf("%+v", pipeline)
	}
}

func TestErrors(t *testing.T) {
	c := opened(t)
	user := aUser(t, c)
	file := aFile(t, c, user)

	_, err := c.Users.Create(background, &UserInput{Email: "none", FullName: "A"})
	same(t, failed(t, err, ErrInvalidArgument).Field, "email")
	_, err = c.Users.Create(background, &UserInput{Email: "a\x00@example.org", FullName: "A"})
	same(t, failed(t, err, ErrInvalidArgument).Field, "email")
	_, err = c.Users.Create(background, nil)
	failed(t, err, ErrInvalidArgument)
	_, err = c.Users.Get(background, NewUUID())
	failed(t, err, ErrNotFound)
	_, err = c.Users.Create(background, &UserInput{Email: user.Email, FullName: "A"})
	same(t, failed(t, err, ErrAlreadyExists).SQLState, "23505")
	if failed(t, err, ErrAlreadyExists).Constraint == "" {
		t.Fatal("no constraint")
	}
	_, err = c.Users.CreateMany(background, []UserInput{{Email: address(), FullName: "A"}, {Email: "none", FullName: "B"}})
	same(t, failed(t, err, ErrInvalidArgument).Item, 1)
	_, err = c.AudioFiles.Create(background, &AudioFileInput{UserID: NewUUID(), FileName: "a", FilePath: "a", MimeType: "audio/wav", FileSizeBytes: 1})
	same(t, failed(t, err, ErrParentNotFound).Field, "user_id")
	_, err = c.AudioFiles.Complete(background, file.ID)
	failed(t, err, ErrConflict)
	_, err = c.AudioFiles.Update(background, file.ID, &AudioFileInput{FileName: "b"}, AudioFileFieldFileName,
		&UpdateOptions{IfUnchangedSince: file.UpdatedAt.Add(-time.Second)})
	failed(t, err, ErrConflict)
	_, err = c.Users.Login(background, user.Email, password)
	failed(t, err, ErrUnauthenticated)
	_, err = c.Sessions.Check(background, "none")
	failed(t, err, ErrUnauthenticated)

	err = c.Transaction(background, nil, func(tx *Client) error {
		_, err := tx.Users.Create(background, &UserInput{Email: user.Email, FullName: "A"})
		failed(t, err, ErrAlreadyExists)
		_, err = tx.Users.Get(background, user.ID)
		return err
	})
	failed(t, err, ErrAborted)

	role := "go_reader_" + strings.ReplaceAll(NewUUID().String(), "-", "")
	sql(t, "create role "+role+" login")
	defer sql(t, "drop role "+role)
	reader := must[*Client](t)(Open(background, os.Getenv("TELEAI_DATABASE_URL")+" user="+role, &Options{Schema: SchemaIgnore}))
	_, err = reader.Users.Count(background, nil)
	failed(t, err, ErrPermissionDenied)
	reader.Close()

	_, err = Open(background, "host=/nowhere dbname=none", nil)
	failed(t, err, ErrUnavailable)
	_, err = Open(background, os.Getenv("TELEAI_DATABASE_URL")+" dbname=postgres", nil)
	failed(t, err, ErrSchemaMismatch)

	sql(t, `create function go_refuse() returns trigger language plpgsql as $$ begin
		if new.file_name = 'refuse' then raise sqlstate 'P0042' using message = 'no'; end if; return new; end $$;
		create trigger go_refuse before insert on audio_files for each row execute function go_refuse()`)
	_, err = c.AudioFiles.Create(background, &AudioFileInput{UserID: user.ID, FileName: "refuse", FilePath: "a", MimeType: "audio/wav", FileSizeBytes: 1})
	same(t, failed(t, err, ErrServerError).SQLState, "P0042")

	gone := must[*Client](t)(Open(background, os.Getenv("TELEAI_DATABASE_URL"), options()))
	scope := must[*Client](t)(gone.Scope(ScopeOptions{}))
	gone.Close()
	gone.Close()
	failed(t, gone.Ping(background), ErrClosed)
	failed(t, scope.Ping(background), ErrClosed)
	scope.Close()
}

func TestTransactionsAndScopes(t *testing.T) {
	c := opened(t)
	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	kept, undone := address(), address()
	err := c.Transaction(ctx, &TransactionOptions{Isolation: IsolationSerializable}, func(tx *Client) error {
		must[*User](t)(tx.Users.Create(ctx, &UserInput{Email: kept, FullName: "A"}))
		inner := tx.Transaction(ctx, nil, func(savepoint *Client) error {
			must[*User](t)(savepoint.Users.Create(ctx, &UserInput{Email: undone, FullName: "B"}))
			return errors.New("undo")
		})
		same(t, inner.Error(), "undo")
		_, err := c.Users.GetByEmail(ctx, kept)
		failed(t, err, ErrNotFound) // not committed yet
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	must[*User](t)(c.Users.GetByEmail(ctx, kept))
	_, err = c.Users.GetByEmail(ctx, undone)
	failed(t, err, ErrNotFound)

	func() {
		defer func() { same(t, recover().(string), "out") }()
		_ = c.Transaction(ctx, nil, func(tx *Client) error {
			must[*User](t)(tx.Users.Create(ctx, &UserInput{Email: undone, FullName: "B"}))
			panic("out")
		})
	}()
	_, err = c.Users.GetByEmail(ctx, undone)
	failed(t, err, ErrNotFound)
	same(t, must[*PoolStats](t)(c.PoolStats()).IdleConnections, must[*PoolStats](t)(c.PoolStats()).OpenConnections)

	other := must[*Client](t)(c.Scope(ScopeOptions{TenantID: Ptr(NewUUID())}))
	defer other.Close()
	_, err = other.Users.GetByEmail(ctx, kept)
	failed(t, err, ErrNotFound)
}

// whileLocked runs something beside a transaction that has changed a user and is not over.
func whileLocked(t *testing.T, c *Client, user *User, work func()) {
	t.Helper()
	undo := errors.New("undo")
	err := c.Transaction(background, nil, func(tx *Client) error {
		must[*User](t)(tx.Users.Update(background, user.ID, &UserInput{FullName: "Locked"}, UserFieldFullName, nil))
		work()
		return undo
	})
	if err != undo {
		t.Fatal(err)
	}
}

// untilWaits returns when a statement of this test's waits for a lock.
func untilWaits(t *testing.T) {
	t.Helper()
	for sql(t, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) == "0" {
		time.Sleep(5 * time.Millisecond)
	}
}

func TestCancel(t *testing.T) {
	c := opened(t)
	user := aUser(t, c)
	change := func(on *Client, ctx context.Context) error {
		_, err := on.Users.Update(ctx, user.ID, &UserInput{FullName: "Late"}, UserFieldFullName, nil)
		return err
	}
	whileLocked(t, c, user, func() {
		ctx, cancel := context.WithCancel(background)
		result := make(chan error)
		go func() { result <- change(c, ctx) }()
		untilWaits(t)
		cancel()
		err := <-result
		failed(t, err, ErrCancelled)
		same(t, errors.Is(err, context.Canceled), true)

		err = c.Transaction(background, nil, func(tx *Client) error {
			ctx, cancel := context.WithCancel(background)
			go func() { result <- change(tx, ctx) }()
			untilWaits(t)
			cancel()
			failed(t, <-result, ErrCancelled)
			return tx.Ping(background)
		})
		failed(t, err, ErrAborted)

		limited, over := context.WithTimeout(background, 100*time.Millisecond)
		defer over()
		err = change(c, limited)
		same(t, errors.Is(err, context.DeadlineExceeded), true)
		if !errors.Is(err, ErrTimeout) && !errors.Is(err, ErrCancelled) {
			t.Fatal(err)
		}
		err = change(c, limited)
		failed(t, err, ErrTimeout)
		same(t, errors.Is(err, context.DeadlineExceeded), true)
	})
	same(t, must[*User](t)(c.Users.Get(background, user.ID)).FullName, "Zoë")
	if err := change(c, background); err != nil {
		t.Fatal(err)
	}
}

func TestGoroutines(t *testing.T) {
	c := opened(t)
	var all sync.WaitGroup
	wrong := make(chan error, 8)
	for i := 0; i < 8; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			ctx, cancel := context.WithTimeout(background, time.Minute)
			defer cancel()
			for n := 0; n < 25; n++ {
				name := fmt.Sprintf("%d/%d", i, n)
				made, err := c.Users.Create(ctx, &UserInput{Email: address(), FullName: name})
				if err == nil {
					made, err = c.Users.Get(ctx, made.ID)
				}
				if err == nil && made.FullName != name {
					err = fmt.Errorf("%s, not %s", made.FullName, name)
				}
				if err != nil {
					wrong <- err
					return
				}
			}
		}(i)
	}
	all.Wait()
	select {
	case err := <-wrong:
		t.Fatal(err)
	default:
	}
}
