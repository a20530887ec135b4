#version 460
// net_resize: bilinear or bicubic (Keys, a = -0.75) resampling by numerator / denominator, without prefilter; source =
// (target + 1/2) * denominator / numerator - 1/2; samples beyond the border repeat it. in, out: maps. Positions are exact
// integers, so that a tile whose origin is a whole number of periods gets the same bits as the whole picture. Maps are
// reached by address, as in net_convolve.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_buffer_reference : require
#include "net_common.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const bool BICUBIC = true;

layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer Source { MAP1 samples[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) writeonly buffer Target { MAP4 samples[]; };

layout(push_constant) uniform Parameters {
    Source source;
    Target target;
    int sourceWidth;   // samples
    int sourceHeight;
    int sourceStride;  // vectors of a row
    int sourcePlane;   // vectors of a channel
    int width;         // of the target, samples
    int height;
    int stride;
    int plane;
    int channels;
    int numerator;     // of the scale, in lowest terms
    int denominator;
} parameters;

// Floor of a / b for b > 0.
int floorDivide(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

vec4 cubicWeights(float t) {
    const float a = -0.75;
    float u = t + 1, v = 1 - t, w = 2 - t;
    return vec4(((a * u - 5 * a) * u + 8 * a) * u - 4 * a, ((a + 2) * t - (a + 3)) * t * t + 1,
                ((a + 2) * v - (a + 3)) * v * v + 1, ((a * w - 5 * a) * w + 8 * a) * w - 4 * a);
}

// First of the four taps, and their weights; bilinear uses the middle two.
void taps(int position, out int first, out vec4 weights) {
    int twice = (2 * position + 1) * parameters.denominator - parameters.numerator;
    int whole = floorDivide(twice, 2 * parameters.numerator);
    float t = float(twice - whole * 2 * parameters.numerator) / float(2 * parameters.numerator);
    first = whole - 1;
    weights = BICUBIC ? cubicWeights(t) : vec4(0, 1 - t, t, 0);
}

void main() {
    int x0 = int(gl_GlobalInvocationID.x) * 4;
    int y = int(gl_GlobalInvocationID.y);
    int channel = int(gl_GlobalInvocationID.z);
    if (x0 >= parameters.stride * 4 || y >= parameters.height || channel >= parameters.channels) return;
    int firstRow;
    vec4 rowWeights;
    taps(y, firstRow, rowWeights);
    vec4 four = vec4(0);
    [[unroll]] for (int e = 0; e < 4; e++) {
        int firstColumn;
        vec4 columnWeights;
        taps(x0 + e, firstColumn, columnWeights);
        float sum = 0;
        [[unroll]] for (int j = 0; j < 4; j++) {
            if (!BICUBIC && (j == 0 || j == 3)) continue;
            int row = clamp(firstRow + j, 0, parameters.sourceHeight - 1);
            int base = (channel * parameters.sourcePlane + row * parameters.sourceStride) * 4;
            float line = 0;
            [[unroll]] for (int i = 0; i < 4; i++) {
                if (!BICUBIC && (i == 0 || i == 3)) continue;
                int column = clamp(firstColumn + i, 0, parameters.sourceWidth - 1);
                line += columnWeights[i] * float(parameters.source.samples[base + column]);
            }
            sum += rowWeights[j] * line;
        }
        four[e] = sum;
    }
    parameters.target.samples[channel * parameters.plane + y * parameters.stride + x0 / 4] = STORE4(inside(four, x0, parameters.width));
}
