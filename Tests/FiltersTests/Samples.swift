import ColorScience
import Filters
import Picture
import Primitives

/// Pictures and tags that the tests share.
enum Samples {
    static let hd = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited, siting: .left)
    static let sd = ColorTags(primaries: .smpte170M, transfer: .smpte170M, matrix: .smpte170M, range: .limited, siting: .left)
    static let hdr = ColorTags(primaries: .bt2020, transfer: .pq, matrix: .bt2020NCL, range: .limited, siting: .topLeft)

    static func format(_ width: Int, _ height: Int, _ pixels: PixelFormat, _ tags: ColorTags = hd) -> PictureFormat {
        PictureFormat(width: width, height: height, pixels: pixels, tags: tags)
    }

    /// A frame whose planes are smooth waves with some legal noise on top: every code is legal in limited range.
    static func frame(_ format: PictureFormat, seed: UInt64 = 1) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: format.byteCount)
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        let shift = format.pixels.bitDepth - 8
        for (plane, layout) in format.planeLayouts.enumerated() {
            for y in 0..<layout.height {
                for x in 0..<layout.width {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    let noise = Int(state >> 59)
                    let wave = (x * (7 + 2 * plane) + y * (5 + plane)) % 180
                    let code = (24 + wave + noise % 12) << shift | Int(state >> 40 & UInt64(1 << shift - 1))
                    let place = layout.offset + y * layout.bytesPerRow + x * layout.bytesPerSample
                    bytes[place] = UInt8(code & 0xFF)
                    if layout.bytesPerSample == 2 { bytes[place + 1] = UInt8(code >> 8) }
                }
            }
        }
        return bytes
    }

    /// A frame of one color everywhere, given in codes of the planes.
    static func flat(_ format: PictureFormat, _ codes: [Int]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: format.byteCount)
        for (plane, layout) in format.planeLayouts.enumerated() {
            for y in 0..<layout.height {
                for x in 0..<layout.width { set(codes[plane], x, y, layout, &bytes) }
            }
        }
        return bytes
    }

    static func set(_ code: Int, _ x: Int, _ y: Int, _ layout: PlaneLayout, _ bytes: inout [UInt8]) {
        let place = layout.offset + y * layout.bytesPerRow + x * layout.bytesPerSample
        bytes[place] = UInt8(code & 0xFF)
        if layout.bytesPerSample == 2 { bytes[place + 1] = UInt8(code >> 8) }
    }

    /// Codes of a plane, row by row, without padding.
    static func codes(_ bytes: [UInt8], _ layout: PlaneLayout) -> [Int] {
        (0..<layout.height).flatMap { y in
            (0..<layout.width).map { x in
                let place = layout.offset + y * layout.bytesPerRow + x * layout.bytesPerSample
                return layout.bytesPerSample == 1 ? Int(bytes[place]) : Int(bytes[place]) | Int(bytes[place + 1]) << 8
            }
        }
    }

    /// Largest difference of any code of two frames of a format.
    static func largestDifference(_ a: [UInt8], _ b: [UInt8], _ format: PictureFormat) -> Int {
        format.planeLayouts.map { layout in zip(codes(a, layout), codes(b, layout)).map { abs($0 - $1) }.max() ?? 0 }.max() ?? 0
    }

    /// A mapping to PQ that is not linear anywhere, as a learned one.
    static func look(edge: Int = 17) throws -> BakedLUT {
        let expansion = LightExpansion(peakLuminance: 800, saturationBoost: 1.25)
        return try BakedLUT(edge: edge) { color in
            expansion.apply(color, gains: Vector3(1.5 * color.x * color.y, color.y * color.y, 0.5 + color.z * 0.5) * color.maximum)
        }
    }

    static let models = FilterModels(
        scaling: [2, 3].map {
            FilterModels.Scaling(
                identity: ModelIdentity(name: "dvres2_fine_tuning_x\($0)", version: "1", recipeSHA256: "0"), variant: .fineTuning,
                ratio: $0,
                macPerSample: 6800)
        }, infiniteHDR: ModelIdentity(name: "infinitehdr", version: "1", recipeSHA256: "0"))
}
