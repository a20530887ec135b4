#include "Migrations.h"

// A new step is a line here and a file beside this one; steps that have been released never change.
static const unsigned char accounts[] = {
#embed "0001_create_accounts.sql"
};
static const unsigned char videos[] = {
#embed "0002_create_videos.sql"
};
static const unsigned char queue[] = {
#embed "0003_create_queue.sql"
};
static const unsigned char webhooks[] = {
#embed "0004_create_webhooks.sql"
};
static const unsigned char housekeeping[] = {
#embed "0005_create_housekeeping.sql"
};
static const unsigned char unfinished_segments[] = {
#embed "0006_index_unfinished_segments.sql"
};
static const unsigned char s3[] = {
#embed "0007_create_s3.sql"
};
static const unsigned char billing[] = {
#embed "0008_create_billing.sql"
};

static const unsigned char audit_log[] = {
#embed "0009_create_audit_log.sql"
};
static const unsigned char event_streams[] = {
#embed "0010_stream_and_replay_events.sql"
};
static const unsigned char uploads[] = {
#embed "0011_create_uploads.sql"
};
static const unsigned char clips[] = {
#embed "0012_offer_clips.sql"
};
static const unsigned char video_lists[] = {
#embed "0013_keep_video_lists.sql"
};
static const unsigned char idempotency_keys[] = {
#embed "0014_tie_idempotency_keys.sql"
};
static const unsigned char list_parts[] = {
#embed "0017_look_up_list_parts.sql"
};
static const unsigned char change_times[] = {
#embed "0018_date_changes_after_creations.sql"
};
static const unsigned char restarts[] = {
#embed "0019_count_restarts.sql"
};
static const unsigned char kept_networks[] = {
#embed "0020_keep_jobs_with_their_networks.sql"
};
static const unsigned char credited_attempts[] = {
#embed "0021_count_attempts_since_progress.sql"
};
static const unsigned char transfers_apart[] = {
#embed "0022_index_transfers_apart.sql"
};
static const unsigned char frequent_questions[] = {
#embed "0023_index_what_is_asked_often.sql"
};
static const unsigned char answer_locations[] = {
#embed "0024_keep_locations_of_answers.sql"
};
static const unsigned char restored_databases[] = {
#embed "0025_know_restored_databases.sql"
};

static const struct remaster_migration steps[] = {
    {"0001_create_accounts", accounts, sizeof accounts},
    {"0002_create_videos", videos, sizeof videos},
    {"0003_create_queue", queue, sizeof queue},
    {"0004_create_webhooks", webhooks, sizeof webhooks},
    {"0005_create_housekeeping", housekeeping, sizeof housekeeping},
    {"0006_index_unfinished_segments", unfinished_segments, sizeof unfinished_segments},
    {"0007_create_s3", s3, sizeof s3},
    {"0008_create_billing", billing, sizeof billing},
    {"0009_create_audit_log", audit_log, sizeof audit_log},
    {"0010_stream_and_replay_events", event_streams, sizeof event_streams},
    {"0011_create_uploads", uploads, sizeof uploads},
    {"0012_offer_clips", clips, sizeof clips},
    {"0013_keep_video_lists", video_lists, sizeof video_lists},
    {"0014_tie_idempotency_keys", idempotency_keys, sizeof idempotency_keys},
    {"0017_look_up_list_parts", list_parts, sizeof list_parts},
    {"0018_date_changes_after_creations", change_times, sizeof change_times},
    {"0019_count_restarts", restarts, sizeof restarts},
    {"0020_keep_jobs_with_their_networks", kept_networks, sizeof kept_networks},
    {"0021_count_attempts_since_progress", credited_attempts, sizeof credited_attempts},
    {"0022_index_transfers_apart", transfers_apart, sizeof transfers_apart},
    {"0023_index_what_is_asked_often", frequent_questions, sizeof frequent_questions},
    {"0024_keep_locations_of_answers", answer_locations, sizeof answer_locations},
    {"0025_know_restored_databases", restored_databases, sizeof restored_databases},
};

size_t remaster_migration_count(void) { return sizeof steps / sizeof steps[0]; }

struct remaster_migration remaster_migration_at(size_t index) { return steps[index]; }
