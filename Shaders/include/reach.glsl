// reach: what a kernel reaches by address instead of binding it. A binding shows only so much of a buffer (128 MiB on CPU
// devices), and a plane of 8192 x 8192 floats is twice that. Addresses are the first members of the push-constant block; the
// recorder fills them in, and reads here what is read and what is written. The caller vouches for bounds.
#extension GL_EXT_buffer_reference : require

layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer FloatsIn { float samples[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) writeonly buffer FloatsOut { float samples[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer FloatsChanged { float samples[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer WordsIn { uint words[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) writeonly buffer WordsOut { uint words[]; };
