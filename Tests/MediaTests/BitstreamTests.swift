import ColorScience
import Media
import Picture
import Testing

@Suite struct BitstreamTests {
    @Test("NAL units are found behind start codes of three and four bytes, without trailing zeros")
    func annexB() {
        let bytes: [UInt8] = [0, 0, 0, 1, 0x40, 1, 2, 0, 0, 1, 0x42, 3, 0, 0, 0, 0, 1, 0x44, 0, 0, 3, 1]
        bytes.withUnsafeBytes { bytes in
            let units = NALUnits(annexB: bytes).map { Array(bytes[$0]) }
            #expect(units == [[0x40, 1, 2], [0x42, 3], [0x44, 0, 0, 3, 1]])
        }
        #expect(rawPayload(of: [0x44, 0, 0, 3, 1, 0, 0, 3]) == [0x44, 0, 0, 1, 0, 0])
    }

    @Test(
        "Streams without a start code, and empty ones, have no units",
        arguments: [[], [0], [0, 0, 1], [1, 2, 3, 4], [0, 0, 0, 0]] as [[UInt8]])
    func noUnits(bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            let units = NALUnits(annexB: bytes).map { Array(bytes[$0]) }
            #expect(units.isEmpty)
        }
    }

    /// Prefix SEI: mastering display of P3-D65, 1000 and 0.005 cd/m², then MaxCLL 800 and MaxFALL 200.
    static let message: [UInt8] =
        [0x4E, 0x01, 137, 24, 0x33, 0xC2, 0x86, 0xC4, 0x1D, 0x4C, 0x0B, 0xB8, 0x84, 0xD0, 0x3E, 0x80, 0x3D, 0x13, 0x40, 0x42]
        + [0x00, 0x98, 0x96, 0x80, 0x00, 0x00, 0x03, 0x00, 0x32, 144, 4, 0x03, 0x20, 0x00, 0xC8, 0x80]

    @Test("HDR messages are read through emulation prevention")
    func supplementalInformation() {
        let metadata = HEVCSupplementalInformation(unit: Self.message).metadata
        #expect(metadata.masteringDisplay == .p3D65(maxLuminance: 1000, minLuminance: 0.005))
        #expect(metadata.lightLevel == CodedLightLevel(maxCLL: 800, maxFALL: 200))
    }

    @Test("A message that ends early gives what was whole")
    func cutMessage() {
        for length in 0..<Self.message.count {
            let metadata = HEVCSupplementalInformation(unit: Self.message.prefix(length)).metadata
            #expect((metadata.masteringDisplay != nil) == (length >= 29))
            #expect((metadata.lightLevel != nil) == (length >= 35))
        }
    }

    @Test("Bytes that may be anything never lead out of the bytes", arguments: 0..<64)
    func noise(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func byte() -> UInt8 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        for _ in 0..<200 {
            let bytes = (0..<Int(byte())).map { _ in byte() }
            _ = HEVCSequenceParameters(unit: bytes)
            _ = HEVCSupplementalInformation(unit: bytes)
            _ = ISOBox.parse(bytes[...])
            if let configuration = HEVCConfiguration([1] + bytes) { bytes.withUnsafeBytes { _ = configuration.units(in: $0) } }
        }
    }

    @Test("Boxes are divided along the containers; one that is too long ends the list")
    func boxes() {
        let inner: [UInt8] = [0, 0, 0, 10, 0x66, 0x72, 0x65, 0x65, 7, 8]
        let outer: [UInt8] = [0, 0, 0, 18, 0x6D, 0x6F, 0x6F, 0x76] + inner
        let boxes = ISOBox.parse((outer + [0, 0, 0, 99, 0x66, 0x72, 0x65, 0x65])[...])
        #expect(boxes.map(\.type) == ["moov"])
        #expect(boxes.first?.children.map(\.type) == ["free"])
        #expect(boxes.first?.children.first.map { Array($0.payload) } == [7, 8])
    }
}

@Suite struct SegmentTimelineTests {
    @Test("Decode times are the sorted presentation times, late by the deepest reordering")
    func reordering() throws {
        // I P B b b: shown 0 4 2 1 3.
        let group: [Int64] = [0, 4, 2, 1, 3]
        let segments = [group, group.map { $0 + 5 }].map { $0.map { (presentationTime: $0 * 10, duration: Int64(10)) } }
        let timeline = try SegmentTimeline(segments)
        #expect(timeline.items.map(\.decodeTime) == [-20, -10, 0, 10, 20, 30, 40, 50, 60, 70])
        #expect(timeline.items.allSatisfy { $0.decodeTime <= $0.presentationTime })
        #expect(timeline.items.map(\.segment) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
        #expect(timeline.endTime == 100)
    }

    @Test("Cuts do not change decode times")
    func cuts() throws {
        let times: [Int64] = [0, 20, 10, 30, 50, 40, 60, 80, 70]
        let packets = times.map { (presentationTime: $0, duration: Int64(10)) }
        let whole = try SegmentTimeline([packets])
        let cut = try SegmentTimeline([Array(packets[0..<3]), Array(packets[3..<6]), Array(packets[6...])])
        #expect(whole.items.map(\.decodeTime) == cut.items.map(\.decodeTime))
    }

    @Test("Durations follow the gaps of a variable rate")
    func variableRate() throws {
        let timeline = try SegmentTimeline([[(0, 1), (70, 1), (30, 1)], [(100, 55)]])
        #expect(timeline.items.map(\.duration) == [30, 30, 40, 55])
        #expect(timeline.endTime == 155)
    }

    @Test("Overlapping segments, repeated times and nothing at all are refused")
    func refusals() {
        #expect(throws: MediaError.wrongFrame(.timeNotAscending)) { try SegmentTimeline([[(0, 1), (2, 1)], [(1, 1)]]) }
        #expect(throws: MediaError.wrongFrame(.timeNotAscending)) { try SegmentTimeline([[(0, 1), (0, 1)]]) }
        #expect(throws: MediaError.noFrames) { try SegmentTimeline([]) }
    }
}
