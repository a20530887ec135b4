#version 460
#extension GL_GOOGLE_include_directive : require
// plane_grain: adds film grain to luma: white noise of position and absolute frame, rounded to grains by a Gaussian of
// RADIUS, of unit variance, times an amplitude that is largest in the middle tones as on film. in, out: float plane,
// changed in place.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const int RADIUS = 1;  // 0…3

#include "include/quantise.glsl"
#include "include/reach.glsl"

layout(push_constant) uniform Parameters {
    FloatsChanged plane;
    vec4 weights;  // of the distances 0…3 along one axis; the sum of squares over both axes is 1
    uint width;    // in samples
    uint height;
    uint frame;
    float amplitude;  // standard deviation in middle gray, in sample values
} parameters;

// Plane number of the noise: not one that the dither uses.
const uint GRAIN = 3;

// Nearly normal, zero mean, unit variance: the sum of four uniform bytes.
float grainNoise(uint x, uint y) {
    uint bits = positionBits(x, y, GRAIN, parameters.frame);
    float sum = float(bits & 0xFFu) + float((bits >> 8) & 0xFFu) + float((bits >> 16) & 0xFFu) + float(bits >> 24);
    return (sum - 510.0) * (1.0 / 147.8005413);
}

void main() {
    uint x = gl_GlobalInvocationID.x;
    uint y = gl_WorkGroupID.y;
    if (x >= parameters.width || y >= parameters.height) return;
    float noise = 0.0;
    // Shifted by RADIUS, so that no position is negative.
    for (int j = -RADIUS; j <= RADIUS; j++) {
        float row = 0.0;
        for (int i = -RADIUS; i <= RADIUS; i++)
            row += parameters.weights[abs(i)] * grainNoise(uint(int(x) + i + RADIUS), uint(int(y) + j + RADIUS));
        noise += parameters.weights[abs(j)] * row;
    }
    uint index = y * parameters.width + x;
    float value = parameters.plane.samples[index];
    float middle = clamp(value, 0.0, 1.0);
    parameters.plane.samples[index] = value + parameters.amplitude * (0.25 + 3.0 * middle * (1.0 - middle)) * noise;
}
