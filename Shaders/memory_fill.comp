#version 460
// memory_fill: writes one 32-bit word to every element. out: any 32-bit words; used to clear buffers and by the GPU tests.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout(std430, set = 0, binding = 0) writeonly buffer Output { uint words[]; } target;

layout(push_constant) uniform Parameters {
    uint count;  // words to write, from the start of the binding
    uint word;
} parameters;

void main() {
    uint index = gl_GlobalInvocationID.x;
    if (index < parameters.count) target.words[index] = parameters.word;
}
