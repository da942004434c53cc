package teleai_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"teleai"
	"time"
)

func open() *teleai.Client {
	client, err := teleai.Open(context.Background(), os.Getenv("TELEAI_DATABASE_URL"), nil)
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func Example() {
	ctx := context.Background()
	client, err := teleai.Open(ctx, os.Getenv("TELEAI_DATABASE_URL"), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ann, err := client.Users.Create(ctx, &teleai.UserInput{Email: "ann@example.org", FullName: "Ann Example"})
	if errors.Is(err, teleai.ErrAlreadyExists) { // this is not the first run
		ann, err = client.Users.GetByEmail(ctx, "ann@example.org")
	}
	if err != nil {
		log.Fatal(err)
	}
	file, err := client.AudioFiles.Create(ctx, &teleai.AudioFileInput{
		UserID:        ann.ID,
		FileName:      "ward-round.wav",
		FilePath:      "/recordings/ward-round.wav",
		MimeType:      "audio/wav",
		FileSizeBytes: 1843200,
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Transcriptions.Create(ctx, &teleai.TranscriptionInput{
		AudioFileID:  file.ID,
		UserID:       ann.ID,
		Text:         teleai.Ptr("Her heart rate was ninety in the morning and is sixty eight now."),
		LanguageCode: "en",
		Engine:       "by hand",
		Status:       teleai.TranscriptionCompleted,
	})
	if err != nil {
		log.Fatal(err)
	}
	hits, err := client.SearchTranscriptions(ctx, `"heart rate" morning -drill`, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, hit := range hits.Items {
		fmt.Println(hit.FileName, hit.LanguageCode)
	}
	// Output: ward-round.wav en
}

func ExampleError() {
	client := open()
	defer client.Close()

	_, err := client.Users.Create(context.Background(), &teleai.UserInput{Email: "not an address", FullName: "Ann"})
	var failed *teleai.Error
	if errors.As(err, &failed) {
		fmt.Println(failed.Status, failed.Field, failed.Retryable)
	}
	// Output: INVALID_ARGUMENT email false
}

func ExampleClient_Transaction() {
	client := open()
	defer client.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := client.Transaction(ctx, nil, func(tx *teleai.Client) error {
		if _, err := tx.Users.Create(ctx, &teleai.UserInput{Email: "bob@example.org", FullName: "Bob"}); err != nil {
			return err
		}
		return errors.New("changed my mind") // all of it is rolled back
	})
	_, gone := client.Users.GetByEmail(ctx, "bob@example.org")
	fmt.Println(err, errors.Is(gone, teleai.ErrNotFound))
	// Output: changed my mind true
}

func ExampleUserCalls_List() {
	client := open()
	defer client.Close()

	page := &teleai.Page{Limit: 100, Order: teleai.OrderOldestFirst}
	for {
		users, err := client.Users.List(context.Background(), &teleai.UserFilter{IsActive: teleai.Ptr(true)}, page)
		if err != nil {
			log.Fatal(err)
		}
		for _, user := range users.Items {
			_ = user.Email
		}
		if users.NextCursor == nil {
			break
		}
		page.Cursor = users.NextCursor
	}
}

func ExampleUserCalls_Update() {
	client := open()
	defer client.Close()

	ctx := context.Background()
	eve, err := client.Users.Create(ctx, &teleai.UserInput{Email: "eve@example.org", FullName: "Eve"})
	if err != nil {
		log.Fatal(err)
	}
	eve, err = client.Users.Update(ctx, eve.ID,
		&teleai.UserInput{FullName: "Eve Example", Role: teleai.RoleAdmin},
		teleai.UserFieldFullName|teleai.UserFieldRole,
		&teleai.UpdateOptions{IfUnchangedSince: eve.UpdatedAt})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(eve.FullName, eve.Role)
	// Output: Eve Example admin
}
