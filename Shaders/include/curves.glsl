// curves: transfer functions and tone curves on one float. The logarithm and the power are our own polynomials, because
// those of drivers differ in accuracy: PQ raises to the 79th power, which turns 1e-5 into a visible step.

// Binary logarithm of x > 0; relative error below 2e-7.
float exactLog2(float x) {
    int bits = floatBitsToInt(x);
    int exponent = ((bits >> 23) & 255) - 127;
    float mantissa = intBitsToFloat((bits & 0x007FFFFF) | 0x3F800000);
    if (mantissa > 1.41421356) {
        mantissa *= 0.5;
        exponent += 1;
    }
    float s = (mantissa - 1.0) / (mantissa + 1.0);
    float q = s * s;
    // 2 / ln 2 · atanh(s)
    float series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0))));
    return float(exponent) + 2.885390081777927 * s * series;
}

// 2^y for y in [-126, 126], clamped; relative error below 2e-7.
float exactExp2(float y) {
    float clamped = clamp(y, -126.0, 126.0);
    float whole = floor(clamped + 0.5);
    float t = (clamped - whole) * 0.6931471805599453;
    float series =
        1.0 + t * (1.0 + t * (1.0 / 2.0 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0 + t * (1.0 / 720.0 + t / 5040.0))))));
    return series * intBitsToFloat((int(whole) + 127) << 23);
}

// x^p for x ≥ 0.
float exactPow(float x, float p) { return x < 1e-37 ? 0.0 : exactExp2(p * exactLog2(x)); }

const float PQ_M1 = 2610.0 / 16384.0;
const float PQ_M2 = 2523.0 / 4096.0 * 128.0;
const float PQ_C1 = 3424.0 / 4096.0;
const float PQ_C2 = 2413.0 / 4096.0 * 32.0;
const float PQ_C3 = 2392.0 / 4096.0 * 32.0;

// PQ signal E′ [0,1] → F_D / 10000. BT.2100 Table 4.
float pqDecode(float signal) {
    float root = exactPow(clamp(signal, 0.0, 1.0), 1.0 / PQ_M2);
    return exactPow(max(root - PQ_C1, 0.0) / (PQ_C2 - PQ_C3 * root), 1.0 / PQ_M1);
}

// F_D / 10000 [0,1] → PQ signal E′. BT.2100 Table 4.
float pqEncode(float light) {
    float power = exactPow(clamp(light, 0.0, 1.0), PQ_M1);
    return exactPow((PQ_C1 + PQ_C2 * power) / (1.0 + PQ_C3 * power), PQ_M2);
}

const float HLG_A = 0.17883277;
const float HLG_B = 0.28466892;
const float HLG_C = 0.55991073;
const float LOG2_E = 1.4426950408889634;

// Scene light [0,1] → HLG signal. BT.2100 Table 5.
float hlgEncode(float light) {
    float scene = max(light, 0.0);
    return scene <= 1.0 / 12.0 ? sqrt(3.0 * scene) : HLG_A * exactLog2(12.0 * scene - HLG_B) / LOG2_E + HLG_C;
}

// HLG signal → scene light [0,1]. BT.2100 Table 5.
float hlgDecode(float signal) {
    float value = max(signal, 0.0);
    return value <= 0.5 ? value * value / 3.0 : (exactExp2((value - HLG_C) / HLG_A * LOG2_E) + HLG_B) / 12.0;
}

const uint CURVE_POWER = 0;  // light = factor · signal^gamma, odd about 0
const uint CURVE_SRGB = 1;
const uint CURVE_PQ = 2;
const uint CURVE_HLG = 3;  // scene light: the OOTF is applied to all three components apart
const uint CURVE_LOG = 4;  // light = 10^((signal − 1) · decades), 0 for signal ≤ 0

// Light, relative to the nominal peak, of a signal. parameters: gamma (or decades), factor.
float decodeCurve(uint curve, vec2 parameters, float signal) {
    if (curve == CURVE_PQ) return pqDecode(signal);
    if (curve == CURVE_HLG) return hlgDecode(signal);
    if (curve == CURVE_LOG) return signal <= 0.0 ? 0.0 : exactExp2((signal - 1.0) * parameters.x * 3.321928094887362);
    float magnitude = abs(signal);
    float light = curve == CURVE_SRGB
        ? (magnitude < 12.92 * 0.0031308 ? magnitude / 12.92 : exactPow((magnitude + 0.055) / 1.055, 2.4))
        : parameters.y * (parameters.x == 1.0 ? magnitude : exactPow(magnitude, parameters.x));
    return signal < 0.0 ? -light : light;
}

// Signal of a light: the inverse of decodeCurve.
float encodeCurve(uint curve, vec2 parameters, float light) {
    if (curve == CURVE_PQ) return pqEncode(light);
    if (curve == CURVE_HLG) return hlgEncode(light);
    if (curve == CURVE_LOG)
        return light < exactExp2(-parameters.x * 3.321928094887362) ? 0.0 : 1.0 + exactLog2(light) / (3.321928094887362 * parameters.x);
    float magnitude = abs(light);
    float signal = curve == CURVE_SRGB
        ? (magnitude < 0.0031308 ? 12.92 * magnitude : 1.055 * exactPow(magnitude, 1.0 / 2.4) - 0.055)
        : (parameters.x == 1.0 ? magnitude / parameters.y : exactPow(magnitude / parameters.y, 1.0 / parameters.x));
    return light < 0.0 ? -signal : signal;
}

const uint TONE_NONE = 0;
const uint TONE_LINEAR = 1;
const uint TONE_CLIP = 2;
const uint TONE_HABLE = 3;
const uint TONE_REINHARD = 4;
const uint TONE_MOBIUS = 5;
const float MOBIUS_KNEE = 0.3;

float filmic(float x) { return (x * (0.15 * x + 0.05) + 0.004) / (x * (0.15 * x + 0.50) + 0.06) - 0.02 / 0.30; }

// Light [0, peak] → [0, 1]. tone: peak; then filmic(peak) for Hable, or a, b, scale of the Möbius transform.
float compressTone(uint curve, vec4 tone, float light) {
    float peak = tone.x;
    float x = clamp(light, 0.0, max(peak, 1.0));
    if (peak <= 1.0 || curve == TONE_CLIP) return min(x, 1.0);
    if (curve == TONE_LINEAR) return x / peak;
    if (curve == TONE_HABLE) return filmic(x) / tone.y;
    if (curve == TONE_REINHARD) return x / (x + 1.0) * (peak + 1.0) / peak;
    return x > MOBIUS_KNEE ? tone.w * (x + tone.y) / (x + tone.z) : x;
}

// Light [0, 1] → [0, peak]: the inverse of compressTone; linear and clip leave it as it is.
float expandTone(uint curve, vec4 tone, float light) {
    float peak = tone.x;
    float y = clamp(light, 0.0, 1.0);
    if (peak <= 1.0 || curve == TONE_LINEAR || curve == TONE_CLIP) return y;
    if (curve == TONE_HABLE) {
        float target = y * tone.y + 0.02 / 0.30;
        float a = 0.15 * (target - 1.0);
        float b = 0.50 * target - 0.05;
        float c = 0.06 * target - 0.004;
        return max((-b - sqrt(max(b * b - 4.0 * a * c, 0.0))) / (2.0 * a), 0.0);
    }
    if (curve == TONE_REINHARD) {
        float scaled = y * peak / (peak + 1.0);
        return scaled / (1.0 - scaled);
    }
    return y > MOBIUS_KNEE ? (tone.z * y - tone.w * tone.y) / (tone.w - y) : y;
}
