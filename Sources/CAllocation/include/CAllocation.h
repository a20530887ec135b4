#ifndef REMASTER_ALLOCATION_H
#define REMASTER_ALLOCATION_H

#include <stdint.h>

/// Sets aside room on the disk for bytes of an open file, which keeps its size: `fallocate` of Linux, which the headers hold
/// back from Swift. Returns 0, or `errno`.
int remaster_set_room_aside(int descriptor, int64_t offset, int64_t length);

#endif
