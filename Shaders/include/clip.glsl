// clip: how far a signal counts as clipped (ClipMask).

const float CLIP_START = 0.95;
const float CLIP_END = 0.99;

float clipShare(float signal) { return clamp((signal - CLIP_START) / (CLIP_END - CLIP_START), 0.0, 1.0); }
