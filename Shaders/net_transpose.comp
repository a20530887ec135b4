#version 460
// net_transpose: transposed convolution, stride 2, kernel 2 (padding 0) or 4 (padding 1), bias, activation. in, out: maps;
// weights [in][out][kernel][kernel], then bias [out], then slope [out]. An invocation makes four samples of one channel.
#extension GL_GOOGLE_include_directive : require
#include "net_common.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint ACTIVATION = ACTIVATION_SLOPE;
layout(constant_id = 4) const int KERNEL = 4;

layout(std430, set = 0, binding = 0) readonly buffer Source { MAP1 samples[]; } source;
layout(std430, set = 0, binding = 1) readonly buffer Weights { float values[]; } weights;
layout(std430, set = 0, binding = 2) writeonly buffer Target { MAP4 samples[]; } target;

layout(push_constant) uniform Parameters {
    int sourceWidth;   // samples
    int sourceHeight;  // samples
    int sourceStride;  // vectors of a row
    int sourcePlane;   // vectors of a channel
    int width;         // of the target, samples
    int height;
    int stride;
    int plane;
    int inputs;        // channels
    int outputs;       // channels
    float low;         // bounds of a clamp
    float high;
} parameters;

void main() {
    int x0 = int(gl_GlobalInvocationID.x) * 4;
    int y = int(gl_GlobalInvocationID.y);
    int o = int(gl_GlobalInvocationID.z);
    if (x0 >= parameters.stride * 4 || y >= parameters.height || o >= parameters.outputs) return;
    int pad = KERNEL == 4 ? 1 : 0;
    vec4 sum = vec4(0);
    for (int k = 0; k < parameters.inputs; k++) {
        int base = k * parameters.sourcePlane * 4;
        int first = (k * parameters.outputs + o) * KERNEL * KERNEL;
        // A sample takes the taps whose parity is its own: kernel / 2 of them on each axis.
        for (int ty = 0; ty < KERNEL / 2; ty++) {
            int ky = ((y + pad) & 1) + 2 * ty;
            int row = (y + pad - ky) / 2;
            if (y + pad < ky || row >= parameters.sourceHeight) continue;
            for (int tx = 0; tx < KERNEL / 2; tx++) {
                [[unroll]] for (int e = 0; e < 4; e++) {
                    int x = x0 + e + pad;
                    int kx = (x & 1) + 2 * tx;
                    int column = (x - kx) / 2;
                    bool within = x >= kx && column < parameters.sourceWidth;
                    float value = float(source.samples[base + row * parameters.sourceStride * 4 + (within ? column : 0)]);
                    sum[e] += weights.values[first + ky * KERNEL + kx] * (within ? value : 0);
                }
            }
        }
    }
    int tail = parameters.inputs * parameters.outputs * KERNEL * KERNEL;
    sum += weights.values[tail + o];
    sum = activate(sum, ACTIVATION, weights.values[tail + parameters.outputs + o], parameters.low, parameters.high);
    target.samples[o * parameters.plane + y * parameters.stride + x0 / 4] = STORE4(inside(sum, x0, parameters.width));
}
