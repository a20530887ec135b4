#version 460
#extension GL_GOOGLE_include_directive : require
// plane_unpack: integer plane → planar float. in: codes of 8 or 16 bit in 32-bit words, rows padded to whole words, a
// window of it; out: width × height samples, value = code · scale + offset (range and depth, H.273 clause 8.3).
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint SAMPLES_PER_WORD = 4;  // 4 or 2

#include "include/reach.glsl"

layout(push_constant) uniform Parameters {
    WordsIn codes;
    FloatsOut plane;
    uint width;  // of the window, in samples
    uint height;
    uint rowWords;  // words from one row of codes to the next
    uint left;      // first column of the window
    uint top;
    float scale;
    float offset;
} parameters;

const uint RUN = 4;  // samples an invocation

void main() {
    uint first = gl_GlobalInvocationID.x * RUN;
    uint y = gl_WorkGroupID.y;
    if (first >= parameters.width || y >= parameters.height) return;
    uint row = (parameters.top + y) * parameters.rowWords;
    uint bits = 32 / SAMPLES_PER_WORD;
    uint mask = SAMPLES_PER_WORD == 4 ? 0xFFu : 0xFFFFu;
    for (uint step = 0; step < RUN; step++) {
        uint x = first + step;
        if (x < parameters.width) {
            uint column = parameters.left + x;
            uint code = (parameters.codes.words[row + column / SAMPLES_PER_WORD] >> (column % SAMPLES_PER_WORD * bits)) & mask;
            parameters.plane.samples[y * parameters.width + x] = float(code) * parameters.scale + parameters.offset;
        }
    }
}
