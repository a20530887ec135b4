#version 460
// net_export: a rectangle of a map into planes. in: map; out: planar 32-bit floats, rows without padding. An invocation
// writes four samples.
#extension GL_GOOGLE_include_directive : require
#include "net_common.glsl"
#include "reach.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer Source { MAP1 samples[]; };

layout(push_constant) uniform Parameters {
    Source source;
    FloatsOut target;
    int sourceLeft;    // of the rectangle in the map, samples
    int sourceTop;
    int sourceStride;  // vectors of a row
    int sourcePlane;   // vectors of a channel
    int left;          // of the rectangle in the planes
    int top;
    int width;         // of the rectangle
    int height;
    int planeWidth;    // samples of a plane's row
    int planeHeight;   // rows of a plane
    int channels;
} parameters;

void main() {
    int x0 = int(gl_GlobalInvocationID.x) * 4;
    int y = int(gl_GlobalInvocationID.y);
    int channel = int(gl_GlobalInvocationID.z);
    if (x0 >= parameters.width || y >= parameters.height || channel >= parameters.channels) return;
    int from = (channel * parameters.sourcePlane + (parameters.sourceTop + y) * parameters.sourceStride) * 4 + parameters.sourceLeft;
    int to = (channel * parameters.planeHeight + parameters.top + y) * parameters.planeWidth + parameters.left;
    [[unroll]] for (int e = 0; e < 4; e++)
        if (x0 + e < parameters.width) parameters.target.samples[to + x0 + e] = float(parameters.source.samples[from + x0 + e]);
}
