#version 460
// memory_combine: sum = 3 * left + right, word by word, modulo 2^32. The order of two such kernels changes the result,
// which is how the tests see a missing barrier.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout(std430, set = 0, binding = 0) readonly buffer Left { uint words[]; } left;
layout(std430, set = 0, binding = 1) readonly buffer Right { uint words[]; } right;
layout(std430, set = 0, binding = 2) writeonly buffer Sum { uint words[]; } sum;

layout(push_constant) uniform Parameters {
    uint count;  // words
} parameters;

void main() {
    uint index = gl_GlobalInvocationID.x;
    if (index < parameters.count) sum.words[index] = 3 * left.words[index] + right.words[index];
}
