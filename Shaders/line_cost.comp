#version 460
// line_cost: what it costs to take a line, moved, for another one. in: slopes of five planes, width × height each. out:
// costs[comparison][line][place], the mean of |first(x + place − reach) − second(x)| over the x that lie at least `reach`
// from both ends. Comparisons 0…14: line y of plane c / 3 with line y + 2^(c % 3) of the same plane, 0 where there is no
// such line; 15…18: line y of plane 2 with that of plane 0, 1, 3, 4. One invocation sums one cost in order of x.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout(std430, set = 0, binding = 0) readonly buffer Slopes { float samples[]; } slopes;
layout(std430, set = 0, binding = 1) writeonly buffer Costs { float values[]; } costs;

layout(push_constant) uniform Parameters {
    uint width;  // more than 2 reach
    uint height;
    uint reach;
} parameters;

void main() {
    uint places = 2 * parameters.reach + 1;
    uvec3 id = gl_GlobalInvocationID;
    if (id.x >= places || id.y >= parameters.height || id.z >= 19) return;
    uint target = (id.z * parameters.height + id.y) * places + id.x;
    uint first = id.y;
    uint second = id.y;
    if (id.z < 15) {
        uint apart = 1u << (id.z % 3);
        if (id.y + apart >= parameters.height) {
            costs.values[target] = 0.0;
            return;
        }
        uint plane = id.z / 3 * parameters.height;
        first += plane;
        second += plane + apart;
    } else {
        uint other = id.z - 15;
        first += 2 * parameters.height;
        second += (other < 2 ? other : other + 1) * parameters.height;
    }
    uint a = first * parameters.width + id.x;
    uint b = second * parameters.width + parameters.reach;
    uint count = parameters.width - 2 * parameters.reach;
    float sum = 0.0;
    for (uint x = 0; x < count; x++) sum += abs(slopes.samples[a + x] - slopes.samples[b + x]);
    costs.values[target] = sum / float(count);
}
