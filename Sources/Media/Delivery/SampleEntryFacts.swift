import ColorScience
import Picture
import Primitives

/// What the boxes of the picture's track say, without the media library.
struct SampleEntryFacts {
    private(set) var type: String?
    private(set) var colorBox: String?
    private(set) var tags = ColorTags.unspecified
    private(set) var hdr = StaticHDRMetadata.none
    private(set) var sampleAspectRatio = Rational(1, 1)
    private(set) var tableFrameCount: Int?
    private(set) var configuration: HEVCConfiguration?

    /// Of a file without boxes: what its first picture and its header say.
    init(_ stream: VideoStream) {
        tags = stream.colorTags
        hdr = stream.hdr
        sampleAspectRatio = stream.sampleAspectRatio
    }

    init(_ file: ISOFile) {
        let tracks = file.movie?.all("trak") ?? []
        guard let track = tracks.first(where: { Self.handler($0) == "vide" }) else { return }
        if let sizes = track.first("mdia", "minf", "stbl", "stsz") {
            var reader = BigEndianReader(sizes.payload)
            if reader.skip(8) != nil { tableFrameCount = reader.next(UInt32.self).map { Int($0) } }
        }
        guard let description = track.first("mdia", "minf", "stbl", "stsd"),
            let entry = ISOBox.parse(description.payload.dropFirst(8)).first
        else { return }
        type = entry.type
        for box in ISOBox.parse(entry.payload.dropFirst(ISOBox.visualSampleEntrySize)) { read(box) }
    }

    /// Handler type of a track: `vide`, `soun`, `tmcd` …
    private static func handler(_ track: ISOBox) -> String? {
        track.first("mdia", "hdlr").map { String(decoding: $0.payload.dropFirst(8).prefix(4), as: UTF8.self) }
    }

    private mutating func read(_ box: ISOBox) {
        switch box.type {
        case "colr": readColor(box.payload)
        case "mdcv": hdr.masteringDisplay = CodedMasteringDisplay(box.payload)
        case "clli": hdr.lightLevel = CodedLightLevel(box.payload)
        case "pasp":
            var reader = BigEndianReader(box.payload)
            if let horizontal = reader.next(UInt32.self), let vertical = reader.next(UInt32.self), horizontal > 0, vertical > 0 {
                sampleAspectRatio = Rational(Int64(horizontal), Int64(vertical))
            }
        case "hvcC": configuration = HEVCConfiguration(box.payload)
        default: break
        }
    }

    /// ISO/IEC 14496-12 12.1.5: a type, then primaries, transfer and matrix; `nclx` adds the range in the top bit.
    private mutating func readColor(_ payload: ArraySlice<UInt8>) {
        let kind = String(decoding: payload.prefix(4), as: UTF8.self)
        guard kind == "nclx" || kind == "nclc" else { return }
        var reader = BigEndianReader(payload.dropFirst(4))
        guard let primaries = reader.next(UInt16.self), let transfer = reader.next(UInt16.self), let matrix = reader.next(UInt16.self)
        else {
            return
        }
        colorBox = kind
        tags.primaries = ColorPrimaries(rawValue: Int(primaries)) ?? .unspecified
        tags.transfer = TransferFunction(rawValue: Int(transfer)) ?? .unspecified
        tags.matrix = MatrixCoefficients(rawValue: Int(matrix)) ?? .unspecified
        if kind == "nclx", let flags = reader.next(UInt8.self) { tags.range = flags & 0x80 != 0 ? .full : .limited }
    }
}
