#version 460
// net_modulate: x * scale[channel] + shift[channel], then activation. in, out: maps of one shape; scale, shift and slope:
// one 32-bit float a channel. With scale 1 and shift 0 it is the activation alone.
#extension GL_GOOGLE_include_directive : require
#include "net_common.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint ACTIVATION = ACTIVATION_SLOPE;

layout(std430, set = 0, binding = 0) readonly buffer Source { MAP4 samples[]; } source;
layout(std430, set = 0, binding = 1) readonly buffer Scales { float values[]; } scales;
layout(std430, set = 0, binding = 2) readonly buffer Shifts { float values[]; } shifts;
layout(std430, set = 0, binding = 3) readonly buffer Slopes { float values[]; } slopes;
layout(std430, set = 0, binding = 4) writeonly buffer Target { MAP4 samples[]; } target;

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
    vec4 four = LOAD4(source.samples[place]) * scales.values[channel] + shifts.values[channel];
    four = activate(four, ACTIVATION, slopes.values[channel], parameters.low, parameters.high);
    target.samples[place] = STORE4(inside(four, x * 4, parameters.width));
}
