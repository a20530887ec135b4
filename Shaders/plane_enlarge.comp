#version 460
#extension GL_GOOGLE_include_directive : require
// plane_enlarge: plane_resample for ratios whose weights repeat after at most eight outputs (×2, ×3, ×4, ×6, ×3/2, ×1/2, …):
// an invocation makes one whole period, so that inputs are read once and weights are the same for all invocations.
// This file: columns; variant vertical: rows. Output period · PHASES + p = Σ weights[w][p] · input period · step + base + w;
// inputs beyond an edge repeat the edge.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint WINDOW = 5;  // inputs under a period, at most 64
layout(constant_id = 4) const uint PHASES = 2;  // outputs of a period, 1…8

#include "include/reach.glsl"

layout(std140, set = 0, binding = 0) uniform Weights { vec4 rows[128]; } weights;  // two for each input: phases 0…3, 4…7

layout(push_constant) uniform Parameters {
    FloatsIn source;
    FloatsOut target;
    uint sourceWidth;
    uint sourceHeight;
    uint targetWidth;
    uint targetHeight;
    int base;   // first input of the first period
    uint step;  // inputs a period advances
} parameters;

void main() {
    uint x = gl_GlobalInvocationID.x;
    uint y = gl_WorkGroupID.y;
#ifdef VERTICAL
    uint period = y;
    uint begin = period * PHASES;
    if (x >= parameters.targetWidth || begin >= parameters.targetHeight) return;
    int last = int(parameters.sourceHeight) - 1;
    uint place = begin * parameters.targetWidth + x;
    uint stride = parameters.targetWidth;
    uint count = min(PHASES, parameters.targetHeight - begin);
#else
    uint period = x;
    uint begin = period * PHASES;
    if (begin >= parameters.targetWidth || y >= parameters.targetHeight) return;
    int last = int(parameters.sourceWidth) - 1;
    uint row = y * parameters.sourceWidth;
    uint place = y * parameters.targetWidth + begin;
    const uint stride = 1;
    uint count = min(PHASES, parameters.targetWidth - begin);
#endif
    int first = parameters.base + int(period * parameters.step);
    vec4 sum = vec4(0.0);
    vec4 more = vec4(0.0);
    for (uint w = 0; w < WINDOW; w++) {
        uint index = uint(clamp(first + int(w), 0, last));
#ifdef VERTICAL
        float value = parameters.source.samples[index * parameters.sourceWidth + x];
#else
        float value = parameters.source.samples[row + index];
#endif
        sum += weights.rows[2 * w] * value;
        if (PHASES > 4) more += weights.rows[2 * w + 1] * value;
    }
    for (uint phase = 0; phase < min(PHASES, 4); phase++)
        if (phase < count) parameters.target.samples[place + phase * stride] = sum[phase];
    for (uint phase = 4; phase < PHASES; phase++)
        if (phase < count) parameters.target.samples[place + phase * stride] = more[phase - 4];
}
