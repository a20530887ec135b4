import Media

extension StreamDecision {
    /// What the owner of the rendition must know of the source's sound in this stream.
    var soundWarnings: [String] { [silenceWarning, gapWarning, overlapWarning, stampWarning, farWarning, changeWarning].compactMap { $0 } }

    private var silenceWarning: String? {
        isSilent == true ? "the source's stream \(sourceStream) has no sound in the range of the rendition" : nil
    }

    private var gapWarning: String? {
        guard let gaps else { return nil }
        return "the source's stream \(sourceStream) lacks \(Self.milliseconds(gaps)) ms of sound at \(Self.places(gaps))"
    }

    private var overlapWarning: String? {
        guard let overlaps else { return nil }
        return "packets of the source's stream \(sourceStream) overlap by \(Self.milliseconds(overlaps)) ms of sound at "
            + Self.places(overlaps)
    }

    private var stampWarning: String? {
        guard let stamps = passedStamps else { return nil }
        let which =
            stamps.count == 1
            ? "a time stamp contradicts its neighbours and is" : "\(stamps.count) time stamps contradict their neighbours and are"
        return "in the sound of the source's stream \(sourceStream) \(which) passed over; the first is at "
            + "\(Int(stamps.firstAtMilliseconds)) ms of the rendition"
    }

    private var farWarning: String? {
        guard let far = farSound else { return nil }
        return "\(Self.milliseconds(far)) ms of sound of the source's stream \(sourceStream) lie too far from its picture and are left out"
    }

    private var changeWarning: String? {
        guard let change = soundChange else { return nil }
        let more = change.count == 1 ? "" : ", and \(change.count - 1) more times"
        let result =
            change.unified.map { "the rendition has all of it as \($0)" }
            ?? "its packets are kept as they are, and the rendition names the first"
        return "the sound of the source's stream \(sourceStream) changes from \(change.from) to \(change.to) at "
            + "\(Int(change.atMilliseconds)) ms of the rendition\(more): \(result)"
    }

    private static func milliseconds(_ stretches: SoundStretches) -> Int { Int(stretches.milliseconds.rounded()) }

    private static func places(_ stretches: SoundStretches) -> String {
        (stretches.count == 1 ? "one place" : "\(stretches.count) places")
            + "; the first is at \(Int(stretches.firstAtMilliseconds)) ms of the rendition"
    }
}
