// Maps of a network: planar, four samples of a row to a vector. A row has `stride` vectors, a channel `plane` vectors;
// rows are padded to a multiple of eight samples, and the samples beyond the width are zero: every kernel keeps it so.
// Stored as 32-bit or (HALF) 16-bit floats, these cut off at the largest finite one; arithmetic is 32-bit but where a kernel
// says otherwise.
#extension GL_EXT_control_flow_attributes : require

#ifdef HALF
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#define MAP4 f16vec4
#define MAP1 float16_t
#else
#define MAP4 vec4
#define MAP1 float
#endif

#define LOAD4(value) vec4(value)
#ifdef HALF
#define STORE4(value) f16vec4(clamp(value, vec4(-65504), vec4(65504)))
#else
#define STORE4(value) (value)
#endif

// Samples of the vector at column x (a multiple of 4) that lie beyond the width become zero.
vec4 inside(vec4 value, int x, int width) {
    ivec4 columns = ivec4(x) + ivec4(0, 1, 2, 3);
    return mix(vec4(0), value, lessThan(columns, ivec4(width)));
}

// Kinds of activation; a slope of 1 is none, of 0 ReLU.
const uint ACTIVATION_SLOPE = 0;
const uint ACTIVATION_CLAMP = 1;
const uint ACTIVATION_SIGMOID = 2;
const uint ACTIVATION_TANH = 3;

vec4 activate(vec4 x, uint kind, float slope, float low, float high) {
    if (kind == ACTIVATION_CLAMP) return clamp(x, vec4(low), vec4(high));
    if (kind == ACTIVATION_SIGMOID) return 1 / (1 + exp(-x));
    if (kind == ACTIVATION_TANH) return tanh(clamp(x, vec4(-20), vec4(20)));
    return mix(x * slope, x, greaterThanEqual(x, vec4(0)));
}
