#version 460
// net_convolve_plain: any convolution of the operator set that net_convolve does not make: stride 2, depthwise, very many
// inputs. in, out: maps; weights [out][in / groups][kernel][kernel], then bias [out], then slope [out], in a storage
// buffer. An invocation makes four samples of one channel.
#extension GL_GOOGLE_include_directive : require
#include "net_common.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint ACTIVATION = ACTIVATION_SLOPE;
layout(constant_id = 4) const int KERNEL = 3;
layout(constant_id = 5) const int STEP = 1;
layout(constant_id = 6) const bool DEPTHWISE = false;

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
    int depth = DEPTHWISE ? 1 : parameters.inputs;
    vec4 sum = vec4(0);
    for (int k = 0; k < depth; k++) {
        int base = (DEPTHWISE ? o : k) * parameters.sourcePlane * 4;
        int first = (o * depth + k) * KERNEL * KERNEL;
        for (int ky = 0; ky < KERNEL; ky++) {
            int row = y * STEP + ky - KERNEL / 2;
            if (row < 0 || row >= parameters.sourceHeight) continue;
            for (int kx = 0; kx < KERNEL; kx++) {
                float weight = weights.values[first + ky * KERNEL + kx];
                [[unroll]] for (int e = 0; e < 4; e++) {
                    int column = (x0 + e) * STEP + kx - KERNEL / 2;
                    bool within = column >= 0 && column < parameters.sourceWidth;
                    float value = float(source.samples[base + row * parameters.sourceStride * 4 + (within ? column : 0)]);
                    sum[e] += weight * (within ? value : 0);
                }
            }
        }
    }
    int tail = parameters.outputs * depth * KERNEL * KERNEL;
    sum += weights.values[tail + o];
    sum = activate(sum, ACTIVATION, weights.values[tail + parameters.outputs + o], parameters.low, parameters.high);
    target.samples[o * parameters.plane + y * parameters.stride + x0 / 4] = STORE4(inside(sum, x0, parameters.width));
}
