// table: tetrahedral interpolation in a 3-D table. The including kernel declares `table.entries`: edge³ entries, red fastest,
// word 0 red and green, word 1 blue, as 16-bit fractions.

vec3 entryOf(uint index) {
    uvec2 words = table.entries[index];
    return vec3(float(words.x & 0xFFFFu), float(words.x >> 16), float(words.y)) * (1.0 / 65535.0);
}

// Walks from the lower corner of the cell to the upper one along the axes in falling order of the fractions. Entries lie
// at equal steps of the square root of the signal: PQ is steepest near black.
vec3 interpolate(vec3 color, uint edge) {
    float top = float(edge - 1);
    vec3 position = sqrt(clamp(color, 0.0, 1.0)) * top;
    vec3 cell = min(floor(position), vec3(top - 1.0));
    vec3 f = position - cell;
    uint base = uint(cell.x) + edge * (uint(cell.y) + edge * uint(cell.z));
    uint stepR = 1u;
    uint stepG = edge;
    uint stepB = edge * edge;
    float high = max(f.x, max(f.y, f.z));
    float low = min(f.x, min(f.y, f.z));
    float middle = max(min(f.x, f.y), min(max(f.x, f.y), f.z));
    // Ties go to red, then green; equal fractions give the same sum in any order.
    uint stepHigh = f.x == high ? stepR : (f.y == high ? stepG : stepB);
    uint stepLow = f.z == low ? stepB : (f.y == low ? stepG : stepR);
    uint all = stepR + stepG + stepB;
    return entryOf(base) * (1.0 - high) + entryOf(base + stepHigh) * (high - middle) + entryOf(base + all - stepLow) * (middle - low)
        + entryOf(base + all) * low;
}
