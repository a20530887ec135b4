import ColorScience
import Picture
import Pipeline
import Testing

@Suite struct QuarterTurnTests {
    /// Turns a 3 × 2 plane with padded rows.
    private func turned(_ turns: Int) -> [UInt8] {
        let stored: [UInt8] = [1, 2, 3, 99, 4, 5, 6, 99]
        let size = QuarterTurn.size(PictureSize(width: 3, height: 2), turns: turns)
        var result = [UInt8](repeating: 0, count: size.width * size.height)
        stored.withUnsafeBytes { source in
            result.withUnsafeMutableBytes { destination in
                QuarterTurn.copy(
                    source, sourceStride: 4, width: 3, height: 2, sampleBytes: 1, turns: turns, into: destination,
                    destinationStride: size.width)
            }
        }
        return result
    }

    @Test("each turn is clockwise")
    func clockwise() {
        #expect(turned(0) == [1, 2, 3, 4, 5, 6])
        #expect(turned(1) == [4, 1, 5, 2, 6, 3])
        #expect(turned(2) == [6, 5, 4, 3, 2, 1])
        #expect(turned(3) == [3, 6, 2, 5, 1, 4])
    }

    @Test("half the chroma across becomes half the chroma down")
    func formats() {
        #expect(QuarterTurn.format(.yuv422p10, turns: 1).name == "yuv440p10le")
        #expect(QuarterTurn.format(.yuv422p10, turns: 2) == .yuv422p10)
        #expect(QuarterTurn.format(.yuv420p, turns: 3) == .yuv420p)
    }

    @Test("left and right are exchanged before the turn")
    func mirrored() {
        let stored: [UInt8] = [1, 2, 3, 4, 5, 6]
        var result = [UInt8](repeating: 0, count: 6)
        stored.withUnsafeBytes { source in
            result.withUnsafeMutableBytes { destination in
                QuarterTurn.copy(
                    source, sourceStride: 3, width: 3, height: 2, sampleBytes: 1, turns: 1, mirrored: true, into: destination,
                    destinationStride: 2)
            }
        }
        #expect(result == [6, 3, 5, 2, 4, 1])
        #expect(QuarterTurn.mirrored(.topLeft) == .top)
    }

    @Test("center stays center, left becomes top")
    func siting() {
        for turns in 0..<4 { #expect(QuarterTurn.siting(.center, turns: turns) == .center) }
        #expect(QuarterTurn.siting(.left, turns: 1) == .top)
        #expect(QuarterTurn.siting(.unspecified, turns: 3) == .unspecified)
    }
}
