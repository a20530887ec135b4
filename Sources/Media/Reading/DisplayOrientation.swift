import CLibAV
import Glibc

/// How a stored picture is to be shown, by the display matrix of its container: exchanged left for right, then turned.
struct DisplayOrientation: Equatable {
    /// Clockwise quarter turns, 0…3.
    let turns: Int
    let isMirrored: Bool

    static let upright = DisplayOrientation(turns: 0, isMirrored: false)

    /// Degrees within which an angle is a quarter turn: the matrix is written with 16 bits behind the point.
    private static let tolerance = 1.0

    init(turns: Int, isMirrored: Bool) {
        self.turns = turns
        self.isMirrored = isMirrored
    }

    /// - Throws: `unsupported(.orientation)` for a matrix that does anything but exchange sides and turn by quarters.
    init(of stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        var size = 0
        guard let data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36 else {
            self = .upright
            return
        }
        self = try data.withMemoryRebound(to: Int32.self, capacity: 9) { matrix throws(MediaError) in
            try DisplayOrientation(a: Double(matrix[0]), b: Double(matrix[1]), c: Double(matrix[3]), d: Double(matrix[4]))
        }
    }

    /// - Parameters: where the matrix takes the unit to the right, (`a`, `b`), and the unit downwards, (`c`, `d`), on any scale.
    init(a: Double, b: Double, c: Double, d: Double) throws(MediaError) {
        let (right, down) = (hypot(a, b), hypot(c, d))
        // A matrix of zeros shows nothing; writers that leave it out mean the picture as it is.
        guard right > 0, down > 0 else {
            self = .upright
            return
        }
        let isMirrored = a * d - b * c < 0
        let sign: Double = isMirrored ? -1 : 1
        let angle = atan2(sign * b, sign * a) * 180 / .pi
        let turns = (angle / 90).rounded()
        let offset = abs(angle - turns * 90)
        let lean = abs(a * c + b * d) / (right * down)
        guard offset <= Self.tolerance, lean <= sin(Self.tolerance * .pi / 180) else {
            throw .unsupported(.orientation("\((angle * 10).rounded() / 10)° clockwise"))
        }
        self.init(turns: (Int(turns) % 4 + 4) % 4, isMirrored: isMirrored)
    }
}
