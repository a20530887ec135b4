import ColorScience
package import Picture

/// What an H.265 sequence parameter set says of size, depth and color (7.3.2.2, E.2.1), read without the media library.
package struct HEVCSequenceParameters: Equatable {
    /// general_profile_idc: 1 Main, 2 Main 10, 4 range extensions.
    package private(set) var profile = 0
    /// general_level_idc: thirty times the level.
    package private(set) var level = 0
    /// chroma_format_idc: 0 gray, 1 4:2:0, 2 4:2:2, 3 4:4:4.
    package private(set) var chromaFormat = 1
    /// Bits a luma sample.
    package private(set) var bitDepth = 8
    /// Inside the conformance window.
    package private(set) var size = PictureSize(width: 0, height: 0)
    /// Of the video usability information; unspecified where it is silent.
    package private(set) var tags = ColorTags.unspecified

    /// NAL unit type of a sequence parameter set, H.265 Table 7-1.
    package static let unitType: UInt8 = 33

    /// - Parameter unit: the NAL unit with its two header bytes; nil when it ends early or exceeds the syntax.
    package init?(unit: some Sequence<UInt8>) {
        var reader = BitReader(Array(rawPayload(of: unit).dropFirst(2)))
        guard reader.skip(4) != nil, let subLayers = reader.bits(3), reader.skip(1) != nil,
            readProfile(&reader, subLayers: Int(subLayers)) != nil, readPicture(&reader) != nil,
            readTools(&reader, subLayers: Int(subLayers)) != nil, readUsability(&reader) != nil
        else { return nil }
    }

    /// profile_tier_level, 7.3.3.
    private mutating func readProfile(_ reader: inout BitReader, subLayers: Int) -> Void? {
        guard reader.skip(3) != nil, let profile = reader.bits(5), reader.skip(32 + 48) != nil, let level = reader.bits(8) else {
            return nil
        }
        (self.profile, self.level) = (Int(profile), Int(level))
        guard subLayers > 0 else { return () }
        var present: [(profile: Bool, level: Bool)] = []
        for _ in 0..<subLayers {
            guard let profile = reader.bit(), let level = reader.bit() else { return nil }
            present.append((profile, level))
        }
        guard reader.skip(2 * (8 - subLayers)) != nil else { return nil }
        for layer in present where reader.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0)) == nil { return nil }
        return ()
    }

    private mutating func readPicture(_ reader: inout BitReader) -> Void? {
        guard reader.unsignedExpGolomb() != nil, let chroma = reader.unsignedExpGolomb(), chroma <= 3 else { return nil }
        chromaFormat = chroma
        if chroma == 3, reader.skip(1) == nil { return nil }
        guard let width = reader.unsignedExpGolomb(), let height = reader.unsignedExpGolomb(), let hasWindow = reader.bit() else {
            return nil
        }
        var window = [0, 0, 0, 0]
        if hasWindow {
            for side in 0..<4 {
                guard let offset = reader.unsignedExpGolomb() else { return nil }
                window[side] = offset
            }
        }
        let (unitX, unitY) = (chroma == 1 || chroma == 2 ? 2 : 1, chroma == 1 ? 2 : 1)
        size = PictureSize(width: width - unitX * (window[0] + window[1]), height: height - unitY * (window[2] + window[3]))
        guard let luma = reader.unsignedExpGolomb(), reader.unsignedExpGolomb() != nil else { return nil }
        bitDepth = 8 + luma
        return ()
    }

    /// Everything between the bit depths and the video usability information: read only to get past it.
    private mutating func readTools(_ reader: inout BitReader, subLayers: Int) -> Void? {
        guard let orderBits = reader.unsignedExpGolomb(), orderBits <= 12, let allLayers = reader.bit() else { return nil }
        for _ in 0..<3 * (allLayers ? subLayers + 1 : 1) where reader.unsignedExpGolomb() == nil { return nil }
        // Sizes of coding and transform blocks, and two transform depths.
        for _ in 0..<6 where reader.unsignedExpGolomb() == nil { return nil }
        guard let hasScaling = reader.bit() else { return nil }
        if hasScaling {
            guard let hasLists = reader.bit() else { return nil }
            if hasLists, Self.skipScalingLists(&reader) == nil { return nil }
        }
        guard reader.skip(2) != nil, let hasPCM = reader.bit() else { return nil }
        if hasPCM {
            guard reader.skip(8) != nil, reader.unsignedExpGolomb() != nil, reader.unsignedExpGolomb() != nil, reader.skip(1) != nil else {
                return nil
            }
        }
        guard let sets = reader.unsignedExpGolomb(), sets <= 64, Self.skipReferenceSets(&reader, count: sets) != nil else { return nil }
        guard let hasLongTerm = reader.bit() else { return nil }
        if hasLongTerm {
            guard let count = reader.unsignedExpGolomb(), count <= 32, reader.skip(count * (orderBits + 4 + 1)) != nil else { return nil }
        }
        return reader.skip(2)
    }

    /// scaling_list_data, 7.3.4.
    private static func skipScalingLists(_ reader: inout BitReader) -> Void? {
        for sizeID in 0..<4 {
            for _ in stride(from: 0, to: 6, by: sizeID == 3 ? 3 : 1) {
                guard let isCoded = reader.bit() else { return nil }
                guard isCoded else {
                    guard reader.unsignedExpGolomb() != nil else { return nil }
                    continue
                }
                if sizeID > 1, reader.signedExpGolomb() == nil { return nil }
                for _ in 0..<min(64, 1 << (4 + sizeID << 1)) where reader.signedExpGolomb() == nil { return nil }
            }
        }
        return ()
    }

    /// st_ref_pic_set, 7.3.7, for every set; only the number of pictures matters for what follows.
    private static func skipReferenceSets(_ reader: inout BitReader, count: Int) -> Void? {
        var pictures: [Int] = []
        for index in 0..<count {
            var isPredicted = false
            if index > 0 {
                guard let bit = reader.bit() else { return nil }
                isPredicted = bit
            }
            if isPredicted {
                guard reader.skip(1) != nil, reader.unsignedExpGolomb() != nil else { return nil }
                var kept = 0
                for _ in 0...pictures[index - 1] {
                    guard let isUsed = reader.bit() else { return nil }
                    if isUsed {
                        kept += 1
                    } else {
                        guard let isKept = reader.bit() else { return nil }
                        kept += isKept ? 1 : 0
                    }
                }
                pictures.append(kept)
            } else {
                guard let before = reader.unsignedExpGolomb(), let after = reader.unsignedExpGolomb(), before <= 16, after <= 16 else {
                    return nil
                }
                for _ in 0..<before + after {
                    guard reader.unsignedExpGolomb() != nil, reader.skip(1) != nil else { return nil }
                }
                pictures.append(before + after)
            }
        }
        return ()
    }

    /// The part of vui_parameters, E.2.1, that speaks of color.
    private mutating func readUsability(_ reader: inout BitReader) -> Void? {
        guard let isPresent = reader.bit() else { return nil }
        guard isPresent else { return () }
        guard let hasAspect = reader.bit() else { return nil }
        if hasAspect {
            guard let code = reader.bits(8) else { return nil }
            if code == 255, reader.skip(32) == nil { return nil }
        }
        guard let hasOverscan = reader.bit() else { return nil }
        if hasOverscan, reader.skip(1) == nil { return nil }
        guard let hasSignal = reader.bit() else { return nil }
        if hasSignal {
            guard reader.skip(3) != nil, let isFull = reader.bit(), let hasColor = reader.bit() else { return nil }
            tags.range = isFull ? .full : .limited
            if hasColor {
                guard let primaries = reader.bits(8), let transfer = reader.bits(8), let matrix = reader.bits(8) else { return nil }
                tags.primaries = ColorPrimaries(rawValue: Int(primaries)) ?? .unspecified
                tags.transfer = TransferFunction(rawValue: Int(transfer)) ?? .unspecified
                tags.matrix = MatrixCoefficients(rawValue: Int(matrix)) ?? .unspecified
            }
        }
        guard let hasSiting = reader.bit() else { return nil }
        if hasSiting {
            guard let top = reader.unsignedExpGolomb(), reader.unsignedExpGolomb() != nil else { return nil }
            tags.siting = ChromaSiting(rawValue: top) ?? .unspecified
        }
        return ()
    }
}
