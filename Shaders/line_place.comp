#version 460
#extension GL_GOOGLE_include_directive : require
// line_place: moves every line of a float plane by taps of its own. in: width × height samples without padding; rows of
// nine numbers a line: how far left of x the first of eight taps lies is −rows[0], a whole number, then their weights, which
// sum to 1. out: as in. Edges are repeated.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

#include "include/reach.glsl"

layout(push_constant) uniform Parameters {
    FloatsIn source;
    FloatsIn rows;
    FloatsOut target;
    uint width;
    uint height;
} parameters;

void main() {
    uvec2 place = gl_GlobalInvocationID.xy;
    if (place.x >= parameters.width || place.y >= parameters.height) return;
    uint row = place.y * parameters.width;
    uint taps = place.y * 9;
    int x = int(place.x) + int(parameters.rows.samples[taps]);
    float sum = 0.0;
    for (int k = 0; k < 8; k++) {
        int from = clamp(x + k, 0, int(parameters.width) - 1);
        sum += parameters.rows.samples[taps + 1 + uint(k)] * parameters.source.samples[row + uint(from)];
    }
    parameters.target.samples[row + place.x] = sum;
}
