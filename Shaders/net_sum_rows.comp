#version 460
// net_sum_rows: sums of the rows of a map, in a fixed order. in: map; out: sums[channel][row], 32-bit floats.
#extension GL_GOOGLE_include_directive : require
#include "net_common.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout(std430, set = 0, binding = 0) readonly buffer Source { MAP4 samples[]; } source;
layout(std430, set = 0, binding = 1) writeonly buffer Sums { float values[]; } sums;

layout(push_constant) uniform Parameters {
    int height;    // samples
    int stride;    // vectors of a row
    int plane;     // vectors of a channel
    int channels;
} parameters;

void main() {
    int y = int(gl_GlobalInvocationID.x);
    int channel = int(gl_GlobalInvocationID.y);
    if (y >= parameters.height || channel >= parameters.channels) return;
    vec4 sum = vec4(0);  // the padding of a row is zero
    for (int x = 0; x < parameters.stride; x++) sum += LOAD4(source.samples[channel * parameters.plane + y * parameters.stride + x]);
    sums.values[channel * parameters.height + y] = (sum.x + sum.y) + (sum.z + sum.w);
}
