#version 460
#extension GL_GOOGLE_include_directive : require
// plane_resample: one axis of a separable resampling (this file: columns; variant vertical: rows). in: float plane; out:
// float plane, other size along the axis. Output i takes TAPS inputs from base[phase] + period · step on, where
// phase = i mod phases and period = i div phases; inputs beyond an edge repeat the edge. Weights come from Double.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint TAPS = 4;

#include "include/reach.glsl"

layout(push_constant) uniform Parameters {
    FloatsIn source;
    FloatsIn table;  // for each phase: base index, then TAPS weights
    FloatsOut target;
    uint sourceWidth;
    uint sourceHeight;
    uint targetWidth;
    uint targetHeight;
    uint phases;
    uint step;  // inputs a period advances
} parameters;

void main() {
    uint x = gl_GlobalInvocationID.x;
    uint y = gl_WorkGroupID.y;
    if (x >= parameters.targetWidth || y >= parameters.targetHeight) return;
#ifdef VERTICAL
    uint i = y;
    int last = int(parameters.sourceHeight) - 1;
#else
    uint i = x;
    int last = int(parameters.sourceWidth) - 1;
    uint row = y * parameters.sourceWidth;
#endif
    uint entry = i % parameters.phases * (TAPS + 1);
    int first = int(parameters.table.samples[entry]) + int(i / parameters.phases * parameters.step);
    float sum = 0.0;
    for (uint tap = 0; tap < TAPS; tap++) {
        uint index = uint(clamp(first + int(tap), 0, last));
#ifdef VERTICAL
        sum += parameters.table.samples[entry + 1 + tap] * parameters.source.samples[index * parameters.sourceWidth + x];
#else
        sum += parameters.table.samples[entry + 1 + tap] * parameters.source.samples[row + index];
#endif
    }
    parameters.target.samples[y * parameters.targetWidth + x] = sum;
}
