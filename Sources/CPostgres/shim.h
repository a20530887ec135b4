#pragma once

#include <errno.h>
#include <libpq-fe.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// Fields of an error report: macros with character values.
static inline int cpostgres_diag_sqlstate(void) { return PG_DIAG_SQLSTATE; }
static inline int cpostgres_diag_message(void) { return PG_DIAG_MESSAGE_PRIMARY; }
static inline int cpostgres_diag_detail(void) { return PG_DIAG_MESSAGE_DETAIL; }
static inline int cpostgres_diag_hint(void) { return PG_DIAG_MESSAGE_HINT; }
static inline int cpostgres_diag_table(void) { return PG_DIAG_TABLE_NAME; }
static inline int cpostgres_diag_column(void) { return PG_DIAG_COLUMN_NAME; }
static inline int cpostgres_diag_constraint(void) { return PG_DIAG_CONSTRAINT_NAME; }

static inline void cpostgres_ignore_notice(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

// Notices would otherwise go to standard error.
static inline void cpostgres_silence_notices(PGconn *connection) {
    PQsetNoticeReceiver(connection, cpostgres_ignore_notice, 0);
}

// A descriptor that becomes readable when the process ends, whoever started it; -1 with errno set.
static inline int cpostgres_pidfd_open(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

// glibc declares these under _GNU_SOURCE only, which the importer does not define.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
static const short cpostgres_spawn_flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | 0x80 /* POSIX_SPAWN_SETSID */;
