// grid: bilinear interpolation between the middles of square blocks, for runs of eight samples that start at a multiple
// of eight. Blocks are a multiple of 16 samples wide, so that all samples of a run lie between the same two middles.

const uint GRID_RUN = 8;

// position: of a sample, in samples; gives the indices of the blocks on both sides (the edge repeats).
void gridNeighbours(uint position, uint block, uint count, out uint lower, out uint upper) {
    int whole = int(floor((float(position) + 0.5) / float(block) - 0.5));
    int last = int(count) - 1;
    lower = uint(clamp(whole, 0, last));
    upper = uint(clamp(whole + 1, 0, last));
}

// Distance of a sample from the lower middle, in blocks.
float gridFraction(uint position, uint block) { return fract((float(position) + 0.5) / float(block) - 0.5 + 1.0); }
