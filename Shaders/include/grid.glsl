// grid: position in a coarse grid of block means, for bilinear interpolation between the middles of blocks.

// u: coordinate of the middle of a sample in blocks, minus one half; returns lower index, upper index, fraction.
void gridPosition(float u, uint count, out uint lower, out uint upper, out float fraction) {
    float whole = floor(u);
    fraction = u - whole;
    int last = int(count) - 1;
    lower = uint(clamp(int(whole), 0, last));
    upper = uint(clamp(int(whole) + 1, 0, last));
}
