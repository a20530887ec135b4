#version 460
#extension GL_GOOGLE_include_directive : require
// plane_average: means of square blocks of a float plane; blocks at the right and bottom edge may be smaller. One
// invocation sums one block in row order: the result does not depend on scheduling.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

#include "include/reach.glsl"

layout(push_constant) uniform Parameters {
    FloatsIn source;
    FloatsOut means;
    uint width;  // of the source, in samples
    uint height;
    uint block;  // samples a side
} parameters;

void main() {
    uvec2 grid = uvec2((parameters.width + parameters.block - 1) / parameters.block, (parameters.height + parameters.block - 1) / parameters.block);
    uvec2 place = gl_GlobalInvocationID.xy;
    if (place.x >= grid.x || place.y >= grid.y) return;
    uvec2 begin = place * parameters.block;
    uvec2 end = min(begin + parameters.block, uvec2(parameters.width, parameters.height));
    float sum = 0.0;
    for (uint y = begin.y; y < end.y; y++) {
        float row = 0.0;
        for (uint x = begin.x; x < end.x; x++) row += parameters.source.samples[y * parameters.width + x];
        sum += row;
    }
    parameters.means.samples[place.y * grid.x + place.x] = sum / float((end.x - begin.x) * (end.y - begin.y));
}
