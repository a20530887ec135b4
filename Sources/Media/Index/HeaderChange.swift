import CLibAV

/// A packet from which on the stream's headers say something else of its pictures.
struct HeaderChange: Hashable, Sendable {
    /// Number in file order, from 0.
    var packet: Int32
    /// Whether the library's decoder begins anew there, and forgets the picture that it still holds.
    var restartsDecoder: Bool
}

extension FrameIndex {
    /// Whether the decoder must have given all before this packet is sent.
    func restartsDecoder(at packet: Int) -> Bool { changes.contains { Int($0.packet) == packet && $0.restartsDecoder } }

    /// For each change the first frame, in order of presentation, of what it begins; ascending, of several for one the last.
    var framesOfChanges: [(change: HeaderChange, frame: Int)] {
        var frames: [(change: HeaderChange, frame: Int)] = []
        var rest = changes[...]
        for (frame, packet) in packets.enumerated() {
            // Pictures that are stored behind the packet and shown before its own are of its kind already.
            while let change = rest.first, packet >= change.packet {
                rest.removeFirst()
                if frames.last?.frame == frame { frames.removeLast() }
                if frame > 0 { frames.append((change, frame)) }
            }
        }
        return frames
    }
}

/// Looks at the headers in a stream's packets: what they say of size, shape and color, and whether that is still the same.
struct HeaderWatch {
    private enum Kind { case mpeg2, h264, h265, digitalVideo }

    private let kind: Kind?
    private var last: Said?

    /// Bytes at the start of a packet in which its headers stand.
    private static let reach = 4096

    private struct Said: Equatable {
        /// What makes the decoder begin anew.
        var geometry: [UInt8] = []
        var rest: [UInt8] = []
    }

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        let parameters = stream.pointee.codecpar.pointee
        // Headers of their own stand in the packets of streams with start codes alone.
        let hasRecord = parameters.extradata_size > 0 && parameters.extradata[0] == 1
        kind =
            switch parameters.codec_id {
            case AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG1VIDEO: .mpeg2
            case AV_CODEC_ID_H264: hasRecord ? nil : .h264
            case AV_CODEC_ID_HEVC: hasRecord ? nil : .h265
            case AV_CODEC_ID_DVVIDEO: .digitalVideo
            default: nil
            }
    }

    /// - Returns: nil where nothing changes, else whether the decoder begins anew.
    mutating func changes(at packet: borrowing Packet) -> Bool? {
        if av_packet_get_side_data(packet.raw, AV_PKT_DATA_NEW_EXTRADATA, nil) != nil, kind != .mpeg2 {
            last = nil
            return false
        }
        guard let kind, packet.isKeyframe else { return nil }
        let said = packet.withBytes { bytes in
            switch kind {
            case .mpeg2: Self.sequence(UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.reach)))
            case .h264: Self.parameters(UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.reach))) { $0 & 0x1F == 7 }
            case .h265: Self.parameters(UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.reach))) { $0 >> 1 & 0x3F == 33 }
            case .digitalVideo: Self.source(bytes)
            }
        }
        guard let said else { return nil }
        defer { last = said }
        guard let last, last != said else { return nil }
        return kind == .mpeg2 && last.geometry != said.geometry
    }

    /// ISO/IEC 13818-2 6.2.2.1, 6.2.2.3, 6.2.2.4: sequence header, sequence extension, sequence display extension; neither bit
    /// rate nor buffer, which may differ in every group.
    private static func sequence(_ bytes: UnsafeRawBufferPointer) -> Said? {
        var said: Said?
        var position = 0
        while position + 12 < bytes.count {
            guard bytes[position] == 0, bytes[position + 1] == 0, bytes[position + 2] == 1 else {
                position += 1
                continue
            }
            let (code, body) = (bytes[position + 3], position + 4)
            switch (code, bytes[body] >> 4) {
            case (0xB3, _): said = Said(geometry: Array(bytes[body..<body + 3]) + [bytes[body + 3] >> 4])
            case (0xB5, 1): said?.geometry += [bytes[body + 1] & 0x0F, bytes[body + 2] & 0xE0]
            case (0xB5, 2):
                let hasColor = bytes[body] & 1 != 0
                let size = body + (hasColor ? 4 : 1)
                if hasColor { said?.rest += bytes[body + 1..<body + 4] }
                said?.geometry += bytes[size..<size + 4]
            case (0x00, _): return said
            default: break
            }
            position += 4
        }
        return said
    }

    /// The units for which `isWanted` is true of the first byte; of streams with start codes.
    private static func parameters(_ bytes: UnsafeRawBufferPointer, _ isWanted: (UInt8) -> Bool) -> Said? {
        var said = Said()
        for unit in NALUnits(annexB: bytes) where !unit.isEmpty && unit.upperBound < bytes.count && isWanted(bytes[unit.lowerBound]) {
            said.rest += bytes[unit]
        }
        return said.rest.isEmpty ? nil : said
    }

    /// IEC 61834: the application of the track, and of the source pack the shape of the picture.
    private static func source(_ bytes: UnsafeRawBufferPointer) -> Said? {
        let pack = 80 * 5 + 48 + 5
        guard bytes.count > pack + 2 else { return nil }
        return Said(rest: [bytes[4] & 7, bytes[pack] == 0x61 ? bytes[pack + 2] & 7 : 0xFF])
    }
}
