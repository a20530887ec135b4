#version 460
#extension GL_GOOGLE_include_directive : require
// plane_lock: gives a plane the low frequencies of another: adds the bilinear interpolation of how far the difference of
// their block means lies beyond a dead zone. in, out: the plane, changed in place; in: block means wanted and found, of one
// grid.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

#include "include/grid.glsl"
#include "include/reach.glsl"

layout(push_constant) uniform Parameters {
    FloatsChanged plane;
    FloatsIn wanted;
    FloatsIn found;
    uint width;  // of the plane, in samples
    uint height;
    uint block;  // samples of the plane a side of a block, a multiple of 16
    float deadZone;  // drift of a block's mean that is left, in the plane's units; 0 or more
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
    uvec4 corners = uvec4(above * columns + left, above * columns + right, below * columns + left, below * columns + right);
    FloatsIn wanted = parameters.wanted;
    FloatsIn found = parameters.found;
    vec4 shift = vec4(wanted.samples[corners.x], wanted.samples[corners.y], wanted.samples[corners.z], wanted.samples[corners.w])
        - vec4(found.samples[corners.x], found.samples[corners.y], found.samples[corners.z], found.samples[corners.w]);
    shift -= clamp(shift, -parameters.deadZone, parameters.deadZone);
    vec2 ends = mix(shift.xy, shift.zw, gridFraction(y, parameters.block));
    for (uint x = start; x < min(start + GRID_RUN, parameters.width); x++)
        parameters.plane.samples[y * parameters.width + x] += mix(ends.x, ends.y, gridFraction(x, parameters.block));
}
