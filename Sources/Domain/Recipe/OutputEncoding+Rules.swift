package import Picture
package import Primitives

extension OutputEncoding {
    /// Adds a problem for every rule of the codec and the container that a picture of this size and rate would break.
    ///
    /// - Parameter frameRate: frames a second as they are stored; nil where it varies.
    func check(_ picture: TargetResolution, frameRate: Rational?, scan: OutputScan, problems: ProblemCollector) {
        let size = picture.size
        switch codec {
        case .mpeg2: checkRate(frameRate, among: Self.mpeg2Rates, problems)
        case .xdcam: checkXDCAM(size, frameRate, scan, problems)
        case .dnxhd: checkClass(size, frameRate, scan, problems)
        case .dnxhr where size.width < 256 || size.height < 120:
            problems.add(
                Problem(
                    .resolutionOutOfRange, field: "filterSettings.resolution", actual: size.description,
                    "\(name) starts at 256×120; choose such a size with a scaler"))
        case .h264, .hevc, .ffv1, .proRes, .dnxhr: break
        }
        if codec == .mpeg2 || codec == .xdcam, container != .mov { checkShape(picture, problems) }
        if container == .mxf { checkMXF(picture, frameRate, problems) }
    }

    private var name: String { profile?.rawValue ?? codec.rawValue }

    private func checkRate(_ frameRate: Rational?, among rates: [Rational], _ problems: ProblemCollector) {
        guard frameRate.map({ !rates.contains($0) }) ?? true else { return }
        problems.add(
            Problem(
                field: "filterSettings.frameRate", actual: frameRate?.description ?? "variable",
                "\(name) codes \(rates.map(\.description).joined(separator: ", ")) frames a second; choose one of these with a "
                    + "frameRateConverter"))
    }

    /// MPEG-2 says square samples or one of three shapes of the whole picture (ISO/IEC 13818-2 Table 6-3); MOV says it beside
    /// the stream. What comes near one, as 720 samples of 10:11 to 4:3, is written as that, as broadcasters do.
    private func checkShape(_ picture: TargetResolution, _ problems: ProblemCollector) {
        let shape = picture.size.displayAspectRatio(sampleAspectRatio: picture.sampleAspectRatio).double
        let isNear = Self.mpeg2Shapes.contains { abs(shape / $0.double - 1) <= Self.shapeTolerance }
        guard picture.sampleAspectRatio != Rational(1, 1), !isNear else { return }
        problems.add(
            Problem(
                field: "container", actual: "\(container.rawValue) with samples of \(picture.sampleAspectRatio)",
                "\(name) shows \(picture.size) as \(Self.mpeg2Shapes.map(\.description).joined(separator: ", ")) or with square samples; "
                    + "choose a size with a scaler, or MOV"))
    }

    private static let mpeg2Shapes = [Rational(4, 3), Rational(16, 9), Rational(221, 100)]
    /// Largest relative difference of a shape that is written as the nearest one.
    private static let shapeTolerance = 0.03

    /// A unit of MXF is one frame at a rate of SMPTE ST 377-1's practice; the descriptor of VC-3 has no shape of samples in
    /// the library's muxer.
    private func checkMXF(_ picture: TargetResolution, _ frameRate: Rational?, _ problems: ProblemCollector) {
        if codec != .mpeg2, codec != .xdcam, frameRate.map({ !Self.mxfRates.contains($0) }) ?? true {
            problems.add(
                Problem(
                    field: "container", actual: "\(container.rawValue) at \(frameRate?.description ?? "a variable rate")",
                    "MXF has \(Self.mxfRates.map(\.description).joined(separator: ", ")) frames a second; choose one of these with a "
                        + "frameRateConverter, or another container"))
        }
        if codec == .dnxhd || codec == .dnxhr, picture.sampleAspectRatio != Rational(1, 1) {
            problems.add(
                Problem(
                    field: "container", actual: "\(container.rawValue) with samples of \(picture.sampleAspectRatio)",
                    "\(codec.rawValue) in MXF has square samples; choose a size with a scaler, or MOV"))
        }
    }

    /// The rates that the library's muxer writes.
    private static let mxfRates = [
        Rational(24000, 1001), Rational(24, 1), Rational(25, 1), Rational(30000, 1001), Rational(30, 1), Rational(48, 1), Rational(50, 1),
        Rational(60000, 1001), Rational(60, 1), Rational(100, 1), Rational(120_000, 1001), Rational(120, 1),
    ]
    /// MPEG-2 codes one of eight rates (ISO/IEC 13818-2 Table 6-4).
    private static let mpeg2Rates = [
        Rational(24000, 1001), Rational(24, 1), Rational(25, 1), Rational(30000, 1001), Rational(30, 1), Rational(50, 1),
        Rational(60000, 1001), Rational(60, 1),
    ]

    /// XDCAM HD422 fixes size, rate and scanning together (SMPTE RDD 9), and the bit rate.
    private func checkXDCAM(_ size: PictureSize, _ frameRate: Rational?, _ scan: OutputScan, _ problems: ProblemCollector) {
        let uses = Self.xdcamUses
        if !uses.contains(where: { $0.size == size && $0.rate == frameRate && $0.isInterlaced == scan.fieldOrder.isInterlaced }) {
            let allowed = uses.map { "\($0.size) at \($0.rate) \($0.isInterlaced ? "interlaced" : "progressive")" }
            let asked = "\(size) at \(frameRate?.description ?? "a variable rate") "
            problems.add(
                Problem(
                    .resolutionOutOfRange, field: "encodingConfiguration.codec",
                    actual: asked + (scan.fieldOrder.isInterlaced ? "interlaced" : "progressive"),
                    "XDCAM is HD422, stored frames of \(allowed.joined(separator: ", ")); choose one of these with a scaler or "
                        + "fixedOutputResolution, a frameRateConverter and outputScanning"))
        }
        if let bitrate, bitrate != Self.xdcamBitrate {
            problems.add(
                Problem(
                    field: "encodingConfiguration.bitrate", actual: "\(bitrate)", "XDCAM HD422 has \(Self.xdcamBitrate) bit/s; leave it out"
                ))
        }
    }

    /// Bits a second of XDCAM HD422.
    package static let xdcamBitrate: Int64 = 50_000_000

    private static let xdcamUses: [(size: PictureSize, rate: Rational, isInterlaced: Bool)] = {
        let (full, half) = (PictureSize(width: 1920, height: 1080), PictureSize(width: 1280, height: 720))
        let (film, pal, ntsc) = (Rational(24000, 1001), Rational(25, 1), Rational(30000, 1001))
        return [pal, ntsc].map { (full, $0, true) } + [film, pal, ntsc].map { (full, $0, false) }
            + [film, pal, ntsc, Rational(50, 1), Rational(60000, 1001)].map { (half, $0, false) }
    }()

    /// The classes of DNxHD are defined for one size, rate and scanning each.
    private func checkClass(_ size: PictureSize, _ frameRate: Rational?, _ scan: OutputScan, _ problems: ProblemCollector) {
        guard let profile, let all = profile.dnxhdUses else { return }
        let isInterlaced = scan.fieldOrder.isInterlaced
        let uses = isInterlaced ? profile.interlacedDNxHDUses : all
        guard !uses.contains(where: { $0.size == size && $0.frameRate == frameRate }) else { return }
        guard !uses.isEmpty else {
            let others = EncodingProfile.allCases.filter { !$0.interlacedDNxHDUses.isEmpty }.map(\.rawValue)
            problems.add(
                Problem(
                    field: "encodingProfile", actual: name,
                    "has no interlaced form; interlaced are \(others.joined(separator: ", "))"))
            return
        }
        let allowed = uses.map { "\($0.size) at \($0.frameRate)\(isInterlaced ? " interlaced" : "")" }.joined(separator: ", ")
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

    /// The pictures of 1080 lines in two fields that a class is defined for (SMPTE ST 2019-1, compression ids 1241 to 1243).
    var interlacedDNxHDUses: [DNxHDUse] {
        let full = PictureSize(width: 1920, height: 1080)
        return switch self {
        case .dnxhd120SQ, .dnxhd185HQ, .dnxhd185xHQX: [DNxHDUse(size: full, frameRate: Rational(25, 1))]
        case .dnxhd145SQ, .dnxhd220HQ, .dnxhd220xHQX: [DNxHDUse(size: full, frameRate: Rational(30000, 1001))]
        default: []
        }
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
