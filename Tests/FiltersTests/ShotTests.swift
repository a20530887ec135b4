import Filters
import Primitives
import Testing

@Suite struct ShotTests {
    /// A textured thumbnail of a tone, moved sideways.
    private func thumbnail(red: Float, green: Float, blue: Float, shift: Int = 0) -> Thumbnail {
        let count = Thumbnail.width * Thumbnail.height
        return Thumbnail(
            samples: (0..<(3 * count)).map { index in
                let x = (index % Thumbnail.width + shift) % Thumbnail.width
                let texture = Float(x % 16) / 64
                return min(max([red, green, blue][index / count] + texture, 0), 1)
            })
    }

    @Test("a change of scene is a cut, motion and fades are not")
    func cuts() {
        var detector = ShotDetector()
        var starts: [Int] = []
        for frame in 0..<60 {
            let picture =
                frame < 20
                ? thumbnail(red: 0.1, green: 0.15, blue: 0.3, shift: frame)
                : frame < 40
                    ? thumbnail(red: 0.6, green: 0.5, blue: 0.3, shift: 2 * frame)
                    : thumbnail(red: 0.6 - Float(frame - 40) * 0.03, green: 0.5 - Float(frame - 40) * 0.025, blue: 0.3, shift: 3)
            if detector.feed(picture) { starts.append(frame) }
        }
        #expect(starts == [0, 20])
    }

    @Test("a flash of one frame does not make short shots")
    func flash() {
        var detector = ShotDetector()
        var starts: [Int] = []
        for frame in 0..<30 {
            let picture = frame == 12 ? thumbnail(red: 0.9, green: 0.9, blue: 0.9) : thumbnail(red: 0.1, green: 0.2, blue: 0.1)
            if detector.feed(picture) { starts.append(frame) }
        }
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= ShotDetector.minimumLength })
        #expect(starts.count <= 2)
    }

    @Test("a frame's condition is that of its shot, and of the nearest one outside")
    func lookup() {
        let conditions = ShotConditions(shots: [
            .init(frames: FrameRange(10, 14), condition: [1]), .init(frames: FrameRange(14, 15), condition: [2]),
            .init(frames: FrameRange(15, 30), condition: [3]),
        ])
        #expect([0, 10, 13, 14, 15, 29, 99].map { conditions.condition(at: $0) } == [[1], [1], [1], [2], [3], [3], [3]])
        #expect(ShotConditions(shots: []).condition(at: 3) == [])
    }
}
