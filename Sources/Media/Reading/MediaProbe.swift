import CLibAV
import Glibc
import Picture
import Primitives

/// Finds out what a file is, without trusting it.
package enum MediaProbe {
    /// Packets of the video stream that may pass before its first picture.
    private static let firstPicturePackets = 300

    /// Describes a file; its first picture is decoded, so that a description proves that there is one.
    ///
    /// - Throws: `empty`, `notMedia`, `damagedContainer`, `noVideoStream`, `noFrames`, `unsupported`, `limitExceeded`, …
    package static func describe(_ path: String, context: MediaContext) throws(MediaError) -> MediaDescription {
        let file = try InputFile.open(path, context: context)
        let video = try file.videoStream()
        let picture = try firstPicture(of: video, in: file)
        try file.completeSound()
        return MediaDescription(file: file, video: try VideoStream(file: file, index: video, picture: picture))
    }

    /// What only a decoded picture tells.
    struct Picture {
        let codedSize: PictureSize
        let size: PictureSize
        let format: AVPixelFormat
        let tags: ColorTags
        let fieldOrder: FieldOrder
        let hdr: StaticHDRMetadata
        let sampleAspectRatio: Rational?
        let profile: Int32
        let level: Int32
        let look: PictureLook
        let dolbyVision: DolbyVision?
        /// What the first frame carries that is not taken along.
        let notes: SourceNotes
    }

    private static func firstPicture(of index: Int, in file: borrowing InputFile) throws(MediaError) -> Picture {
        let decoder = try Decoder.open(file.stream(index), threads: 1, context: file.context)
        let packet = try Packet.allocate()
        file.select { $0 == index }
        var sent = 0
        while true {
            switch try decoder.receive() {
            case .frame(let frame):
                // A picture that was concealed tells size and format as well as any other.
                let picture = Picture(frame, decoder, dolbyVision: DolbyVision(file.stream(index), picture: frame))
                if let dolbyVision = picture.dolbyVision, !dolbyVision.hasOwnPicture {
                    throw .unsupported(.dolbyVision(profile: dolbyVision.profile))
                }
                return picture
            case .failed: continue
            case .endOfStream: throw .noFrames
            case .needsInput:
                guard sent <= firstPicturePackets, try readVideo(index, file, packet) else {
                    decoder.sendEnd()
                    continue
                }
                _ = try decoder.send(packet, number: Int64(sent))
                sent += 1
            }
        }
    }

    private static func readVideo(_ index: Int, _ file: borrowing InputFile, _ packet: borrowing Packet) throws(MediaError) -> Bool {
        while try file.read(into: packet) {
            if Int(packet.raw.pointee.stream_index) == index { return true }
        }
        return false
    }
}

extension MediaProbe.Picture {
    init(_ frame: borrowing DecodedFrame, _ decoder: borrowing Decoder, dolbyVision: DolbyVision?) {
        look = PictureLook(frame)
        var notes = SourceNotes()
        notes.addMetadata(frame, frame: 0)
        self.notes = notes
        self.dolbyVision = dolbyVision
        let (raw, codec) = (frame.raw.pointee, decoder.raw.pointee)
        codedSize = PictureSize(width: Int(codec.coded_width), height: Int(codec.coded_height))
        size = PictureSize(width: Int(raw.width), height: Int(raw.height))
        format = frame.format
        tags = ColorTags(raw)
        if raw.interlaced_frame != 0 {
            fieldOrder = raw.top_field_first != 0 ? .topFirst : .bottomFirst
        } else {
            fieldOrder = FieldOrder(codec.field_order)
        }
        hdr = StaticHDRMetadata(frame: frame.raw)
        sampleAspectRatio = Rational(raw.sample_aspect_ratio)
        profile = codec.profile
        level = codec.level
    }
}

extension FieldOrder {
    init(_ raw: AVFieldOrder) {
        switch raw {
        case AV_FIELD_PROGRESSIVE: self = .progressive
        // The second letter is the field that is displayed first.
        case AV_FIELD_TT, AV_FIELD_BT: self = .topFirst
        case AV_FIELD_BB, AV_FIELD_TB: self = .bottomFirst
        default: self = .unspecified
        }
    }

    /// How QuickTime's `fiel` says it of frames that hold both fields line by line: 9 top line first, 14 bottom line first.
    var interleaved: AVFieldOrder {
        switch self {
        case .topFirst: AV_FIELD_TB
        case .bottomFirst: AV_FIELD_BT
        case .unspecified, .progressive: library
        }
    }

    var library: AVFieldOrder {
        switch self {
        case .unspecified: AV_FIELD_UNKNOWN
        case .progressive: AV_FIELD_PROGRESSIVE
        case .topFirst: AV_FIELD_TT
        case .bottomFirst: AV_FIELD_BB
        }
    }
}
