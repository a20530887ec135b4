package import Picture
package import Primitives

extension OutputEncoding {
    /// Adds a problem for every rule of the codec that a picture of this size and rate would break.
    ///
    /// - Parameter frameRate: frames a second; nil where it varies.
    func check(size: PictureSize, frameRate: Rational?, problems: ProblemCollector) {
        switch codec {
        case .mpeg2, .xdcam: checkBroadcast(size, frameRate, problems)
        case .dnxhd: checkClass(size, frameRate, problems)
        case .dnxhr:
            guard size.width < 256 || size.height < 120 else { return }
            problems.add(
                Problem(
                    .resolutionOutOfRange, field: "filterSettings.resolution", actual: size.description,
                    "\(name) starts at 256×120; choose such a size with a scaler"))
        case .h264, .hevc, .ffv1, .proRes: break
        }
    }

    private var name: String { profile?.rawValue ?? codec.rawValue }

    /// MPEG-2 codes one of eight rates (ISO/IEC 13818-2 Table 6-4); XDCAM HD422 fixes size and rate as well (RDD 9).
    private func checkBroadcast(_ size: PictureSize, _ frameRate: Rational?, _ problems: ProblemCollector) {
        let rates = codec == .xdcam ? Self.xdcamRates : Self.mpeg2Rates
        if frameRate.map({ !rates.contains($0) }) ?? true {
            problems.add(
                Problem(
                    field: "filterSettings.frameRate", actual: frameRate?.description ?? "variable",
                    "\(name) codes \(rates.map(\.description).joined(separator: ", ")) frames a second; choose one of these with a "
                        + "frameRateConverter"))
        }
        guard codec == .xdcam, !Self.xdcamSizes.contains(size) else { return }
        problems.add(
            Problem(
                .resolutionOutOfRange, field: "filterSettings.resolution", actual: size.description,
                "\(name) has the sizes \(Self.xdcamSizes.map(\.description).joined(separator: " and ")); choose one with a scaler or "
                    + "fixedOutputResolution"))
    }

    private static let mpeg2Rates = [
        Rational(24000, 1001), Rational(24, 1), Rational(25, 1), Rational(30000, 1001), Rational(30, 1), Rational(50, 1),
        Rational(60000, 1001), Rational(60, 1),
    ]
    private static let xdcamRates = [
        Rational(24000, 1001), Rational(25, 1), Rational(30000, 1001), Rational(50, 1), Rational(60000, 1001),
    ]
    private static let xdcamSizes = [PictureSize(width: 1920, height: 1080), PictureSize(width: 1280, height: 720)]

    /// The classes of DNxHD are defined for one size and rate each.
    private func checkClass(_ size: PictureSize, _ frameRate: Rational?, _ problems: ProblemCollector) {
        guard let uses = profile?.dnxhdUses, !uses.contains(where: { $0.size == size && $0.frameRate == frameRate }) else { return }
        let allowed = uses.map { "\($0.size) at \($0.frameRate)" }.joined(separator: ", ")
        problems.add(
            Problem(
                .resolutionOutOfRange, field: "encodingProfile", actual: "\(size) at \(frameRate?.description ?? "a variable rate")",
                "\(name) is defined for \(allowed); choose these with a scaler, fixedOutputResolution and a frameRateConverter, or a "
                    + "DNXHR profile"))
    }
}

extension EncodingProfile {
    /// A picture that a class of DNxHD is defined for.
    package struct DNxHDUse: Hashable, Sendable {
        package let size: PictureSize
        /// Frames a second.
        package let frameRate: Rational
    }

    /// Megabits a second in the name of a class of DNxHD; nil for other profiles.
    package var dnxhdMegabits: Int? {
        guard codec == .dnxhd else { return nil }
        return Int(rawValue.dropFirst("DNXHD_".count).prefix { $0.isNumber })
    }

    /// Progressive pictures of a class (SMPTE ST 2019-1, with the rates each compression id is sold for); nil for other
    /// profiles.
    package var dnxhdUses: [DNxHDUse]? {
        let full = PictureSize(width: 1920, height: 1080)
        let half = PictureSize(width: 1280, height: 720)
        let (film, pal, ntsc) = (Rational(24000, 1001), Rational(25, 1), Rational(30000, 1001))
        let (film24, pal50, ntsc60) = (Rational(24, 1), Rational(50, 1), Rational(60000, 1001))
        func uses(_ size: PictureSize, _ rates: Rational...) -> [DNxHDUse] { rates.map { DNxHDUse(size: size, frameRate: $0) } }
        return switch self {
        case .dnxhd36LB: uses(full, film, film24, pal)
        case .dnxhd45LB: uses(full, ntsc)
        case .dnxhd75LB: uses(full, pal50)
        case .dnxhd90LB: uses(full, ntsc60)
        case .dnxhd115SQ: uses(full, film, film24)
        case .dnxhd120SQ: uses(full, pal) + uses(half, pal50)
        case .dnxhd145SQ: uses(full, ntsc) + uses(half, ntsc60)
        case .dnxhd240SQ: uses(full, pal50)
        case .dnxhd290SQ: uses(full, ntsc60)
        case .dnxhd175HQ, .dnxhd175xHQX: uses(full, film, film24)
        case .dnxhd185HQ, .dnxhd185xHQX: uses(full, pal)
        case .dnxhd220HQ: uses(full, ntsc) + uses(half, ntsc60)
        case .dnxhd220xHQX: uses(half, ntsc60)
        case .dnxhd365HQ, .dnxhd365xHQX: uses(full, pal50)
        case .dnxhd440HQ, .dnxhd440xHQX: uses(full, ntsc60)
        case .dnxhd350x444: uses(full, film, film24)
        case .dnxhd390x444: uses(full, pal)
        case .dnxhd440x444: uses(full, ntsc)
        case .dnxhd730x444: uses(full, pal50)
        case .dnxhd880x444: uses(full, ntsc60)
        default: nil
        }
    }
}
