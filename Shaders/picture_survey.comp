#version 460
#extension GL_GOOGLE_include_directive : require
// picture_survey: what networks that see a whole picture are shown of it, one value for each square of pixels. in: float
// planes as the color stage takes them, and the shot's mapping to PQ BT.2020 as a table; out: seven maps one after the
// other: log2(light / 203 cd/m² + 1/64) / 4 of R, G, B (the table at the square's mean color), the mean share of clipping
// of R, G, B, and the mean color's largest component. One invocation sums one square in row order: the result does not depend on scheduling.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const bool GRAY = false;  // no second and third plane

#include "include/curves.glsl"
#include "include/clip.glsl"
#include "include/reach.glsl"

layout(std430, set = 0, binding = 0) readonly buffer Table { uvec2 entries[]; } table;
layout(std430, set = 0, binding = 1) writeonly buffer Maps { float samples[]; } maps;

layout(push_constant) uniform Parameters {
    FloatsIn first;
    FloatsIn second;
    FloatsIn third;
    vec4 toRGB[3];  // rows; w unused
    uint width;     // of the planes, in samples
    uint height;
    uint block;     // samples a side of a square
    uint edge;      // entries along an axis of the table
} parameters;

#include "include/table.glsl"

float logLight(float signal) { return exactLog2(pqDecode(signal) * (10000.0 / 203.0) + 1.0 / 64.0) / 4.0; }

void main() {
    uvec2 grid = (uvec2(parameters.width, parameters.height) + parameters.block - 1) / parameters.block;
    uvec2 place = gl_GlobalInvocationID.xy;
    if (place.x >= grid.x || place.y >= grid.y) return;
    uvec2 begin = place * parameters.block;
    uvec2 end = min(begin + parameters.block, uvec2(parameters.width, parameters.height));
    vec3 sum = vec3(0.0);
    vec3 clipped = vec3(0.0);
    for (uint y = begin.y; y < end.y; y++) {
        vec3 row = vec3(0.0);
        vec3 rowClipped = vec3(0.0);
        for (uint x = begin.x; x < end.x; x++) {
            uint index = y * parameters.width + x;
            vec3 value = vec3(parameters.first.samples[index], 0.0, 0.0);
            if (!GRAY) value.yz = vec2(parameters.second.samples[index], parameters.third.samples[index]);
            vec3 color = clamp(
                vec3(dot(parameters.toRGB[0].xyz, value), dot(parameters.toRGB[1].xyz, value), dot(parameters.toRGB[2].xyz, value)),
                0.0, 1.0);
            row += color;
            rowClipped += vec3(clipShare(color.x), clipShare(color.y), clipShare(color.z));
        }
        sum += row;
        clipped += rowClipped;
    }
    float count = float((end.x - begin.x) * (end.y - begin.y));
    vec3 mean = sum / count;
    vec3 signal = interpolate(mean, parameters.edge);
    uint area = grid.x * grid.y;
    uint index = place.y * grid.x + place.x;
    maps.samples[index] = logLight(signal.x);
    maps.samples[area + index] = logLight(signal.y);
    maps.samples[2 * area + index] = logLight(signal.z);
    maps.samples[3 * area + index] = clipped.x / count;
    maps.samples[4 * area + index] = clipped.y / count;
    maps.samples[5 * area + index] = clipped.z / count;
    maps.samples[6 * area + index] = max(mean.x, max(mean.y, mean.z));
}
