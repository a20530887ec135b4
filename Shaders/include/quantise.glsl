// quantise: normalised sample → integer code, with a dither that depends on plane, position and absolute frame alone.

// Mixes 32 bits so that each output bit depends on every input bit (C. Wellons' lowbias32 construction).
uint mixBits(uint value) {
    value ^= value >> 16;
    value *= 0x7FEB352Du;
    value ^= value >> 15;
    value *= 0x846CA68Bu;
    value ^= value >> 16;
    return value;
}

// Random bits of a sample position.
uint positionBits(uint x, uint y, uint plane, uint frame) {
    return mixBits(mixBits(x + (y << 16)) ^ (frame * 4u + plane) * 0x9E3779B9u);
}

// Triangular noise of zero mean in (−1, 1) code values: the sum of two independent uniform ones, exact in a float.
float triangularNoise(uint bits) { return (float(bits & 0xFFFFu) + float(bits >> 16) - 65535.0) / 65536.0; }

// Whether a value is a code but for what 16 bits and arithmetic leave: nearer to one than 1/256.
bool isCode(float value, vec4 codes) {
    float code = value * codes.x + codes.y;
    return abs(code - floor(code + 0.5)) < 1.0 / 256.0;
}

// codes: scale, offset, least and largest legal code. noise in code values.
uint quantiseSample(float value, vec4 codes, float noise) {
    return uint(clamp(floor(value * codes.x + codes.y + noise + 0.5), codes.z, codes.w));
}
