#version 460
// net_combine: left + right or left * right, element by element, then activation with one slope for all. in, out: maps of
// one shape (a vector is a map of one row).
#extension GL_GOOGLE_include_directive : require
#include "net_common.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint ACTIVATION = ACTIVATION_SLOPE;
layout(constant_id = 4) const bool MULTIPLY = false;

layout(std430, set = 0, binding = 0) readonly buffer Left { MAP4 samples[]; } left;
layout(std430, set = 0, binding = 1) readonly buffer Right { MAP4 samples[]; } right;
layout(std430, set = 0, binding = 2) readonly buffer Slopes { float values[]; } slopes;  // by channel
layout(std430, set = 0, binding = 3) writeonly buffer Target { MAP4 samples[]; } target;

layout(push_constant) uniform Parameters {
    int width;     // samples
    int height;
    int stride;    // vectors of a row
    int plane;     // vectors of a channel
    int channels;
    float low;     // bounds of a clamp
    float high;
} parameters;

void main() {
    int x = int(gl_GlobalInvocationID.x);
    int y = int(gl_GlobalInvocationID.y);
    int channel = int(gl_GlobalInvocationID.z);
    if (x >= parameters.stride || y >= parameters.height || channel >= parameters.channels) return;
    int place = channel * parameters.plane + y * parameters.stride + x;
    vec4 a = LOAD4(left.samples[place]);
    vec4 b = LOAD4(right.samples[place]);
    vec4 four = MULTIPLY ? a * b : a + b;
    four = activate(four, ACTIVATION, slopes.values[channel], parameters.low, parameters.high);
    target.samples[place] = STORE4(inside(four, x * 4, parameters.width));
}
