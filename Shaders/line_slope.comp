#version 460
#extension GL_GOOGLE_include_directive : require
// line_slope: horizontal slope of every line of stacked float planes: (s[x+1] + s[x+2] − s[x−1] − s[x−2]) / 2, edges
// repeated. in: width × lines samples without padding, in codes of 8 bits. out: the same, from line `target` on.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

#include "include/reach.glsl"

layout(push_constant) uniform Parameters {
    FloatsIn source;
    FloatsOut slopes;
    uint width;
    uint lines;  // of all planes together
    uint target;
} parameters;

float at(uint row, int x) { return parameters.source.samples[row + uint(clamp(x, 0, int(parameters.width) - 1))]; }

void main() {
    uvec2 place = gl_GlobalInvocationID.xy;
    if (place.x >= parameters.width || place.y >= parameters.lines) return;
    uint row = place.y * parameters.width;
    int x = int(place.x);
    uint target = parameters.target * parameters.width + row + place.x;
    parameters.slopes.samples[target] = (at(row, x + 1) + at(row, x + 2) - at(row, x - 1) - at(row, x - 2)) * 0.5;
}
