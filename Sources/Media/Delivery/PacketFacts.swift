import CLibAV
import Picture

/// What the packets of the picture's track show, read one by one in decode order.
struct PacketFacts {
    private(set) var frameCount = 0
    private(set) var keyframeCount = 0
    private(set) var largestKeyframeDistance = 0
    private(set) var decodeTimesAscend = true
    private(set) var isDecodedInTime = true
    private(set) var startsWithKeyframe = false
    private(set) var keyframesWithParameterSets = 0
    /// The first sequence parameter set of H.265 that stands in a packet, header included.
    private(set) var sequenceParameters: [UInt8]?
    private(set) var hdr: StaticHDRMetadata?
    private(set) var keyframesWithHDR = 0
    private(set) var hdrIsUniform = true
    /// Bytes of each packet.
    private(set) var sizes: [Int] = []
    private var times: [Int64] = []
    private var latest = Int64.min
    private var lastDuration: Int64 = 0
    private var lastDecodeTime: Int64?
    private var lastKeyframe = 0

    /// - Parameter units: how packets of H.265 are divided; nil for other codecs.
    mutating func add(_ packet: borrowing Packet, units: HEVCUnits?) {
        if frameCount == 0 { startsWithKeyframe = packet.isKeyframe }
        let time = packet.presentationTime ?? packet.decodeTime ?? 0
        if let last = lastDecodeTime, (packet.decodeTime ?? time) <= last { decodeTimesAscend = false }
        if let decodeTime = packet.decodeTime, decodeTime > time { isDecodedInTime = false }
        lastDecodeTime = packet.decodeTime ?? time
        if time >= latest {
            latest = time
            lastDuration = packet.duration
        }
        times.append(time)
        sizes.append(Int(packet.raw.pointee.size))
        if packet.isKeyframe {
            largestKeyframeDistance = max(largestKeyframeDistance, frameCount - lastKeyframe)
            lastKeyframe = frameCount
            keyframeCount += 1
        }
        frameCount += 1
        guard let units, packet.isKeyframe else { return }
        packet.withBytes { bytes in read(bytes, units) }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer, _ units: HEVCUnits) {
        var found = StaticHDRMetadata.none
        var parameterSets: Set<UInt8> = []
        defer { if !parameterSets.isEmpty { keyframesWithParameterSets += 1 } }
        for unit in units.ranges(in: bytes) {
            let type = bytes[unit.lowerBound] >> 1 & 0x3F
            if (32...34).contains(type) { parameterSets.insert(type) }
            if type == HEVCSequenceParameters.unitType, sequenceParameters == nil { sequenceParameters = Array(bytes[unit]) }
            guard type == HEVCSupplementalInformation.prefixType else { continue }
            let message = HEVCSupplementalInformation(unit: bytes[unit]).metadata
            found.masteringDisplay = message.masteringDisplay ?? found.masteringDisplay
            found.lightLevel = message.lightLevel ?? found.lightLevel
        }
        if keyframeCount == 1 { hdr = found }
        if found == hdr { keyframesWithHDR += found == .none ? 0 : 1 } else { hdrIsUniform = false }
    }

    var startTime: Int64 { times.min() ?? 0 }
    var duration: Int64 { (times.max() ?? 0) + lastDuration - startTime }
    var repeatsTime: Bool { Set(times).count != times.count }

    /// Largest number of places by which a packet comes before its turn to be shown.
    var reorderDelay: Int {
        let ranks = Dictionary(times.sorted().enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        return times.enumerated().reduce(0) { max($0, $1.offset - (ranks[$1.element] ?? $1.offset)) }
    }
}
