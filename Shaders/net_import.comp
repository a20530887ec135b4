#version 460
// net_import: a rectangle of planes into a map; places beyond the planes repeat their border. in: planar 32-bit floats,
// rows without padding; out: map.
#extension GL_GOOGLE_include_directive : require
#include "net_common.glsl"
#include "reach.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout(buffer_reference, std430, buffer_reference_align = 16) writeonly buffer Target { MAP4 samples[]; };

layout(push_constant) uniform Parameters {
    FloatsIn source;
    Target target;
    int sourceWidth;   // samples of a plane's row
    int sourceHeight;  // rows of a plane
    int left;          // of the rectangle in the planes
    int top;
    int width;         // of the map, samples
    int height;
    int stride;        // vectors of a row
    int plane;         // vectors of a channel
    int channels;
} parameters;

void main() {
    int x0 = int(gl_GlobalInvocationID.x) * 4;
    int y = int(gl_GlobalInvocationID.y);
    int channel = int(gl_GlobalInvocationID.z);
    if (x0 >= parameters.stride * 4 || y >= parameters.height || channel >= parameters.channels) return;
    int row = min(parameters.top + y, parameters.sourceHeight - 1);
    int base = (channel * parameters.sourceHeight + row) * parameters.sourceWidth;
    vec4 four;
    [[unroll]] for (int e = 0; e < 4; e++)
        four[e] = parameters.source.samples[base + min(parameters.left + x0 + e, parameters.sourceWidth - 1)];
    parameters.target.samples[channel * parameters.plane + y * parameters.stride + x0 / 4] = STORE4(inside(four, x0, parameters.width));
}
