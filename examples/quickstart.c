/* From nothing to a search hit: the program of the README. Needs PostgreSQL's programs installed, nothing running. */
#include <stdio.h>

#include <teleai.h>

static int fail(const teleai_error *error) {
    fprintf(stderr, "%s (%s)\n", error->message, teleai_status_name(error->status));
    return 1;
}

int main(void) {
    teleai_error error;
    teleai_client *client = NULL;
    if (teleai_open("local:./data", NULL, &client, &error) != TELEAI_OK)
        return fail(&error);

    teleai_user *ann = NULL;
    teleai_user_input person = {.struct_size = sizeof person,
                                .email = "ann@example.org",
                                .full_name = "Ann Example",
                                .password = "correct horse battery staple"};
    if (teleai_user_create(client, &person, &ann, &error) == TELEAI_ALREADY_EXISTS) /* this is not the first run */
        teleai_user_get_by_email(client, person.email, &ann, &error);
    if (ann == NULL)
        return fail(&error);

    teleai_audio_file *file = NULL;
    teleai_audio_file_input recording = {.struct_size = sizeof recording,
                                         .user_id = &ann->id,
                                         .file_name = "ward-round.wav",
                                         .file_path = "/recordings/ward-round.wav",
                                         .mime_type = "audio/wav",
                                         .file_size_bytes = 1843200};
    if (teleai_audio_file_create(client, &recording, &file, &error) != TELEAI_OK)
        return fail(&error);

    teleai_transcription_input heard = {.struct_size = sizeof heard,
                                        .audio_file_id = &file->id,
                                        .user_id = &ann->id,
                                        .text = "Her heart rate was ninety in the morning and is sixty eight now.",
                                        .language_code = "en",
                                        .engine = "by hand",
                                        .status = TELEAI_TRANSCRIPTION_COMPLETED};
    if (teleai_transcription_create(client, &heard, NULL, &error) != TELEAI_OK)
        return fail(&error);

    teleai_search_hits *hits = NULL;
    if (teleai_search_transcriptions(client, "\"heart rate\" morning -drill", NULL, &hits, &error) != TELEAI_OK)
        return fail(&error);
    for (size_t i = 0; i < hits->count; i++)
        printf("%s: %s\n", hits->items[i]->file_name, hits->items[i]->snippet_marked);

    teleai_search_hits_free(hits);
    teleai_audio_file_free(file);
    teleai_user_free(ann);
    teleai_close(client);
    return 0;
}
