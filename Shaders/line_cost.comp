#version 460
#extension GL_GOOGLE_include_directive : require
// line_cost: what it costs to take a line, moved, for another one. in: slopes of stacked planes, width × height each. out:
// costs[line][place] from `target` on: of line y of plane `first` with line y + `down` of plane `second`, whose content lies
// `across` samples further, the mean of |first(x + place − reach) − second(x + across)| over the x whose samples, moved by up
// to `reach`, lie in both; 0 where there is no such line. One invocation sums one cost in order of x.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

#include "include/reach.glsl"

layout(push_constant) uniform Parameters {
    FloatsIn slopes;
    FloatsOut costs;
    uint width;  // more than 2 reach + |across|
    uint height;
    uint reach;
    uint first;
    uint second;
    int down;
    int across;
    uint target;
} parameters;

void main() {
    uint places = 2 * parameters.reach + 1;
    uvec2 id = gl_GlobalInvocationID.xy;
    if (id.x >= places || id.y >= parameters.height) return;
    uint target = parameters.target + id.y * places + id.x;
    int other = int(id.y) + parameters.down;
    if (other < 0 || other >= int(parameters.height)) {
        parameters.costs.samples[target] = 0.0;
        return;
    }
    int start = max(0, -parameters.across);
    uint a = (parameters.first * parameters.height + id.y) * parameters.width + uint(start) + id.x;
    uint b = (parameters.second * parameters.height + uint(other)) * parameters.width + uint(start + parameters.across) + parameters.reach;
    uint count = parameters.width - uint(abs(parameters.across)) - 2 * parameters.reach;
    float sum = 0.0;
    for (uint x = 0; x < count; x++) sum += abs(parameters.slopes.samples[a + x] - parameters.slopes.samples[b + x]);
    parameters.costs.samples[target] = sum / float(count);
}
