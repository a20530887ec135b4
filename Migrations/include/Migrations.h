#pragma once

#include <stddef.h>

/// One step of the schema: the file's name without `.sql`, such as `0001_create_accounts`, and its text.
struct remaster_migration {
    const char *name;
    const unsigned char *text;
    size_t length;
};

/// Number of steps.
size_t remaster_migration_count(void);

/// The step at `index`, from 0, in the order they are applied.
struct remaster_migration remaster_migration_at(size_t index);
