// Written by Scripts/shaders: the SPIR-V of every kernel, embedded in the order of ShaderName.
#include "Shaders.h"

alignas(4) static const unsigned char memory_combine_code[] = {
#embed "spirv/memory_combine.spv"
};
alignas(4) static const unsigned char memory_fill_code[] = {
#embed "spirv/memory_fill.spv"
};
alignas(4) static const unsigned char picture_grade_code[] = {
#embed "spirv/picture_grade.spv"
};
alignas(4) static const unsigned char plane_average_code[] = {
#embed "spirv/plane_average.spv"
};
alignas(4) static const unsigned char plane_deband_code[] = {
#embed "spirv/plane_deband.spv"
};
alignas(4) static const unsigned char plane_grain_code[] = {
#embed "spirv/plane_grain.spv"
};
alignas(4) static const unsigned char plane_lock_code[] = {
#embed "spirv/plane_lock.spv"
};
alignas(4) static const unsigned char plane_quantise_code[] = {
#embed "spirv/plane_quantise.spv"
};
alignas(4) static const unsigned char plane_resample_code[] = {
#embed "spirv/plane_resample.spv"
};
alignas(4) static const unsigned char plane_resample_vertical_code[] = {
#embed "spirv/plane_resample_vertical.spv"
};
alignas(4) static const unsigned char plane_unpack_code[] = {
#embed "spirv/plane_unpack.spv"
};

static const struct { const unsigned char *code; size_t size; } table[] = {
    {memory_combine_code, sizeof memory_combine_code},
    {memory_fill_code, sizeof memory_fill_code},
    {picture_grade_code, sizeof picture_grade_code},
    {plane_average_code, sizeof plane_average_code},
    {plane_deband_code, sizeof plane_deband_code},
    {plane_grain_code, sizeof plane_grain_code},
    {plane_lock_code, sizeof plane_lock_code},
    {plane_quantise_code, sizeof plane_quantise_code},
    {plane_resample_code, sizeof plane_resample_code},
    {plane_resample_vertical_code, sizeof plane_resample_vertical_code},
    {plane_unpack_code, sizeof plane_unpack_code},
};

size_t remaster_shader_count(void) { return sizeof table / sizeof table[0]; }

const void *remaster_shader_code(size_t index, size_t *size) {
    if (index >= remaster_shader_count()) {
        *size = 0;
        return nullptr;
    }
    *size = table[index].size;
    return table[index].code;
}
