import Media
import Primitives

extension PicturePart {
    /// The parts of a file that differ in one thing; neighbours that agree in it are one.
    static func list(_ parts: [VideoPart], by field: PictureChange.Field, _ index: FrameIndex) -> [PicturePart] {
        var merged: [(frame: Int, value: String)] = []
        for part in parts {
            guard let value = part.video.look?.value(of: field), merged.last?.value != value else { continue }
            merged.append((part.firstFrame, value))
        }
        return merged.enumerated().map { number, part in
            let end = number + 1 < merged.count ? index.times[merged[number + 1].frame] : index.endTime
            return PicturePart(
                // Whole milliseconds within the part: a job takes the frames that begin between its positions.
                startMilliseconds: milliseconds(index.times[part.frame], index, roundedUp: true),
                endMilliseconds: milliseconds(end, index, roundedUp: number + 1 == merged.count), value: part.value)
        }
    }

    /// Behind the first frame.
    private static func milliseconds(_ time: Int64, _ index: FrameIndex, roundedUp: Bool) -> Int {
        let ticks = (time - (index.times.first ?? 0)).multipliedFullWidth(by: index.timebase.numerator * 1000)
        let (quotient, remainder) = index.timebase.denominator.dividingFullWidth(ticks)
        return Int(quotient) + (roundedUp && remainder > 0 ? 1 : 0)
    }
}
