#version 460
#extension GL_GOOGLE_include_directive : require
// picture_grade: every pixelwise color step of a frame in one pass over memory. in: three float planes of one size (Y′
// [0,1], C′B C′R [−0.5,0.5], or G′ B′ R′); → R′G′B′ → operation (none, 3-D table by tetrahedral interpolation, or curve,
// gamut, tone curve, curve) → light metering → matrix; out: first plane as floats or as dithered integer codes, second
// and third as floats. LOCAL: the table's result then gets the gains of its place (LocalLift), and clipped highlights their own
// (HighlightLift).
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint OPERATION = 0;  // 0 none, 1 table, 2 curves
layout(constant_id = 4) const bool METERS = false;
layout(constant_id = 5) const bool GRAY = false;  // no second and third plane at either end
layout(constant_id = 6) const uint CODE_BITS = 0;  // of a packed sample of the first plane: 8 or 16; 0: floats
layout(constant_id = 7) const bool DITHERS = false;
layout(constant_id = 8) const uint DECODE = 0;  // CURVE_… of curves.glsl
layout(constant_id = 9) const uint ENCODE = 0;
layout(constant_id = 10) const uint TONE = 0;  // TONE_… of curves.glsl
layout(constant_id = 11) const bool EXPANDS = false;
layout(constant_id = 12) const bool CLAMPS = false;  // result to [0, limit]
#ifdef LOCAL
layout(constant_id = 13) const bool MODULATES = false;  // gains of places
layout(constant_id = 14) const bool LIFTS = false;      // gains of clipped highlights
#endif

#include "include/curves.glsl"
#include "include/clip.glsl"
#include "include/quantise.glsl"
#include "include/reach.glsl"

// edge³ entries, red fastest: word 0 red and green, word 1 blue, as 16-bit fractions.
layout(std430, set = 0, binding = 0) readonly buffer Table { uvec2 entries[]; } table;
// METER_COPIES histograms of METER_BINS bins of max(R′, G′, B′).
layout(std430, set = 0, binding = 1) buffer Meter { uint bins[]; } meter;
layout(std140, set = 0, binding = 2) uniform Grade {
    vec4 toRGB[3];    // rows; w unused
    vec4 fromRGB[3];
    vec4 gamut[3];    // light of the source primaries → light of the target primaries
    vec4 tone;        // see curves.glsl
    vec4 curves;      // decode parameters, encode parameters
    vec4 light;       // working light of decoded 1; encoder input of working light 1; HLG gamma − 1 in, out
    vec4 codes;       // of the first plane: scale, offset, least, largest code
    vec4 limit;       // x: largest result; y: added to what is counted
    vec4 shown;       // part of the picture that is counted: first column and row, and those behind the last
} grade;

#ifdef LOCAL
// Maps one after the other: of R, G and B; of each brightness of `NODES` but the first.
layout(std430, set = 0, binding = 3) readonly buffer Gains { float stops[]; } gains;
layout(std430, set = 0, binding = 4) readonly buffer Places { float stops[]; } places;
#endif

layout(push_constant) uniform Parameters {
    FloatsIn first;
    FloatsIn second;
    FloatsIn third;
    WordsOut firstOut;
    FloatsOut secondOut;
    FloatsOut thirdOut;
    uint width;
    uint height;
    uint rowWords;  // of packed codes
    uint frame;     // absolute frame index
    uint edge;      // entries along an axis of the table
#ifdef LOCAL
    float white;        // light of diffuse white and of the peak, as ENCODE's inverse gives it
    float peak;
    uint columns;       // of the gains of a component
    uint rows;
    uint block;         // pixels a side of a gain
    float factor;       // on gains
    uint placeColumns;  // the same of the gains of places
    uint placeRows;
    uint placeBlock;
    float placeFactor;
    float yields;       // part of the gains of places that clipped areas do not get
#endif
} parameters;

const uint RUN = 4;  // pixels an invocation
const uint METER_BINS = 4096;
const uint METER_COPIES = 16;

vec3 multiply(vec4 rows[3], vec3 v) { return vec3(dot(rows[0].xyz, v), dot(rows[1].xyz, v), dot(rows[2].xyz, v)); }

#include "include/table.glsl"

const vec3 LUMINANCE_2020 = vec3(0.2627, 0.6780, 0.0593);

vec3 convert(vec3 color) {
    vec3 light = vec3(
        decodeCurve(DECODE, grade.curves.xy, color.x), decodeCurve(DECODE, grade.curves.xy, color.y),
        decodeCurve(DECODE, grade.curves.xy, color.z));
    if (DECODE == CURVE_HLG) light *= exactPow(max(dot(LUMINANCE_2020, light), 0.0), grade.light.z);
    light *= grade.light.x;
    if (TONE != TONE_NONE && EXPANDS) {
        float peak = max(light.x, max(light.y, light.z));
        light = max(light, 0.0) * (peak > 0.0 ? expandTone(TONE, grade.tone, peak) / peak : 0.0);
    }
    light = multiply(grade.gamut, light);
    if (TONE != TONE_NONE && !EXPANDS) {
        float peak = max(light.x, max(light.y, light.z));
        light = max(light, 0.0) * (peak > 0.0 ? compressTone(TONE, grade.tone, peak) / peak : 0.0);
    }
    light *= grade.light.y;
    if (ENCODE == CURVE_HLG) {
        light = max(light, 0.0);
        float luminance = dot(LUMINANCE_2020, light);
        light *= luminance > 0.0 ? exactPow(luminance, grade.light.w) : 0.0;
    }
    return vec3(
        encodeCurve(ENCODE, grade.curves.zw, light.x), encodeCurve(ENCODE, grade.curves.zw, light.y),
        encodeCurve(ENCODE, grade.curves.zw, light.z));
}

#ifdef LOCAL
// Corners of a cell of gains, the first map's, and how far a pixel is into it; the edge repeats.
struct Cell {
    ivec4 corners;
    vec2 part;
    int area;
};

Cell cellAt(uint x, uint y, uint block, uint columnCount, uint rowCount) {
    vec2 place = (vec2(x, y) + 0.5) / float(block) - 0.5;
    ivec2 whole = ivec2(floor(place));
    ivec2 last = ivec2(columnCount, rowCount) - 1;
    ivec2 lower = clamp(whole, ivec2(0), last);
    ivec2 upper = clamp(whole + 1, ivec2(0), last);
    int columns = int(columnCount);
    ivec4 corners = ivec4(lower.y * columns, lower.y * columns, upper.y * columns, upper.y * columns)
        + ivec4(lower.x, upper.x, lower.x, upper.x);
    return Cell(corners, place - vec2(whole), columns * int(rowCount));
}

float between(vec4 corners, vec2 part) {
    vec2 ends = mix(corners.xy, corners.zw, part.y);
    return mix(ends.x, ends.y, part.x);
}

vec3 decoded(vec3 color) {
    color = max(color, 0.0);
    vec2 curve = vec2(1.0);
    return vec3(decodeCurve(ENCODE, curve, color.x), decodeCurve(ENCODE, curve, color.y), decodeCurve(ENCODE, curve, color.z));
}

vec3 encoded(vec3 light) {
    vec2 curve = vec2(1.0);
    return vec3(encodeCurve(ENCODE, curve, light.x), encodeCurve(ENCODE, curve, light.y), encodeCurve(ENCODE, curve, light.z));
}

const float NODES[5] = float[5](0.5, 0.65, 0.8, 0.9, 1.0);

// The table's result, with the gains of its place and brightness.
vec3 modulate(vec3 color, float signal, uint x, uint y) {
    float share = parameters.placeFactor * (1.0 - parameters.yields * clipShare(signal));
    if (share == 0.0 || signal <= NODES[0]) return color;
    Cell cell = cellAt(x, y, parameters.placeBlock, parameters.placeColumns, parameters.placeRows);
    float stops = 0.0;
    for (int node = 1; node < 5; node++) {
        float weight = clamp((signal - NODES[node - 1]) / (NODES[node] - NODES[node - 1]), 0.0, 1.0);
        if (node < 4) weight = min(weight, max((NODES[node + 1] - signal) / (NODES[node + 1] - NODES[node]), 0.0));
        if (weight > 0.0) {
            ivec4 at = cell.corners + (node - 1) * cell.area;
            vec4 found = vec4(places.stops[at.x], places.stops[at.y], places.stops[at.z], places.stops[at.w]);
            stops += weight * between(found, cell.part);
        }
    }
    stops *= share;
    if (stops == 0.0) return color;
    vec3 light = decoded(color);
    float before = max(light.x, max(light.y, light.z));
    if (before <= 0.0) return color;
    return encoded(light * min(exactExp2(stops), max(before, parameters.peak) / before));
}

// The same, with the gains of clipped highlights.
vec3 lift(vec3 color, float signal, uint x, uint y) {
    float share = parameters.factor * clipShare(signal);
    if (share <= 0.0) return color;
    Cell cell = cellAt(x, y, parameters.block, parameters.columns, parameters.rows);
    vec3 stops;
    for (int k = 0; k < 3; k++) {
        ivec4 at = cell.corners + k * cell.area;
        stops[k] = between(vec4(gains.stops[at.x], gains.stops[at.y], gains.stops[at.z], gains.stops[at.w]), cell.part);
    }
    if (stops == vec3(0.0)) return color;
    stops *= share;
    vec3 light = decoded(color);
    float before = max(light.x, max(light.y, light.z));
    light *= vec3(exactExp2(stops.x), exactExp2(stops.y), exactExp2(stops.z));
    float after = max(light.x, max(light.y, light.z));
    if (after <= 0.0) return color;
    float wanted = min(max(after, min(before, parameters.white)), max(before, parameters.peak));
    return encoded(light * (wanted / after));
}
#endif

void main() {
    uint start = gl_GlobalInvocationID.x * RUN;
    uint y = gl_WorkGroupID.y;
    if (start >= parameters.width || y >= parameters.height) return;
    uint packed = 0;
    uint packedHigh = 0;
    for (uint step = 0; step < RUN; step++) {
        uint x = start + step;
        if (x < parameters.width) {
            uint index = y * parameters.width + x;
            vec3 value = vec3(parameters.first.samples[index], 0.0, 0.0);
            if (!GRAY) value.yz = vec2(parameters.second.samples[index], parameters.third.samples[index]);
            vec3 color = multiply(grade.toRGB, value);
#ifdef LOCAL
            float signal = max(color.x, max(color.y, color.z));
            color = interpolate(color, parameters.edge);
            if (MODULATES) color = modulate(color, signal, x, y);
            if (LIFTS) color = lift(color, signal, x, y);
#else
            if (OPERATION == 1) color = interpolate(color, parameters.edge);
#endif
            if (OPERATION == 2) color = convert(color);
            if (CLAMPS) color = clamp(color, 0.0, grade.limit.x);
            vec2 place = vec2(x, y);
            if (METERS && all(greaterThanEqual(place, grade.shown.xy)) && all(lessThan(place, grade.shown.zw))) {
                float level = clamp(max(color.x, max(color.y, color.z)) + grade.limit.y, 0.0, 1.0);
                uint bin = uint(floor(level * float(METER_BINS - 1) + 0.5));
                atomicAdd(meter.bins[(y % METER_COPIES) * METER_BINS + bin], 1u);
            }
            value = multiply(grade.fromRGB, color);
            if (CODE_BITS == 0) {
                parameters.firstOut.words[index] = floatBitsToUint(value.x);
            } else {
                float noise = DITHERS ? triangularNoise(positionBits(x, y, 0, parameters.frame)) : 0.0;
                uint code = quantiseSample(value.x, grade.codes, noise);
                if (CODE_BITS == 8) packed |= code << (8 * step);
                else if (step < 2) packed |= code << (16 * step);
                else packedHigh |= code << (16 * (step - 2));
            }
            if (!GRAY) {
                parameters.secondOut.samples[index] = value.y;
                parameters.thirdOut.samples[index] = value.z;
            }
        }
    }
    if (CODE_BITS == 8) parameters.firstOut.words[y * parameters.rowWords + start / 4] = packed;
    if (CODE_BITS == 16) {
        uint word = y * parameters.rowWords + start / 2;
        parameters.firstOut.words[word] = packed;
        if (start + 2 < parameters.width) parameters.firstOut.words[word + 1] = packedHigh;
    }
}
