import CLibAV
import Picture

/// What a source carries that its frames do not take along, or that its first picture does not tell: each with the first
/// frame that has it.
package struct SourceNotes: Codable, Hashable, Sendable {
    package struct Note: Codable, Hashable, Sendable {
        package let kind: Kind
        /// Number of the first frame that has it.
        package let firstFrame: Int
    }

    package enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// CEA-608 or CEA-708 in the bitstream of the picture.
        case closedCaptions
        /// SMPTE ST 2094-40.
        case hdr10Plus
        /// Dolby Vision beside a base layer that is whole without it.
        case dolbyVision
        /// Other mastering display or light levels than in the first picture.
        case otherHDRMetadata
        /// Two fields, where the first picture is progressive.
        case interlaced
        /// Fields that are to be shown a second time: pulldown by flags.
        case repeatedFields
        /// Transparency in a stream beside the picture, as VP8 and VP9 have it.
        case transparency
        /// Not carried, but in the way: a frame before the job's own that its filters would look at and that cannot be used.
        case unusableBefore
        /// The same behind them.
        case unusableBehind
    }

    /// By kind, in the order of the kinds.
    package private(set) var notes: [Note] = []

    package init() {}

    package var isEmpty: Bool { notes.isEmpty }

    package func firstFrame(_ kind: Kind) -> Int? { notes.first { $0.kind == kind }?.firstFrame }

    /// Keeps the earliest frame of each kind.
    package mutating func add(_ kind: Kind, frame: Int) {
        if let known = notes.firstIndex(where: { $0.kind == kind }) {
            if notes[known].firstFrame > frame { notes[known] = Note(kind: kind, firstFrame: frame) }
            return
        }
        notes.append(Note(kind: kind, firstFrame: frame))
        notes.sort { Self.place($0.kind) < Self.place($1.kind) }
    }

    package mutating func add(_ other: SourceNotes) {
        for note in other.notes { add(note.kind, frame: note.firstFrame) }
    }

    private static func place(_ kind: Kind) -> Int { Kind.allCases.firstIndex(of: kind) ?? 0 }
}

extension SourceNotes {
    /// What a decoder attached to one frame.
    ///
    /// - Parameter look: of the first picture; nil where nothing is compared.
    mutating func add(_ picture: borrowing DecodedFrame, look: PictureLook?, frame: Int) {
        let raw = picture.raw
        let hdr = StaticHDRMetadata(frame: raw)
        if let first = look?.hdr, hdr != .none, hdr != first { add(.otherHDRMetadata, frame: frame) }
        addMetadata(picture, frame: frame)
        if raw.pointee.interlaced_frame != 0 { add(.interlaced, frame: frame) }
        if raw.pointee.repeat_pict > 0 { add(.repeatedFields, frame: frame) }
    }

    /// What stands beside the samples and is not taken along.
    mutating func addMetadata(_ picture: borrowing DecodedFrame, frame: Int) {
        let raw = picture.raw
        if av_frame_get_side_data(raw, AV_FRAME_DATA_A53_CC) != nil { add(.closedCaptions, frame: frame) }
        if av_frame_get_side_data(raw, AV_FRAME_DATA_DYNAMIC_HDR_PLUS) != nil { add(.hdr10Plus, frame: frame) }
        if av_frame_get_side_data(raw, AV_FRAME_DATA_DOVI_METADATA) != nil { add(.dolbyVision, frame: frame) }
    }
}
