import Glibc

/// Language codes as the containers of the rendition know them.
enum LanguageCode {
    /// ISO files have the terminology codes of ISO 639-2, where Matroska and discs have the bibliographic ones.
    ///
    /// - Parameter code: as the source has it; nil and "undetermined" give nil.
    static func written(_ code: String?, in container: RenditionContainer) -> String? {
        guard let code, code != "und" else { return nil }
        return container.isISO ? terminology[code] ?? code : code
    }

    /// Three letters of five bits each, as media headers have them (ISO/IEC 14496-12 8.4.2; QuickTime takes them beside its own
    /// numbers); nil for anything else.
    static func packed(_ code: String) -> UInt16? {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else { return nil }
        return code.utf8.reduce(0) { $0 << 5 | UInt16($1 - 0x60) }
    }

    /// Puts codes into the media headers of a finished QuickTime file: the library writes the languages of Apple's old list alone,
    /// which lacks many, and drops the others.
    ///
    /// - Parameter codes: by the number of the track, from 1.
    /// - Returns: false when the system refuses to write; `errno` says why.
    static func write(_ codes: [UInt32: UInt16], to descriptor: Int32, size: Int) -> Bool {
        func read(_ count: Int, at offset: Int) -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                filled = max(pread(descriptor, buffer.baseAddress, count, off_t(offset)), 0)
            }
        }
        func boxes(_ range: Range<Int>) -> [(type: String, content: Range<Int>)] {
            var found: [(type: String, content: Range<Int>)] = []
            var offset = range.lowerBound
            while offset + 8 <= range.upperBound,
                let header = ISOBox.Header(read(16, at: offset)[...], available: range.upperBound - offset),
                offset + header.size <= range.upperBound
            {
                found.append((header.type, offset + header.headerSize..<offset + header.size))
                offset += header.size
            }
            return found
        }
        func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        for track in boxes(0..<size).filter({ $0.type == "moov" }).flatMap({ boxes($0.content) }) where track.type == "trak" {
            let inside = boxes(track.content)
            guard let head = inside.first(where: { $0.type == "tkhd" }), let media = inside.first(where: { $0.type == "mdia" }),
                let mediaHead = boxes(media.content).first(where: { $0.type == "mdhd" })
            else { continue }
            // Version 1 has times of 64 bits: creation, modification, then the number; in `mdhd` unit and length.
            let (trackHead, version) = (read(24, at: head.content.lowerBound), read(1, at: mediaHead.content.lowerBound).first)
            guard trackHead.count == 24, let code = codes[word(trackHead, trackHead[0] == 1 ? 20 : 12)] else { continue }
            let place = mediaHead.content.lowerBound + (version == 1 ? 32 : 20)
            var bytes = (UInt8(code >> 8), UInt8(code & 0xFF))
            guard pwrite(descriptor, &bytes, 2, off_t(place)) == 2 else { return false }
        }
        return true
    }

    /// ISO 639-2: bibliographic code to terminology code, for the twenty languages that have both.
    private static let terminology: [String: String] = [
        "tib": "bod", "cze": "ces", "wel": "cym", "ger": "deu", "gre": "ell", "baq": "eus", "per": "fas", "fre": "fra", "arm": "hye",
        "ice": "isl", "geo": "kat", "mac": "mkd", "mao": "mri", "may": "msa", "bur": "mya", "dut": "nld", "rum": "ron", "slo": "slk",
        "alb": "sqi", "chi": "zho",
    ]
}
