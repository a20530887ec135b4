import CLibAV

/// Takes parameter sets out of keyframe packets, and with them the encoder's text about itself.
///
/// Encoders repeat headers so that HDR metadata stands at every keyframe; sample entries `hvc1` and `avc1` want the
/// parameter sets in the stream's header and nowhere else (ISO/IEC 14496-15).
struct ParameterSetFilter {
    let kind: EncoderConfiguration.ParameterSets

    init(_ kind: EncoderConfiguration.ParameterSets) { self.kind = kind }

    /// The packet without them, in Annex B form; nil when nothing is to be removed.
    func strip(_ packet: UnsafeRawBufferPointer) -> [UInt8]? {
        guard kind != .none else { return nil }
        var kept: [UInt8] = []
        var removed = false
        var units = NALUnits(annexB: packet)
        while let unit = units.next() {
            guard let header = packet[unit].first else { continue }
            if isPicture(header) {
                guard removed else { return nil }
                // Pictures come last: the rest of the packet is taken over as it is.
                kept += [0, 0, 0, 1]
                kept += packet[unit.lowerBound...]
                return kept
            }
            if isRemoved(header, packet[unit]) {
                removed = true
            } else {
                kept += [0, 0, 0, 1]
                kept += packet[unit]
            }
        }
        return removed ? kept : nil
    }

    private func type(_ header: UInt8) -> UInt8 { kind == .hevc ? header >> 1 & 0x3F : header & 0x1F }

    /// Coded slices: H.265 Table 7-1 types 0…31, H.264 Table 7-1 types 1…5.
    private func isPicture(_ header: UInt8) -> Bool { kind == .hevc ? type(header) < 32 : (1...5).contains(type(header)) }

    private func isRemoved(_ header: UInt8, _ unit: Slice<UnsafeRawBufferPointer>) -> Bool {
        if kind == .hevc { return (32...34).contains(type(header)) }
        if type(header) == 7 || type(header) == 8 { return true }
        // H.264 SEI of payload type 5: the encoder's version and options.
        return type(header) == 6 && unit.dropFirst().first == 5
    }
}
