#version 460
// net_shuffle: pixel shuffle (channels to pixels) or unshuffle (pixels to channels) by FACTOR, in PyTorch's channel order.
// in, out: maps. An invocation makes four samples.
#extension GL_GOOGLE_include_directive : require
#include "net_common.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const int FACTOR = 2;
layout(constant_id = 4) const bool UNSHUFFLE = false;

layout(std430, set = 0, binding = 0) readonly buffer Source { MAP1 samples[]; } source;
layout(std430, set = 0, binding = 1) writeonly buffer Target { MAP4 samples[]; } target;

layout(push_constant) uniform Parameters {
    int sourceStride;  // vectors of a row
    int sourcePlane;   // vectors of a channel
    int width;         // of the target, samples
    int height;
    int stride;
    int plane;
    int channels;      // of the target
} parameters;

void main() {
    int x0 = int(gl_GlobalInvocationID.x) * 4;
    int y = int(gl_GlobalInvocationID.y);
    int channel = int(gl_GlobalInvocationID.z);
    if (x0 >= parameters.stride * 4 || y >= parameters.height || channel >= parameters.channels) return;
    vec4 four = vec4(0);
    [[unroll]] for (int e = 0; e < 4; e++) {
        int x = x0 + e;
        if (x < parameters.width) {
            int from = UNSHUFFLE ? channel / (FACTOR * FACTOR) : channel * FACTOR * FACTOR + (y % FACTOR) * FACTOR + x % FACTOR;
            int row = UNSHUFFLE ? y * FACTOR + channel % (FACTOR * FACTOR) / FACTOR : y / FACTOR;
            int column = UNSHUFFLE ? x * FACTOR + channel % FACTOR : x / FACTOR;
            four[e] = float(source.samples[(from * parameters.sourcePlane + row * parameters.sourceStride) * 4 + column]);
        }
    }
    target.samples[channel * parameters.plane + y * parameters.stride + x0 / 4] = STORE4(four);
}
