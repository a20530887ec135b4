/// What a track of the source's sound is not, as far as the rendition reaches.
struct SoundFindings {
    /// Stretches between packets for which there is no sound.
    var gaps = SoundStretches()
    /// Stretches for which there is sound twice.
    var overlaps = SoundStretches()
    /// Time stamps that were not believed, one a place.
    var stamps = SoundStretches()
    /// Sound that begins too far from the picture to be kept.
    var leftOut = SoundStretches()
    var change: SoundChange?
    /// Where the last sound ends, in seconds from the start of the rendition; nil for none.
    var end: Double?
    /// Where the track ends whatever the source has: silence is put behind its last sound.
    var filledEnd: Double?

    /// Whether no packet reaches into the rendition.
    var isSilent: Bool { (end ?? 0) <= 0 }
}

/// Stretches of time in a track of sound that have something in common.
package struct SoundStretches: Codable, Hashable, Sendable {
    /// In milliseconds: 31,000 years. What a hostile file says beyond that is not counted.
    private static let longest = 1e15

    package private(set) var count = 0
    /// Of all of them.
    package private(set) var milliseconds = 0.0
    /// Where the first begins, from the start of the rendition.
    package private(set) var firstAtMilliseconds = 0.0

    /// Nil for none.
    var found: SoundStretches? { count > 0 ? self : nil }

    /// - Parameters:
    ///   - position: seconds from the start of the rendition.
    ///   - isContinued: it follows the stretch before it at once, and is one with it.
    mutating func add(at position: Double, seconds: Double, isContinued: Bool = false) {
        if count == 0 { firstAtMilliseconds = min(max((position * 1000).rounded(), -Self.longest), Self.longest) }
        if !isContinued || count == 0 { count += 1 }
        milliseconds = min(milliseconds + seconds * 1000, Self.longest)
    }
}

/// Sound whose channels or sampling rate change on their way.
package struct SoundChange: Codable, Hashable, Sendable {
    package internal(set) var count = 1
    /// What the first change leads from and to: `stereo at 48000 Hz`.
    package let from: String
    package let to: String
    /// Where the first is, from the start of the rendition.
    package let atMilliseconds: Double
    /// What the rendition has throughout; nil where its packets are those of the source.
    package let unified: String?
}

extension StreamDecision {
    /// The decision with what became of the sound.
    ///
    /// - Parameter pictureDelay: seconds from the start of the rendition to its first picture.
    func adding(_ findings: SoundFindings, pictureDelay: Double) -> StreamDecision {
        var decision = self
        decision.gaps = findings.gaps.found
        decision.overlaps = findings.overlaps.found
        decision.passedStamps = findings.stamps.found
        decision.farSound = findings.leftOut.found
        decision.soundChange = findings.change
        decision.soundEnd = (findings.filledEnd ?? findings.end).map { $0 - pictureDelay }
        decision.isSilent = findings.isSilent ? true : nil
        return decision
    }
}
