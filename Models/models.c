// Written by Scripts/models: the bytes of every network file, in the order of their names.
#include "Models.h"

alignas(8) static const unsigned char deint_bytes[] = {
#embed "deint.safetensors"
};
alignas(8) static const unsigned char dejit_bytes[] = {
#embed "dejit.safetensors"
};
alignas(8) static const unsigned char denoise_bytes[] = {
#embed "denoise.safetensors"
};
alignas(8) static const unsigned char dvres2_chroma_bytes[] = {
#embed "dvres2_chroma.safetensors"
};
alignas(8) static const unsigned char dvres2_fine_tuning_x1_bytes[] = {
#embed "dvres2_fine_tuning_x1.safetensors"
};
alignas(8) static const unsigned char dvres2_fine_tuning_x2_bytes[] = {
#embed "dvres2_fine_tuning_x2.safetensors"
};
alignas(8) static const unsigned char dvres2_fine_tuning_x2_gpu_bytes[] = {
#embed "dvres2_fine_tuning_x2_gpu.safetensors"
};
alignas(8) static const unsigned char dvres2_fine_tuning_x3_bytes[] = {
#embed "dvres2_fine_tuning_x3.safetensors"
};
alignas(8) static const unsigned char dvres2_fine_tuning_x4_bytes[] = {
#embed "dvres2_fine_tuning_x4.safetensors"
};
alignas(8) static const unsigned char dvres2_generic_x1_bytes[] = {
#embed "dvres2_generic_x1.safetensors"
};
alignas(8) static const unsigned char dvres2_generic_x2_bytes[] = {
#embed "dvres2_generic_x2.safetensors"
};
alignas(8) static const unsigned char dvres2_generic_x3_bytes[] = {
#embed "dvres2_generic_x3.safetensors"
};
alignas(8) static const unsigned char dvres2_generic_x4_bytes[] = {
#embed "dvres2_generic_x4.safetensors"
};
alignas(8) static const unsigned char dvres2_selfie_style_x1_bytes[] = {
#embed "dvres2_selfie_style_x1.safetensors"
};
alignas(8) static const unsigned char dvres2_selfie_style_x2_bytes[] = {
#embed "dvres2_selfie_style_x2.safetensors"
};
alignas(8) static const unsigned char dvres2_selfie_style_x3_bytes[] = {
#embed "dvres2_selfie_style_x3.safetensors"
};
alignas(8) static const unsigned char dvres2_selfie_style_x4_bytes[] = {
#embed "dvres2_selfie_style_x4.safetensors"
};
alignas(8) static const unsigned char infinitehdr_bytes[] = {
#embed "infinitehdr.safetensors"
};
alignas(8) static const unsigned char infinitehdr_highlights_bytes[] = {
#embed "infinitehdr_highlights.safetensors"
};
alignas(8) static const unsigned char infinitehdr_local_bytes[] = {
#embed "infinitehdr_local.safetensors"
};

static const struct { const char *name; const unsigned char *bytes; size_t size; } table[] = {
    {"deint", deint_bytes, sizeof deint_bytes},
    {"dejit", dejit_bytes, sizeof dejit_bytes},
    {"denoise", denoise_bytes, sizeof denoise_bytes},
    {"dvres2_chroma", dvres2_chroma_bytes, sizeof dvres2_chroma_bytes},
    {"dvres2_fine_tuning_x1", dvres2_fine_tuning_x1_bytes, sizeof dvres2_fine_tuning_x1_bytes},
    {"dvres2_fine_tuning_x2", dvres2_fine_tuning_x2_bytes, sizeof dvres2_fine_tuning_x2_bytes},
    {"dvres2_fine_tuning_x2_gpu", dvres2_fine_tuning_x2_gpu_bytes, sizeof dvres2_fine_tuning_x2_gpu_bytes},
    {"dvres2_fine_tuning_x3", dvres2_fine_tuning_x3_bytes, sizeof dvres2_fine_tuning_x3_bytes},
    {"dvres2_fine_tuning_x4", dvres2_fine_tuning_x4_bytes, sizeof dvres2_fine_tuning_x4_bytes},
    {"dvres2_generic_x1", dvres2_generic_x1_bytes, sizeof dvres2_generic_x1_bytes},
    {"dvres2_generic_x2", dvres2_generic_x2_bytes, sizeof dvres2_generic_x2_bytes},
    {"dvres2_generic_x3", dvres2_generic_x3_bytes, sizeof dvres2_generic_x3_bytes},
    {"dvres2_generic_x4", dvres2_generic_x4_bytes, sizeof dvres2_generic_x4_bytes},
    {"dvres2_selfie_style_x1", dvres2_selfie_style_x1_bytes, sizeof dvres2_selfie_style_x1_bytes},
    {"dvres2_selfie_style_x2", dvres2_selfie_style_x2_bytes, sizeof dvres2_selfie_style_x2_bytes},
    {"dvres2_selfie_style_x3", dvres2_selfie_style_x3_bytes, sizeof dvres2_selfie_style_x3_bytes},
    {"dvres2_selfie_style_x4", dvres2_selfie_style_x4_bytes, sizeof dvres2_selfie_style_x4_bytes},
    {"infinitehdr", infinitehdr_bytes, sizeof infinitehdr_bytes},
    {"infinitehdr_highlights", infinitehdr_highlights_bytes, sizeof infinitehdr_highlights_bytes},
    {"infinitehdr_local", infinitehdr_local_bytes, sizeof infinitehdr_local_bytes},
    {nullptr, nullptr, 0},
};

size_t remaster_model_count(void) { return sizeof table / sizeof table[0] - 1; }

const char *remaster_model_name(size_t index) { return index < remaster_model_count() ? table[index].name : nullptr; }

const void *remaster_model_bytes(size_t index, size_t *size) {
    *size = index < remaster_model_count() ? table[index].size : 0;
    return index < remaster_model_count() ? table[index].bytes : nullptr;
}
