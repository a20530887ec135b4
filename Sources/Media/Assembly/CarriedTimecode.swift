import CLibAV
import Picture
import Primitives

/// What becomes of the source's timecode in a rendition. It is a number, not packets: its track is written anew.
enum CarriedTimecode {
    /// The source has none.
    case absent
    /// Address of the rendition's first frame.
    case address(String)
    case lost(AssemblyReport.Omission)

    /// - Parameters:
    ///   - picture: stream that was processed.
    ///   - tracks: streams of timecode.
    ///   - frameRates: of the source's picture and of the rendition's.
    init(
        _ file: borrowing InputFile, picture: Int, tracks: [Int], range: FrameRange, frameRates: (source: Rational, output: Rational),
        container: RenditionContainer
    ) {
        var found = LibraryDictionary.value("timecode", in: file.stream(picture).pointee.metadata)
        for track in tracks where found == nil {
            found = LibraryDictionary.value("timecode", in: file.stream(track).pointee.metadata)
        }
        found = found ?? LibraryDictionary.value("timecode", in: file.raw.pointee.metadata)
        guard let address = found else {
            self = tracks.isEmpty || !container.carriesTimecode ? .absent : .lost(.timecodeAddress)
            return
        }
        guard container.carriesTimecode else {
            self = .lost(.timecode)
            return
        }
        var counted = frameRates.source
        for track in tracks where LibraryDictionary.value("timecode", in: file.stream(track).pointee.metadata) == address {
            guard let rate = Rational(file.stream(track).pointee.avg_frame_rate) else { continue }
            guard let own = Self.rate(rate, beside: frameRates.source) else {
                self = .lost(.timecodeRate)
                return
            }
            counted = own
            break
        }
        guard let start = Timecode(address, rate: counted) else {
            self = .lost(.timecodeAddress)
            return
        }
        let first = start.carried(from: counted, to: frameRates.source)?.advanced(by: range.start)
        guard let carried = first?.carried(from: frameRates.source, to: frameRates.output) else {
            self = .lost(.timecodeRate)
            return
        }
        self = .address(carried.description)
    }

    /// The rate at which a track counts, as a whole part of the picture's: tracks of 30 numbers beside 29.97 pictures a second
    /// call themselves 30 or 29.97. Nil where the picture's is no multiple of it.
    private static func rate(_ track: Rational, beside picture: Rational) -> Rational? {
        let ratio = picture.double / track.double
        let whole = ratio.rounded()
        guard (1...1000).contains(whole), abs(ratio / whole - 1) < 0.002 else { return nil }
        return picture * Rational(1, Int64(whole))
    }
}

extension Timecode {
    /// The same moment at another rate: possible when one counts whole multiples of the other's numbers in the same way.
    func carried(from: Rational, to: Rational) -> Timecode? {
        if from == to { return self }
        let ratio = Rational(to.numerator, to.denominator) * Rational(from.denominator, from.numerator)
        guard ratio.denominator == 1, ratio.numerator > 1 else { return nil }
        return multiplied(by: Int(ratio.numerator))
    }
}
