#version 460
#extension GL_GOOGLE_include_directive : require
// plane_quantise: float plane → integer codes, 8 or 16 bit in 32-bit words. A chroma plane is halved on the way where
// STEP is 2, by a triangle of radius 2 around the siting of the output sample; the picture is placed in a frame, what
// lies outside it gets the background code; dither by plane, position in the frame and absolute frame.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint CODE_BITS = 16;  // of a packed sample: 8 or 16
layout(constant_id = 4) const bool DITHERS = true;
// What is a code already gets no noise.
layout(constant_id = 8) const bool SPARES_CODES = false;
layout(constant_id = 5) const uint STEP_X = 1;  // input samples an output sample
layout(constant_id = 6) const uint STEP_Y = 1;
layout(constant_id = 7) const bool WHOLE = true;  // the picture fills the frame

#include "include/quantise.glsl"
#include "include/reach.glsl"

layout(push_constant) uniform Parameters {
    FloatsIn source;
    WordsOut target;
    vec4 codes;    // scale, offset, least, largest code
    vec4 columns;  // weights of the input columns −1…2 around STEP_X · x
    vec4 rows;     // weights of the input rows −1…2 around STEP_Y · y
    uint width;    // of the source plane
    uint height;
    uint outputWidth;  // of the output plane
    uint outputHeight;
    uint rowWords;
    int left;  // position of the picture in the output plane; negative: cropped
    int top;
    uint pictureWidth;  // of the picture in the output plane
    uint pictureHeight;
    uint plane;
    uint frame;
    uint background;
} parameters;

float reduced(int x, int y) {
    int right = int(parameters.width) - 1;
    int bottom = int(parameters.height) - 1;
    // What pads the last word of a row may lie beyond the plane.
    if (STEP_X == 1 && STEP_Y == 1) return parameters.source.samples[uint(y) * parameters.width + uint(min(x, right))];
    float sum = 0.0;
    for (int j = STEP_Y == 1 ? 1 : 0; j < (STEP_Y == 1 ? 2 : 4); j++) {
        float rowWeight = STEP_Y == 1 ? 1.0 : parameters.rows[j];
        if (rowWeight == 0.0) continue;
        uint row = uint(clamp(int(STEP_Y) * y + j - 1, 0, bottom)) * parameters.width;
        float rowSum = 0.0;
        for (int i = STEP_X == 1 ? 1 : 0; i < (STEP_X == 1 ? 2 : 4); i++) {
            float weight = STEP_X == 1 ? 1.0 : parameters.columns[i];
            rowSum += weight * parameters.source.samples[row + uint(clamp(int(STEP_X) * x + i - 1, 0, right))];
        }
        sum += rowWeight * rowSum;
    }
    return sum;
}

void main() {
    const uint run = 32 / CODE_BITS;
    uint start = gl_GlobalInvocationID.x * run;
    uint y = gl_WorkGroupID.y;
    if (start >= parameters.outputWidth || y >= parameters.outputHeight) return;
    uint packed = 0;
    for (uint step = 0; step < run; step++) {
        uint x = start + step;
        int sourceX = int(x) - parameters.left;
        int sourceY = int(y) - parameters.top;
        uint code = parameters.background;
        if (WHOLE || (sourceX >= 0 && sourceY >= 0 && sourceX < int(parameters.pictureWidth) && sourceY < int(parameters.pictureHeight))) {
            float noise = DITHERS ? triangularNoise(positionBits(x, y, parameters.plane, parameters.frame)) : 0.0;
            float value = reduced(sourceX, sourceY);
            if (SPARES_CODES && isCode(value, parameters.codes)) noise = 0.0;
            code = quantiseSample(value, parameters.codes, noise);
        }
        if (x < parameters.outputWidth) packed |= code << (CODE_BITS * step);
    }
    parameters.target.words[y * parameters.rowWords + start / run] = packed;
}
