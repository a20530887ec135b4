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
    }

    /// Where pixels of an 8 × 6 picture go, from `copy`.
    private func turned(_ x: Double, _ y: Double, turns: Int, mirrored: Bool) -> (x: Double, y: Double) {
        let x = mirrored ? 7 - x : x
        return switch turns {
        case 1: (5 - y, x)
        case 2: (7 - x, 5 - y)
        case 3: (y, 7 - x)
        default: (x, y)
        }
    }

    @Test("chroma lies where its samples go, or at the nearest code", arguments: ChromaSiting.allCases, [false, true])
    func siting(siting: ChromaSiting, mirrored: Bool) throws {
        for turns in 0..<4 {
            let found = QuarterTurn.siting(siting, turns: turns, mirrored: mirrored)
            guard let across = siting.horizontalOffset, let down = siting.verticalOffset else {
                #expect(found == .unspecified)
                continue
            }
            let samples = (0..<3).flatMap { row in
                (0..<4).map { column in
                    turned(Double(2 * column) + across, Double(2 * row) + down, turns: turns, mirrored: mirrored)
                }
            }
            let (left, top) = (try #require(samples.map(\.x).min()), try #require(samples.map(\.y).min()))
            let distances = ChromaSiting.allCases.compactMap { code -> (code: ChromaSiting, distance: Double)? in
                guard let across = code.horizontalOffset, let down = code.verticalOffset else { return nil }
                return (code, abs(across - left) + abs(down - top))
            }
            let nearest = try #require(distances.map(\.distance).min())
            #expect(distances.filter { $0.distance == nearest }.map(\.code) == [found], "\(turns) turns")
            #expect(nearest == (left > 0.5 ? 0.5 : 0))
        }
    }

    @Test("turns that have a code each give it")
    func codes() {
        for turns in 0..<4 { #expect(QuarterTurn.siting(.center, turns: turns) == .center) }
        #expect((0..<4).map { QuarterTurn.siting(.left, turns: $0) } == [.left, .top, .center, .bottom])
        #expect((0..<4).map { QuarterTurn.siting(.topLeft, turns: $0) } == [.topLeft, .top, .bottom, .bottomLeft])
        #expect(QuarterTurn.siting(.topLeft, turns: 3, mirrored: true) == .topLeft)
    }
}
