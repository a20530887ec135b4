/// Planar samples as codecs exchange them: little endian, in the low bits of one byte (8 bit) or two (9 to 16 bit).
///
/// Planes are Y, Cb, Cr for color differences, G, B, R for components, Y alone for gray; alpha, where present, is last.
/// Packed and semi-planar layouts do not occur: what a decoder gives in them is taken apart, without loss, on the way in.
package struct PixelFormat: Hashable, Sendable, CustomStringConvertible {
    package let model: ColorModel
    package let subsampling: ChromaSubsampling
    /// Bits in use of each sample, 8…16.
    package let bitDepth: Int
    package let hasAlpha: Bool

    /// - Precondition: 8 ≤ `bitDepth` ≤ 16; gray goes with gray, RGB with 4:4:4, and gray has no alpha.
    package init(model: ColorModel, subsampling: ChromaSubsampling, bitDepth: Int, hasAlpha: Bool = false) {
        precondition((8...16).contains(bitDepth), "samples have 8 to 16 bits, not \(bitDepth)")
        precondition((model == .gray) == (subsampling == .gray), "\(model) cannot be \(subsampling)")
        precondition(model != .rgb || subsampling == .yuv444, "RGB is not subsampled")
        precondition(model != .gray || !hasAlpha, "gray has one plane")
        self.model = model
        self.subsampling = subsampling
        self.bitDepth = bitDepth
        self.hasAlpha = hasAlpha
    }

    package var bytesPerSample: Int { bitDepth > 8 ? 2 : 1 }
    /// Planes that hold color: 1 or 3.
    package var colorPlaneCount: Int { model == .gray ? 1 : 3 }
    package var planeCount: Int { colorPlaneCount + (hasAlpha ? 1 : 0) }
    /// Largest code value.
    package var maximumCode: Int { 1 << bitDepth - 1 }

    /// Whether `plane` has the size of the chroma planes.
    package func isChroma(_ plane: Int) -> Bool { model == .ycbcr && (plane == 1 || plane == 2) }

    /// FFmpeg's name, as in `yuv422p10le`, `gbrap12le`, `gray`.
    package var name: String {
        let stem =
            switch model {
            case .gray: "gray"
            case .rgb: hasAlpha ? "gbrap" : "gbrp"
            case .ycbcr: (hasAlpha ? "yuva" : "yuv") + subsampling.digits + "p"
            }
        return bitDepth == 8 ? stem : "\(stem)\(bitDepth)le"
    }

    package var description: String { name }

    /// Reads FFmpeg's name of a planar format; nil for every other layout, for big endian and for floating point.
    ///
    /// The old full-range names (`yuvj420p`) name the same layout; their range is a color tag.
    package init?(name: String) {
        var rest = Substring(name)
        let model: ColorModel
        var hasAlpha = false
        var subsampling = ChromaSubsampling.yuv444
        if rest.hasPrefix("gray") {
            (model, subsampling) = (.gray, .gray)
            rest = rest.dropFirst(4)
        } else if rest.hasPrefix("gbr") {
            model = .rgb
            rest = rest.dropFirst(3)
            hasAlpha = rest.hasPrefix("ap")
            guard hasAlpha || rest.hasPrefix("p") else { return nil }
            rest = rest.dropFirst(hasAlpha ? 2 : 1)
        } else if rest.hasPrefix("yuv") {
            model = .ycbcr
            rest = rest.dropFirst(3)
            hasAlpha = rest.hasPrefix("a")
            if hasAlpha || rest.hasPrefix("j") { rest = rest.dropFirst() }
            guard let found = ChromaSubsampling(rawValue: "yuv" + rest.prefix(3)), rest.dropFirst(3).hasPrefix("p") else { return nil }
            subsampling = found
            rest = rest.dropFirst(4)
        } else {
            return nil
        }
        var bitDepth = 8
        if !rest.isEmpty {
            guard rest.hasSuffix("le"), let bits = Int(rest.dropLast(2)), (9...16).contains(bits) else { return nil }
            bitDepth = bits
        }
        self.init(model: model, subsampling: subsampling, bitDepth: bitDepth, hasAlpha: hasAlpha)
    }
}

extension PixelFormat {
    package static let gray = PixelFormat(model: .gray, subsampling: .gray, bitDepth: 8)
    package static let yuv420p = PixelFormat(model: .ycbcr, subsampling: .yuv420, bitDepth: 8)
    package static let yuv422p = PixelFormat(model: .ycbcr, subsampling: .yuv422, bitDepth: 8)
    package static let yuv444p = PixelFormat(model: .ycbcr, subsampling: .yuv444, bitDepth: 8)
    package static let yuv420p10 = PixelFormat(model: .ycbcr, subsampling: .yuv420, bitDepth: 10)
    package static let yuv422p10 = PixelFormat(model: .ycbcr, subsampling: .yuv422, bitDepth: 10)
    package static let yuv444p10 = PixelFormat(model: .ycbcr, subsampling: .yuv444, bitDepth: 10)
    package static let yuv420p12 = PixelFormat(model: .ycbcr, subsampling: .yuv420, bitDepth: 12)
    package static let yuv422p12 = PixelFormat(model: .ycbcr, subsampling: .yuv422, bitDepth: 12)
    package static let yuv444p12 = PixelFormat(model: .ycbcr, subsampling: .yuv444, bitDepth: 12)
    package static let gbrp = PixelFormat(model: .rgb, subsampling: .yuv444, bitDepth: 8)
    package static let gbrp10 = PixelFormat(model: .rgb, subsampling: .yuv444, bitDepth: 10)
    package static let gbrp12 = PixelFormat(model: .rgb, subsampling: .yuv444, bitDepth: 12)
}

extension PixelFormat: Codable {
    /// A format is written as its name.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let format = PixelFormat(name: name) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(name)' is not a planar pixel format")
        }
        self = format
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
