// Written by Scripts/shaders: the SPIR-V of every kernel, embedded in the order of ShaderName.
#include "Shaders.h"

alignas(4) static const unsigned char line_cost_code[] = {
#embed "spirv/line_cost.spv"
};
alignas(4) static const unsigned char line_place_code[] = {
#embed "spirv/line_place.spv"
};
alignas(4) static const unsigned char line_slope_code[] = {
#embed "spirv/line_slope.spv"
};
alignas(4) static const unsigned char memory_combine_code[] = {
#embed "spirv/memory_combine.spv"
};
alignas(4) static const unsigned char memory_fill_code[] = {
#embed "spirv/memory_fill.spv"
};
alignas(4) static const unsigned char net_combine_code[] = {
#embed "spirv/net_combine.spv"
};
alignas(4) static const unsigned char net_combine_half_code[] = {
#embed "spirv/net_combine_half.spv"
};
alignas(4) static const unsigned char net_convolve_code[] = {
#embed "spirv/net_convolve.spv"
};
alignas(4) static const unsigned char net_convolve_k1_o16_code[] = {
#embed "spirv/net_convolve_k1_o16.spv"
};
alignas(4) static const unsigned char net_convolve_k1_o4_code[] = {
#embed "spirv/net_convolve_k1_o4.spv"
};
alignas(4) static const unsigned char net_convolve_k1_o4_small_code[] = {
#embed "spirv/net_convolve_k1_o4_small.spv"
};
alignas(4) static const unsigned char net_convolve_k1_o4_small_half_code[] = {
#embed "spirv/net_convolve_k1_o4_small_half.spv"
};
alignas(4) static const unsigned char net_convolve_k1_o8_code[] = {
#embed "spirv/net_convolve_k1_o8.spv"
};
alignas(4) static const unsigned char net_convolve_k1_o8_small_code[] = {
#embed "spirv/net_convolve_k1_o8_small.spv"
};
alignas(4) static const unsigned char net_convolve_k1_o8_small_half_code[] = {
#embed "spirv/net_convolve_k1_o8_small_half.spv"
};
alignas(4) static const unsigned char net_convolve_k3_o12_code[] = {
#embed "spirv/net_convolve_k3_o12.spv"
};
alignas(4) static const unsigned char net_convolve_k3_o16_code[] = {
#embed "spirv/net_convolve_k3_o16.spv"
};
alignas(4) static const unsigned char net_convolve_k3_o24_code[] = {
#embed "spirv/net_convolve_k3_o24.spv"
};
alignas(4) static const unsigned char net_convolve_k3_o4_code[] = {
#embed "spirv/net_convolve_k3_o4.spv"
};
alignas(4) static const unsigned char net_convolve_k3_o4_small_code[] = {
#embed "spirv/net_convolve_k3_o4_small.spv"
};
alignas(4) static const unsigned char net_convolve_k3_o4_small_half_code[] = {
#embed "spirv/net_convolve_k3_o4_small_half.spv"
};
alignas(4) static const unsigned char net_convolve_k3_o8_code[] = {
#embed "spirv/net_convolve_k3_o8.spv"
};
alignas(4) static const unsigned char net_convolve_k3_o8_small_code[] = {
#embed "spirv/net_convolve_k3_o8_small.spv"
};
alignas(4) static const unsigned char net_convolve_k3_o8_small_half_code[] = {
#embed "spirv/net_convolve_k3_o8_small_half.spv"
};
alignas(4) static const unsigned char net_convolve_plain_code[] = {
#embed "spirv/net_convolve_plain.spv"
};
alignas(4) static const unsigned char net_convolve_plain_half_code[] = {
#embed "spirv/net_convolve_plain_half.spv"
};
alignas(4) static const unsigned char net_export_code[] = {
#embed "spirv/net_export.spv"
};
alignas(4) static const unsigned char net_export_half_code[] = {
#embed "spirv/net_export_half.spv"
};
alignas(4) static const unsigned char net_import_code[] = {
#embed "spirv/net_import.spv"
};
alignas(4) static const unsigned char net_import_half_code[] = {
#embed "spirv/net_import_half.spv"
};
alignas(4) static const unsigned char net_linear_code[] = {
#embed "spirv/net_linear.spv"
};
alignas(4) static const unsigned char net_modulate_code[] = {
#embed "spirv/net_modulate.spv"
};
alignas(4) static const unsigned char net_modulate_half_code[] = {
#embed "spirv/net_modulate_half.spv"
};
alignas(4) static const unsigned char net_resize_code[] = {
#embed "spirv/net_resize.spv"
};
alignas(4) static const unsigned char net_resize_half_code[] = {
#embed "spirv/net_resize_half.spv"
};
alignas(4) static const unsigned char net_shuffle_code[] = {
#embed "spirv/net_shuffle.spv"
};
alignas(4) static const unsigned char net_shuffle_half_code[] = {
#embed "spirv/net_shuffle_half.spv"
};
alignas(4) static const unsigned char net_sum_rows_code[] = {
#embed "spirv/net_sum_rows.spv"
};
alignas(4) static const unsigned char net_sum_rows_half_code[] = {
#embed "spirv/net_sum_rows_half.spv"
};
alignas(4) static const unsigned char net_transpose_code[] = {
#embed "spirv/net_transpose.spv"
};
alignas(4) static const unsigned char net_transpose_half_code[] = {
#embed "spirv/net_transpose_half.spv"
};
alignas(4) static const unsigned char net_warp_code[] = {
#embed "spirv/net_warp.spv"
};
alignas(4) static const unsigned char net_warp_half_code[] = {
#embed "spirv/net_warp_half.spv"
};
alignas(4) static const unsigned char picture_grade_code[] = {
#embed "spirv/picture_grade.spv"
};
alignas(4) static const unsigned char picture_grade_local_code[] = {
#embed "spirv/picture_grade_local.spv"
};
alignas(4) static const unsigned char picture_survey_code[] = {
#embed "spirv/picture_survey.spv"
};
alignas(4) static const unsigned char plane_average_code[] = {
#embed "spirv/plane_average.spv"
};
alignas(4) static const unsigned char plane_deband_code[] = {
#embed "spirv/plane_deband.spv"
};
alignas(4) static const unsigned char plane_enlarge_code[] = {
#embed "spirv/plane_enlarge.spv"
};
alignas(4) static const unsigned char plane_enlarge_vertical_code[] = {
#embed "spirv/plane_enlarge_vertical.spv"
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
    {line_cost_code, sizeof line_cost_code},
    {line_place_code, sizeof line_place_code},
    {line_slope_code, sizeof line_slope_code},
    {memory_combine_code, sizeof memory_combine_code},
    {memory_fill_code, sizeof memory_fill_code},
    {net_combine_code, sizeof net_combine_code},
    {net_combine_half_code, sizeof net_combine_half_code},
    {net_convolve_code, sizeof net_convolve_code},
    {net_convolve_k1_o16_code, sizeof net_convolve_k1_o16_code},
    {net_convolve_k1_o4_code, sizeof net_convolve_k1_o4_code},
    {net_convolve_k1_o4_small_code, sizeof net_convolve_k1_o4_small_code},
    {net_convolve_k1_o4_small_half_code, sizeof net_convolve_k1_o4_small_half_code},
    {net_convolve_k1_o8_code, sizeof net_convolve_k1_o8_code},
    {net_convolve_k1_o8_small_code, sizeof net_convolve_k1_o8_small_code},
    {net_convolve_k1_o8_small_half_code, sizeof net_convolve_k1_o8_small_half_code},
    {net_convolve_k3_o12_code, sizeof net_convolve_k3_o12_code},
    {net_convolve_k3_o16_code, sizeof net_convolve_k3_o16_code},
    {net_convolve_k3_o24_code, sizeof net_convolve_k3_o24_code},
    {net_convolve_k3_o4_code, sizeof net_convolve_k3_o4_code},
    {net_convolve_k3_o4_small_code, sizeof net_convolve_k3_o4_small_code},
    {net_convolve_k3_o4_small_half_code, sizeof net_convolve_k3_o4_small_half_code},
    {net_convolve_k3_o8_code, sizeof net_convolve_k3_o8_code},
    {net_convolve_k3_o8_small_code, sizeof net_convolve_k3_o8_small_code},
    {net_convolve_k3_o8_small_half_code, sizeof net_convolve_k3_o8_small_half_code},
    {net_convolve_plain_code, sizeof net_convolve_plain_code},
    {net_convolve_plain_half_code, sizeof net_convolve_plain_half_code},
    {net_export_code, sizeof net_export_code},
    {net_export_half_code, sizeof net_export_half_code},
    {net_import_code, sizeof net_import_code},
    {net_import_half_code, sizeof net_import_half_code},
    {net_linear_code, sizeof net_linear_code},
    {net_modulate_code, sizeof net_modulate_code},
    {net_modulate_half_code, sizeof net_modulate_half_code},
    {net_resize_code, sizeof net_resize_code},
    {net_resize_half_code, sizeof net_resize_half_code},
    {net_shuffle_code, sizeof net_shuffle_code},
    {net_shuffle_half_code, sizeof net_shuffle_half_code},
    {net_sum_rows_code, sizeof net_sum_rows_code},
    {net_sum_rows_half_code, sizeof net_sum_rows_half_code},
    {net_transpose_code, sizeof net_transpose_code},
    {net_transpose_half_code, sizeof net_transpose_half_code},
    {net_warp_code, sizeof net_warp_code},
    {net_warp_half_code, sizeof net_warp_half_code},
    {picture_grade_code, sizeof picture_grade_code},
    {picture_grade_local_code, sizeof picture_grade_local_code},
    {picture_survey_code, sizeof picture_survey_code},
    {plane_average_code, sizeof plane_average_code},
    {plane_deband_code, sizeof plane_deband_code},
    {plane_enlarge_code, sizeof plane_enlarge_code},
    {plane_enlarge_vertical_code, sizeof plane_enlarge_vertical_code},
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
