#version 460
// net_linear: a vector from a vector. out[row] = activation(sum of weight[row][column] * in[column] * factor + bias[row]);
// weights [rows][columns], then bias [rows], then slope [rows]. With MEAN, in is [rows][columns] and weights are not read:
// each row is summed, times factor: the second half of a mean over a picture. 32-bit floats.
#extension GL_GOOGLE_include_directive : require
#include "net_common.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint ACTIVATION = ACTIVATION_SLOPE;
layout(constant_id = 4) const bool MEAN = false;

layout(std430, set = 0, binding = 0) readonly buffer Source { float values[]; } source;
layout(std430, set = 0, binding = 1) readonly buffer Weights { float values[]; } weights;
layout(std430, set = 0, binding = 2) writeonly buffer Target { float values[]; } target;

layout(push_constant) uniform Parameters {
    int columns;
    int rows;
    int padded;    // rows of the target; those beyond `rows` become zero
    float factor;  // of MEAN
    float low;     // bounds of a clamp
    float high;
} parameters;

void main() {
    int row = int(gl_GlobalInvocationID.x);
    if (row >= parameters.padded) return;
    if (row >= parameters.rows) {
        target.values[row] = 0;
        return;
    }
    float sum = 0;
    for (int column = 0; column < parameters.columns; column++) {
        if (MEAN) {
            sum += source.values[row * parameters.columns + column];
        } else {
            sum += weights.values[row * parameters.columns + column] * source.values[column];
        }
    }
    if (MEAN) {
        target.values[row] = sum * parameters.factor;
        return;
    }
    int tail = parameters.rows * parameters.columns;
    float slope = weights.values[tail + parameters.rows + row];
    vec4 result = activate(vec4(sum + weights.values[tail + row]), ACTIVATION, slope, parameters.low, parameters.high);
    target.values[row] = result.x;
}
