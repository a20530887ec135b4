#include "Models.h"
size_t remaster_model_count(void) { return 0; }
const char *remaster_model_name(size_t index) { (void)index; return nullptr; }
const void *remaster_model_bytes(size_t index, size_t *size) { (void)index; *size = 0; return nullptr; }
