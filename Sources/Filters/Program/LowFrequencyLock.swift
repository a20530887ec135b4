/// What the scaler's networks may do to the means of a picture: nothing, but for a drift too small to be seen.
///
/// Behind each network the means of its result's blocks are brought back to those of the source, as far as they lie beyond a dead
/// zone, by a bilinear surface between the blocks' middles. The zone is there because not every drift is an error: a network that
/// takes noise and coding away moves the mean of a block of 16 × 16 by a few tenths of a code, mostly towards the truth, and giving
/// that back cost 0.011 dB at ratio 1, 0.005 at ratio 2 and 0.054 of chroma; with the zone it costs 0.001, 0 and 0.034.
///
/// The zones are as large as the mean color allows, which stays within half a code of 8 bits of the source's, as Y′CbCr and as
/// R′G′B′: a quarter of a code of luma is 0.25 · 255 / 219 = 0.29 of R′G′B′, and 0.09 of a code of Cb adds at most
/// 1.8814 · 0.09 · 255 / 224 = 0.19. Planes are normalised here (luma 0 to 1, chroma ±0.5), so that depth and range of the source
/// change nothing.
package enum LowFrequencyLock {
    /// Samples of the source a side of a block.
    package static let block = 16
    /// Drift of a block's mean of luma that all networks of a picture together leave: a quarter of an 8-bit code of limited range.
    package static let lumaDeadZone = 0.25 / 219
    /// The same for chroma, on its own scale: 0.09 of a code.
    package static let chromaDeadZone = 0.09 / 224
}

extension PictureProgram {
    /// Drift of luma that each network's lock leaves: where two networks follow each other, half of what both may.
    var lumaDeadZone: Double {
        let networks = luma.count(where: { if case .network = $0 { true } else { false } })
        return LowFrequencyLock.lumaDeadZone / Double(max(networks, 1))
    }
}
