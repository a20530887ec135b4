import CLibAV
import ColorScience
import Picture
import Primitives

/// Reads a finished file back and says what is in it.
package enum DeliveryCheck {
    /// Facts of a file, every packet of it read.
    ///
    /// - Parameters:
    ///   - wanted: what the file was to become, with which it is compared; nil compares nothing.
    ///   - decisions: what was to become of the source's sound, with whose ends the tracks are compared; nil compares nothing.
    package static func facts(
        of path: String, wanted: EncoderRequest? = nil, decisions: [StreamDecision]? = nil, context: MediaContext
    ) throws(MediaError) -> DeliveryFacts {
        let description = try MediaProbe.describe(path, context: context)
        let isISO = description.containerName == "mov" || description.containerName == "mp4"
        let boxes = isISO ? try ISOFile(path: path) : nil
        let entry = boxes.map { SampleEntryFacts($0) } ?? SampleEntryFacts(description.video)
        let file = try InputFile.open(path, context: context)
        let video = try file.videoStream()
        let units = HEVCUnits(entry.configuration, codec: description.video.codecName)
        let (packets, tails) = try read(file, video: video, units: units)
        let sequence = (entry.configuration?.units ?? packets.sequenceParameters.map { [$0] } ?? []).lazy
            .filter { ($0.first ?? 0) >> 1 & 0x3F == HEVCSequenceParameters.unitType }.compactMap { HEVCSequenceParameters(unit: $0) }.first
        let picture = PictureFacts(description.video, entry, packets, sequence, isHEVC: units != nil)
        let start = MediaTime(packets.startTime, description.video.timebase).seconds
        let sound = description.audio.map { stream in
            let begin = MediaTime(stream.startTime ?? 0, stream.timebase).seconds
            return SoundFacts(
                codecName: stream.codecName, channels: stream.channels, sampleRate: stream.sampleRate, language: stream.language,
                offset: begin - start, duration: (tails[stream.index]?.end ?? begin) - begin)
        }
        return DeliveryFacts(
            byteCount: description.byteCount, boxes: boxes?.order ?? [], picture: picture, sound: sound,
            subtitleCount: description.subtitles.count, chapterCount: description.chapters.count, timecode: description.timecode,
            problems: problems(boxes, picture, packets)
                + (wanted.map { differences(picture, from: $0) + bufferProblems(packets, $0) } ?? [])
                + (decisions.map { soundProblems(sound, description.audio.map { tails[$0.index] }, $0) } ?? []))
    }

    /// What is not as it was asked for. Tags that a container or codec cannot say are none.
    private static func differences(_ picture: PictureFacts, from wanted: EncoderRequest) -> [DeliveryFacts.Problem] {
        var problems: [DeliveryFacts.Problem] = []
        if picture.size != wanted.layout.size { problems.append(.sizeDiffers) }
        if picture.sampleAspectRatio != wanted.sampleAspectRatio { problems.append(.aspectDiffers) }
        let (made, asked) = (picture.containerColor, wanted.colorTags)
        let isOther =
            (made.primaries != .unspecified && made.primaries != asked.primaries)
            || (made.transfer != .unspecified && made.transfer != asked.transfer)
            || (made.matrix != .unspecified && made.matrix != asked.matrix)
            || (made.range != .unspecified && made.range != asked.range)
        if isOther { problems.append(.colorDiffers) }
        if let order = picture.fieldOrder, order.isInterlaced || wanted.fieldOrder.isInterlaced, order != wanted.fieldOrder {
            problems.append(.fieldOrderDiffers)
        }
        return problems
    }

    /// Whether the joined segments keep the promise of a constant rate that each kept for itself.
    private static func bufferProblems(_ packets: PacketFacts, _ wanted: EncoderRequest) -> [DeliveryFacts.Problem] {
        guard case .xdcam = wanted.settings else { return [] }
        var buffer = VideoBuffer(
            size: EncoderConfiguration.xdcamBuffer, bitrate: EncoderConfiguration.xdcamBitrate, frameRate: wanted.frameRate)
        for size in packets.sizes { buffer.remove(bytes: size) }
        return buffer.lowest < 0 ? [.bufferUnderflows] : []
    }

    /// Whether every track of sound ends where the last sound of its source does, but for a packet that is not full, or reaches over
    /// the end: of several tracks each is the source's in the same place.
    private static func soundProblems(
        _ sound: [SoundFacts], _ tails: [Tail?], _ decisions: [StreamDecision]
    ) -> [DeliveryFacts.Problem] {
        let kept = decisions.filter { $0.kind == .audio && $0.action != .dropped }
        // A track without a packet is none in some containers, and one in others.
        let heard = kept.filter { ($0.soundEnd ?? 0) > 0 }
        guard sound.count == kept.count || sound.count == heard.count else { return [.soundEndDiffers] }
        let isOther = zip(zip(sound, tails), sound.count == kept.count ? kept : heard).contains { track, decision in
            // Where no packet says how long it is, nobody can tell where the last one ends.
            guard let end = decision.soundEnd, end > 0, let longest = track.1?.longest, longest > 0 else { return false }
            let allowed = 0.03 + 2 * longest
            return abs(track.0.offset + track.0.duration - end) > allowed
        }
        return isOther ? [.soundEndDiffers] : []
    }

    /// Of a stream beside the picture, in seconds: where its last packet ends, and how long its longest is.
    private struct Tail {
        var end = -Double.infinity
        var longest = 0.0
    }

    /// Facts of the picture's packets, and the tail of each other stream.
    private static func read(
        _ file: borrowing InputFile, video: Int, units: HEVCUnits?
    ) throws(MediaError) -> (PacketFacts, [Int: Tail]) {
        var facts = PacketFacts()
        var tails: [Int: Tail] = [:]
        let packet = try Packet.allocate()
        while try file.read(into: packet) {
            let stream = Int(packet.raw.pointee.stream_index)
            if stream == video {
                facts.add(packet, units: units)
            } else if let time = packet.presentationTime, let unit = Rational(file.stream(stream).pointee.time_base) {
                var tail = tails[stream] ?? Tail()
                let duration = MediaTime(packet.duration, unit).seconds
                tail.end = max(tail.end, MediaTime(time, unit).seconds + duration)
                tail.longest = max(tail.longest, duration)
                tails[stream] = tail
            }
        }
        return (facts, tails)
    }

    private static func problems(_ boxes: ISOFile?, _ picture: PictureFacts, _ packets: PacketFacts) -> [DeliveryFacts.Problem] {
        var problems: [DeliveryFacts.Problem] = []
        if let boxes {
            if let index = boxes.order.firstIndex(of: "moov"), let media = boxes.order.firstIndex(of: "mdat"), index > media {
                problems.append(.indexAtEnd)
            }
            if picture.tableFrameCount.map({ $0 != picture.frameCount }) ?? true { problems.append(.frameCountDisagrees) }
            if picture.colorBox == nil { problems.append(.colorBoxMissing) }
        } else if picture.bitstreamHDR != nil, packets.keyframesWithParameterSets != picture.keyframeCount {
            problems.append(.parameterSetsMissing)
        }
        if !packets.decodeTimesAscend { problems.append(.decodeTimesNotAscending) }
        if packets.repeatsTime { problems.append(.presentationTimesRepeat) }
        if !packets.isDecodedInTime { problems.append(.decodedTooLate) }
        if !packets.startsWithKeyframe { problems.append(.startsInsideGroup) }
        if let color = picture.bitstreamColor, picture.colorBox != nil {
            let box = picture.containerColor
            let agrees = box.primaries == color.primaries && box.transfer == color.transfer && box.matrix == color.matrix
            // QuickTime's box has no range.
            if !agrees || (box.range != .unspecified && color.range != .unspecified && box.range != color.range) {
                problems.append(.colorDisagrees)
            }
        }
        if let hdr = picture.bitstreamHDR {
            if hdr != picture.containerHDR { problems.append(.hdrDisagrees) }
            if !packets.hdrIsUniform { problems.append(.hdrNotAtEveryKeyframe) }
        }
        if picture.containerHDR.masteringDisplay?.problems.isEmpty == false { problems.append(.hdrImplausible) }
        if let level = picture.containerHDR.lightLevel, level.maxFALL > level.maxCLL || level.maxCLL > 10_000 {
            problems.append(.hdrImplausible)
        }
        if picture.sampleEntry == "hvc1", packets.keyframesWithParameterSets > 0 { problems.append(.parameterSetsInPackets) }
        return problems
    }
}

extension PictureFacts {
    init(_ stream: VideoStream, _ entry: SampleEntryFacts, _ packets: PacketFacts, _ sequence: HEVCSequenceParameters?, isHEVC: Bool) {
        self.init(
            codecName: stream.codecName, sampleEntry: entry.type, size: stream.visibleSize, sampleAspectRatio: entry.sampleAspectRatio,
            fieldOrder: stream.fieldOrder, frameCount: packets.frameCount, tableFrameCount: entry.tableFrameCount,
            keyframeCount: packets.keyframeCount,
            timebase: stream.timebase, startTime: packets.startTime, duration: packets.duration, averageFrameRate: stream.averageFrameRate,
            reorderDelay: packets.reorderDelay, largestKeyframeDistance: packets.largestKeyframeDistance, colorBox: entry.colorBox,
            containerColor: entry.tags, bitstreamColor: sequence?.tags, profile: sequence?.profile, bitDepth: sequence?.bitDepth,
            containerHDR: entry.hdr, bitstreamHDR: isHEVC ? packets.hdr : nil,
            keyframesWithHDR: packets.keyframesWithHDR)
    }
}
