#version 460
#extension GL_GOOGLE_include_directive : require
// plane_deband: pulls a sample to the smooth surface through its neighbourhood's block means where it lies so close to
// it that only rounding to 8 bits can be the reason: weight (1 − |d| / threshold)², 0 from the threshold on. A block
// with texture or an edge has samples beyond the threshold and keeps them. in: float plane, its block means; out: plane.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

#include "include/grid.glsl"
#include "include/reach.glsl"

layout(push_constant) uniform Parameters {
    FloatsIn source;
    FloatsIn means;
    FloatsOut target;
    uint width;  // of the plane, in samples
    uint height;
    uint block;       // samples a side of a block, a multiple of 16
    float threshold;  // in sample values
} parameters;

void main() {
    uint start = gl_GlobalInvocationID.x * GRID_RUN;
    uint y = gl_WorkGroupID.y;
    if (start >= parameters.width || y >= parameters.height) return;
    uint columns = (parameters.width + parameters.block - 1) / parameters.block;
    uint rows = (parameters.height + parameters.block - 1) / parameters.block;
    uint above, below, left, right;
    gridNeighbours(y, parameters.block, rows, above, below);
    gridNeighbours(start, parameters.block, columns, left, right);
    FloatsIn means = parameters.means;
    vec2 upper = vec2(means.samples[above * columns + left], means.samples[above * columns + right]);
    vec2 lower = vec2(means.samples[below * columns + left], means.samples[below * columns + right]);
    vec2 ends = mix(upper, lower, gridFraction(y, parameters.block));
    for (uint x = start; x < min(start + GRID_RUN, parameters.width); x++) {
        float value = parameters.source.samples[y * parameters.width + x];
        float distance = mix(ends.x, ends.y, gridFraction(x, parameters.block)) - value;
        float weight = max(0.0, 1.0 - abs(distance) / parameters.threshold);
        parameters.target.samples[y * parameters.width + x] = value + weight * weight * distance;
    }
}
