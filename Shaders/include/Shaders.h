// Written by Scripts/shaders: access to the embedded SPIR-V of every kernel.
#pragma once
#include <stddef.h>

/// Number of embedded kernels.
size_t remaster_shader_count(void);

/// SPIR-V words of one kernel, aligned to 4 bytes, valid for the life of the process; null past the end.
const void *_Nullable remaster_shader_code(size_t index, size_t *_Nonnull size);
