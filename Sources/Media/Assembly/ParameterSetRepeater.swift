import CLibAV

/// Puts parameter sets before every keyframe again, for containers that have no header of their own to hold them: whoever
/// begins in the middle must find them there.
struct ParameterSetRepeater {
    /// In Annex B form; empty where nothing is repeated.
    private let parameterSets: [UInt8]

    init(_ parameters: StreamParameters, _ container: RenditionContainer) {
        let isDivided = parameters.codecName == "h264" || parameters.codecName == "hevc"
        parameterSets = container.isISO || !isDivided ? [] : parameters.extradata
    }

    /// The packet, complete.
    func complete(_ packet: consuming Packet) throws(MediaError) -> Packet {
        guard !parameterSets.isEmpty, packet.isKeyframe else { return packet }
        let bytes = packet.withBytes { Array($0) }
        let complete = try Packet.copying(parameterSets + bytes)
        complete.raw.pointee.flags = packet.raw.pointee.flags
        return complete
    }
}
