#version 460
// net_convolve: convolution KERNEL x KERNEL (1 or 3), stride 1, zeros beyond the borders, bias, activation; the one kernel
// whose speed decides. in, out: maps. An invocation makes TILE_X x TILE_Y samples of OUTPUTS channels in registers, so that
// each sample read and each weight read is used many times; weights come from a uniform buffer, packed
// [bias][slope][input channel][tap][OUTPUTS] for the one group of output channels of the dispatch. Two habits of lavapipe
// decide the rest. Every update of a loop variable costs a blend and a store: nine taps are summed before they join the
// accumulator (31 against 21 GFLOP a core-second). Every lane of a storage binding is a branch: maps are reached by address
// (37 against 33, and a quarter of the time to compile). The caller vouches for bounds; addresses are multiples of 16.
// With HALF, kernels of 3 multiply and add in 16-bit floats, two outputs at a time: the nine taps of one input channel, a
// block, then join 32-bit accumulators. Weights are packed [bias][slope][scale][input channel][tap][OUTPUTS], the first
// three 32-bit, the others 16-bit and divided by the scale, a power of two that keeps the magnitudes of every block's weights
// within 1/2 together: as samples end at 65504, no block overflows. A kernel of 1 has blocks of one: it adds in 32 bits.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_buffer_reference : require
#include "net_common.glsl"

#ifndef KERNEL
#define KERNEL 3
#endif
#ifndef OUTPUTS
#define OUTPUTS 8
#endif
#ifndef TILE_X
#define TILE_X 8
#endif
#ifndef TILE_Y
#define TILE_Y 4
#endif
#define RADIUS (KERNEL / 2)
#define PATCH_X (TILE_X + 2 * RADIUS)
#define PATCH_Y (TILE_Y + 2 * RADIUS)
#if defined(HALF) && KERNEL > 1
#define PACKED
#define SAMPLE float16_t
#define SAMPLE4(value) (value)
#else
#define SAMPLE float
#define SAMPLE4(value) LOAD4(value)
#endif

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint ACTIVATION = ACTIVATION_SLOPE;

#ifdef PACKED
layout(std140, set = 0, binding = 0) uniform Weights { uvec4 values[4096]; } weights;
float header(int place) { return uintBitsToFloat(weights.values[place / 4][place % 4]); }
#else
layout(std140, set = 0, binding = 0) uniform Weights { vec4 values[4096]; } weights;
float header(int place) { return weights.values[place / 4][place % 4]; }
#endif

layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer Source { MAP4 samples[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) writeonly buffer Target { MAP4 samples[]; };

layout(push_constant) uniform Parameters {
    Source source;
    Target target;
    int width;          // samples
    int height;         // samples
    int stride;         // vectors of a row
    int plane;          // vectors of a channel
    int inputs;         // channels read
    int firstOutput;    // channel of the target that this dispatch starts with
    int outputs;        // channels that this dispatch writes, at most OUTPUTS
    float low;          // bounds of a clamp
    float high;
} parameters;

void main() {
    int x0 = int(gl_GlobalInvocationID.x) * TILE_X;
    int y0 = int(gl_GlobalInvocationID.y) * TILE_Y;
    if (x0 >= parameters.stride * 4 || y0 >= parameters.height) return;  // what pads a row is made too, as zeros
    int column = x0 / 4;

    float sums[OUTPUTS * TILE_Y * TILE_X];
    [[unroll]] for (int i = 0; i < OUTPUTS * TILE_Y * TILE_X; i++) sums[i] = 0;

    int rows[PATCH_Y];
    bool rowInside[PATCH_Y];
    [[unroll]] for (int j = 0; j < PATCH_Y; j++) {
        int y = y0 + j - RADIUS;
        rowInside[j] = y >= 0 && y < parameters.height;
        rows[j] = clamp(y, 0, parameters.height - 1) * parameters.stride + column;
    }
    bool hasLeft = column > 0;
    bool hasRight = column + TILE_X / 4 < parameters.stride;
    int left = hasLeft ? -1 : 0;
    int right = hasRight ? TILE_X / 4 : 0;

    for (int channel = 0; channel < parameters.inputs; channel++) {
        int base = channel * parameters.plane;
        SAMPLE window[PATCH_Y * PATCH_X];
        [[unroll]] for (int j = 0; j < PATCH_Y; j++) {
            int row = base + rows[j];
            int place = j * PATCH_X;
#if RADIUS > 0
            window[place] = rowInside[j] && hasLeft ? SAMPLE4(parameters.source.samples[row + left]).w : SAMPLE(0);
            window[place + PATCH_X - 1] = rowInside[j] && hasRight ? SAMPLE4(parameters.source.samples[row + right]).x : SAMPLE(0);
#endif
            [[unroll]] for (int i = 0; i < TILE_X / 4; i++) {
#ifdef PACKED
                f16vec4 four = parameters.source.samples[row + i];
#else
                vec4 four = LOAD4(parameters.source.samples[row + i]);
#endif
                [[unroll]] for (int e = 0; e < 4; e++) window[place + RADIUS + i * 4 + e] = rowInside[j] ? four[e] : SAMPLE(0);
            }
        }
#ifdef PACKED
        int first = 3 * OUTPUTS + channel * KERNEL * KERNEL * OUTPUTS / 2;  // words
        [[unroll]] for (int o = 0; o < OUTPUTS; o += 2) {
            f16vec2 taps[KERNEL * KERNEL];
            [[unroll]] for (int k = 0; k < KERNEL * KERNEL; k++) {
                int word = first + (k * OUTPUTS + o) / 2;
                taps[k] = unpackFloat2x16(weights.values[word / 4][word % 4]);
            }
            [[unroll]] for (int j = 0; j < TILE_Y; j++)
                [[unroll]] for (int i = 0; i < TILE_X; i++) {
                    f16vec2 sum = taps[0] * window[j * PATCH_X + i];
                    [[unroll]] for (int k = 1; k < KERNEL * KERNEL; k++)
                        sum = fma(taps[k], f16vec2(window[(j + k / KERNEL) * PATCH_X + i + k % KERNEL]), sum);
                    sums[(o * TILE_Y + j) * TILE_X + i] += float(sum.x);
                    sums[((o + 1) * TILE_Y + j) * TILE_X + i] += float(sum.y);
                }
        }
#else
        int first = OUTPUTS / 2 + channel * KERNEL * KERNEL * OUTPUTS / 4;
        [[unroll]] for (int o = 0; o < OUTPUTS; o++) {
            float taps[KERNEL * KERNEL];
            [[unroll]] for (int k = 0; k < KERNEL * KERNEL; k++)
                taps[k] = weights.values[first + (k * OUTPUTS + o) / 4][(k * OUTPUTS + o) % 4];
            [[unroll]] for (int j = 0; j < TILE_Y; j++)
                [[unroll]] for (int i = 0; i < TILE_X; i++) {
                    float sum = taps[0] * window[j * PATCH_X + i];
                    [[unroll]] for (int k = 1; k < KERNEL * KERNEL; k++)
                        sum += taps[k] * window[(j + k / KERNEL) * PATCH_X + i + k % KERNEL];
                    sums[(o * TILE_Y + j) * TILE_X + i] += sum;
                }
        }
#endif
    }

    [[unroll]] for (int o = 0; o < OUTPUTS; o++) {
        if (o >= parameters.outputs) break;
        float bias = header(o);
        float slope = header(OUTPUTS + o);
#ifdef PACKED
        float scale = header(2 * OUTPUTS + o);
#else
        const float scale = 1;
#endif
        int base = (parameters.firstOutput + o) * parameters.plane + y0 * parameters.stride + column;
        // Rows are padded to a multiple of TILE_Y: rows beyond the height may hold anything.
        [[unroll]] for (int j = 0; j < TILE_Y; j++)
            [[unroll]] for (int i = 0; i < TILE_X / 4; i++) {
                int place = (o * TILE_Y + j) * TILE_X + i * 4;
                vec4 four = vec4(sums[place], sums[place + 1], sums[place + 2], sums[place + 3]) * scale + bias;
                four = activate(four, ACTIVATION, slope, parameters.low, parameters.high);
                parameters.target.samples[base + j * parameters.stride + i] = STORE4(inside(four, x0 + i * 4, parameters.width));
            }
    }
}
