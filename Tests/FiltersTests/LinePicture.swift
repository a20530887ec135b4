import Foundation

/// Pictures that tell little of their lines, or that look as if those lay apart; for 320×144 samples.
enum LinePicture: CaseIterable {
    case title, noisyTitle, page, stripes, noisyStripes, movingStripes, broadStripes, noise, dark, noisyScene, barred, noisyBarred

    /// Deviation of white noise that belongs to the picture, in codes of 8 bits.
    var noise: Double {
        switch self {
        case .noise: 20
        case .noisyScene: 8
        case .noisyTitle, .noisyStripes: 4
        case .dark, .noisyBarred: 2
        case .title, .page, .stripes, .movingStripes, .broadStripes, .barred: 0
        }
    }

    /// The picture at a place, which may lie between samples: codes of 8 bits. `scene` is what a camera would see there.
    func value(_ x: Double, _ y: Double, frame: Int, scene: () -> Double) -> Double {
        switch self {
        case .title, .noisyTitle: (55..<265).contains(x) ? 16 + 219 * Self.ink(x - 55, y - 54, size: 5) : 16
        case .page: 16 + 219 * Self.ink(x - 6, y.truncatingRemainder(dividingBy: 18) - 2, size: 2)
        case .stripes, .noisyStripes: 126 + 60 * sin((x + y) * .pi / 6)
        case .movingStripes: 126 + 60 * sin((x + y + 3 * Double(frame)) * .pi / 6)
        case .broadStripes: 126 + 60 * sin((x + y) * .pi / 30)
        case .noise: 126
        case .dark: 16 + 0.05 * scene()
        case .noisyScene: scene()
        case .barred, .noisyBarred: (39..<105).contains(y) ? scene() : 16
        }
    }

    /// "THE END " over and over, seven dots high and six a letter; each row's lowest five bits, the left dot first.
    private static let letters: [[Int]] = [
        [31, 4, 4, 4, 4, 4, 4], [17, 17, 17, 31, 17, 17, 17], [31, 16, 16, 30, 16, 16, 31], [0, 0, 0, 0, 0, 0, 0],
        [31, 16, 16, 30, 16, 16, 31], [17, 25, 21, 19, 17, 17, 17], [30, 17, 17, 17, 17, 17, 30], [0, 0, 0, 0, 0, 0, 0],
    ]

    /// How much of a sample is ink, 0...1; a dot is `size` samples wide and high.
    private static func ink(_ x: Double, _ y: Double, size: Double) -> Double {
        let row = Int((y / size).rounded(.down))
        guard (0..<7).contains(row) else { return 0 }
        return [-0.375, -0.125, 0.125, 0.375].reduce(0.0) { sum, part in
            let column = Int(((x + part) / size).rounded(.down))
            guard column >= 0, column % 6 < 5 else { return sum }
            return sum + Double(letters[column / 6 % 8][row] >> (4 - column % 6) & 1) / 4
        }
    }
}
