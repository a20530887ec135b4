// Access to the embedded network files.
#pragma once
#include <stddef.h>

/// Number of embedded networks.
size_t remaster_model_count(void);

/// File name of one network without `.safetensors`, valid for the life of the process; null past the end.
const char *_Nullable remaster_model_name(size_t index);

/// Bytes of one network's file, aligned to 8 bytes, valid for the life of the process; null past the end.
const void *_Nullable remaster_model_bytes(size_t index, size_t *_Nonnull size);
