#version 460
// net_warp: bilinear sample of a map at (x + dx, y + dy), borders repeated; flow channels dx, dy in pixels, clamped to
// +-most. in, out: maps of one size. The whole part of the flow is split off before the position is added, so that the
// result does not depend on where in a picture a tile lies.
#extension GL_GOOGLE_include_directive : require
#include "net_common.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout(std430, set = 0, binding = 0) readonly buffer Source { MAP1 samples[]; } source;
layout(std430, set = 0, binding = 1) readonly buffer Flow { MAP4 samples[]; } flow;
layout(std430, set = 0, binding = 2) writeonly buffer Target { MAP4 samples[]; } target;

layout(push_constant) uniform Parameters {
    int width;     // samples
    int height;
    int stride;    // vectors of a row
    int plane;     // vectors of a channel
    int channels;
    float most;    // pixels
} parameters;

float at(int channel, int row, int column) {
    row = clamp(row, 0, parameters.height - 1);
    column = clamp(column, 0, parameters.width - 1);
    return float(source.samples[(channel * parameters.plane + row * parameters.stride) * 4 + column]);
}

void main() {
    int x = int(gl_GlobalInvocationID.x);
    int y = int(gl_GlobalInvocationID.y);
    int channel = int(gl_GlobalInvocationID.z);
    if (x >= parameters.stride || y >= parameters.height || channel >= parameters.channels) return;
    int place = y * parameters.stride + x;
    vec4 dx = clamp(LOAD4(flow.samples[place]), vec4(-parameters.most), vec4(parameters.most));
    vec4 dy = clamp(LOAD4(flow.samples[parameters.plane + place]), vec4(-parameters.most), vec4(parameters.most));
    vec4 wholeX = floor(dx), wholeY = floor(dy);
    vec4 tx = dx - wholeX, ty = dy - wholeY;
    vec4 four;
    [[unroll]] for (int e = 0; e < 4; e++) {
        int column = x * 4 + e + int(wholeX[e]);
        int row = y + int(wholeY[e]);
        float top = at(channel, row, column) * (1 - tx[e]) + at(channel, row, column + 1) * tx[e];
        float bottom = at(channel, row + 1, column) * (1 - tx[e]) + at(channel, row + 1, column + 1) * tx[e];
        four[e] = top * (1 - ty[e]) + bottom * ty[e];
    }
    target.samples[channel * parameters.plane + place] = STORE4(inside(four, x * 4, parameters.width));
}
