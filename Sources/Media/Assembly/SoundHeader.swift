import CLibAV

/// What a packet of coded sound says of itself, where the packets of its codec do.
struct SoundHeader {
    let form: SoundForm
    /// In the packet; 0 where the header does not tell.
    let samples: Int64

    /// Nil for other codecs, and for a packet that does not begin with a header.
    init?(_ bytes: UnsafeRawBufferPointer, codec: AVCodecID) {
        guard bytes.count >= 7 else { return nil }
        switch codec {
        case AV_CODEC_ID_MP2, AV_CODEC_ID_MP3: self.init(mpegAudio: bytes)
        case AV_CODEC_ID_AAC: self.init(adts: bytes)
        case AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3: self.init(ac3: bytes)
        default: return nil
        }
    }

    private init(form: SoundForm, samples: Int64) { (self.form, self.samples) = (form, samples) }

    /// ISO/IEC 11172-3 2.4.1.3 and ISO/IEC 13818-3: version, layer, bitrate, rate, mode. Version 0 is the unofficial 2.5.
    private init?(mpegAudio bytes: UnsafeRawBufferPointer) {
        let (version, layer, rate) = (Int(bytes[1]) >> 3 & 3, Int(bytes[1]) >> 1 & 3, Int(bytes[2]) >> 2 & 3)
        guard bytes[0] == 0xFF, bytes[1] & 0xE0 == 0xE0, version != 1, layer == 1 || layer == 2, rate < 3 else { return nil }
        let rates: [Int32] = [44_100, 48_000, 32_000]
        let divisor: Int32 = version == 3 ? 1 : version == 2 ? 2 : 4
        self.init(
            form: SoundForm(channels: bytes[3] >> 6 == 3 ? 1 : 2, rate: rates[rate] / divisor),
            samples: layer == 1 && version != 3 ? 576 : 1152)
    }

    /// ISO/IEC 14496-3 Table 1.18.
    private static let rates: [Int32] = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
    ]

    /// ISO/IEC 13818-7 6.2. Rate and channels are those of the core: a decoder may make more of them.
    private init?(adts bytes: UnsafeRawBufferPointer) {
        guard bytes[0] == 0xFF, bytes[1] & 0xF6 == 0xF0 else { return nil }
        self.init(rate: Int(bytes[2]) >> 2 & 15, configuration: Int(bytes[2] & 1) << 2 | Int(bytes[3]) >> 6)
    }

    /// The header that a file has for all packets of AAC: ISO/IEC 14496-3 1.6.2.1. Nil for the forms that it escapes to.
    init?(audioSpecificConfig bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 2, bytes[0] >> 3 != 31 else { return nil }
        self.init(rate: Int(bytes[0] & 7) << 1 | Int(bytes[1]) >> 7, configuration: Int(bytes[1]) >> 3 & 15)
    }

    private init?(rate: Int, configuration: Int) {
        guard rate < Self.rates.count, (1...7).contains(configuration) else { return nil }
        self.init(form: SoundForm(channels: configuration == 7 ? 8 : configuration, rate: Self.rates[rate]), samples: 0)
    }

    /// ETSI TS 102 366: 4.4 for bsid up to 10, E.1.2 above.
    private init?(ac3 bytes: UnsafeRawBufferPointer) {
        guard bytes[0] == 0x0B, bytes[1] == 0x77 else { return nil }
        let isEnhanced = bytes[5] >> 3 > 10
        let mode = isEnhanced ? Int(bytes[4]) >> 1 & 7 : Int(bytes[6]) >> 5
        let hasLow: Bool
        if isEnhanced {
            // A substream that adds channels to another says nothing of the whole.
            guard bytes[2] >> 6 != 1 else { return nil }
            hasLow = bytes[4] & 1 == 1
        } else {
            // Levels stand in between: of a center, of surround, or how stereo carries surround.
            let skipped = (mode & 1 == 1 && mode != 1 ? 2 : 0) + (mode & 4 != 0 ? 2 : 0) + (mode == 2 ? 2 : 0)
            hasLow = Int(bytes[6]) >> (4 - skipped) & 1 == 1
        }
        let (rate, rates): (Int, [Int32]) = (Int(bytes[4]) >> 6, [48_000, 44_100, 32_000])
        guard rate < rates.count else { return nil }
        let mask = Self.masks[mode] | (hasLow ? 8 : 0)
        self.init(
            form: SoundForm(channels: mask.nonzeroBitCount, mask: mask, rate: rates[rate]),
            samples: isEnhanced ? 0 : 1536)
    }

    /// The library's bits for `acmod`; 0 is two languages.
    private static let masks: [UInt64] = [0x3, 0x4, 0x3, 0x7, 0x103, 0x107, 0x603, 0x607]
}
