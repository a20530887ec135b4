import CLibAV
import ColorScience
import Picture
import Primitives

/// Reads a finished file back and says what is in it.
package enum DeliveryCheck {
    /// Facts of an ISO file (MOV, MP4), every packet of it read.
    package static func facts(of path: String, context: MediaContext) throws(MediaError) -> DeliveryFacts {
        let boxes = try ISOFile(path: path)
        let entry = SampleEntryFacts(boxes)
        let description = try MediaProbe.describe(path, context: context)
        let file = try InputFile.open(path, context: context)
        let video = try file.videoStream()
        let (packets, ends) = try read(file, video: video, configuration: entry.configuration)
        let sequence = entry.configuration?.units.lazy
            .filter { ($0.first ?? 0) >> 1 & 0x3F == HEVCSequenceParameters.unitType }.compactMap { HEVCSequenceParameters(unit: $0) }.first
        let picture = PictureFacts(description.video, entry, packets, sequence)
        let start = MediaTime(packets.startTime, description.video.timebase).seconds
        let sound = description.audio.map { stream in
            let begin = MediaTime(stream.startTime ?? 0, stream.timebase).seconds
            return SoundFacts(
                codecName: stream.codecName, channels: stream.channels, sampleRate: stream.sampleRate, language: stream.language,
                offset: begin - start, duration: (ends[stream.index] ?? begin) - begin)
        }
        return DeliveryFacts(
            byteCount: description.byteCount, boxes: boxes.order, picture: picture, sound: sound,
            subtitleCount: description.subtitles.count, chapterCount: description.chapters.count, timecode: description.timecode,
            problems: problems(boxes, picture, packets))
    }

    /// Facts of the picture's packets, and for each other stream where its last packet ends, in seconds.
    private static func read(
        _ file: borrowing InputFile, video: Int, configuration: HEVCConfiguration?
    ) throws(MediaError) -> (PacketFacts, [Int: Double]) {
        var facts = PacketFacts()
        var ends: [Int: Double] = [:]
        let packet = try Packet.allocate()
        while try file.read(into: packet) {
            let stream = Int(packet.raw.pointee.stream_index)
            if stream == video {
                facts.add(packet, configuration: configuration)
            } else if let time = packet.presentationTime, let unit = Rational(file.stream(stream).pointee.time_base) {
                ends[stream] = max(ends[stream] ?? -.infinity, MediaTime(time + packet.duration, unit).seconds)
            }
        }
        return (facts, ends)
    }

    private static func problems(_ boxes: ISOFile, _ picture: PictureFacts, _ packets: PacketFacts) -> [DeliveryFacts.Problem] {
        var problems: [DeliveryFacts.Problem] = []
        if let index = boxes.order.firstIndex(of: "moov"), let media = boxes.order.firstIndex(of: "mdat"), index > media {
            problems.append(.indexAtEnd)
        }
        if picture.tableFrameCount.map({ $0 != picture.frameCount }) ?? true { problems.append(.frameCountDisagrees) }
        if !packets.decodeTimesAscend { problems.append(.decodeTimesNotAscending) }
        if packets.repeatsTime { problems.append(.presentationTimesRepeat) }
        if !packets.isDecodedInTime { problems.append(.decodedTooLate) }
        if !packets.startsWithKeyframe { problems.append(.startsInsideGroup) }
        if picture.colorBox == nil { problems.append(.colorBoxMissing) }
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
        if picture.sampleEntry == "hvc1", packets.parameterSetsInPackets { problems.append(.parameterSetsInPackets) }
        return problems
    }
}

extension PictureFacts {
    init(_ stream: VideoStream, _ entry: SampleEntryFacts, _ packets: PacketFacts, _ sequence: HEVCSequenceParameters?) {
        self.init(
            codecName: stream.codecName, sampleEntry: entry.type, size: stream.visibleSize, sampleAspectRatio: entry.sampleAspectRatio,
            frameCount: packets.frameCount, tableFrameCount: entry.tableFrameCount, keyframeCount: packets.keyframeCount,
            timebase: stream.timebase, startTime: packets.startTime, duration: packets.duration, averageFrameRate: stream.averageFrameRate,
            reorderDelay: packets.reorderDelay, largestKeyframeDistance: packets.largestKeyframeDistance, colorBox: entry.colorBox,
            containerColor: entry.tags, bitstreamColor: sequence?.tags, profile: sequence?.profile, bitDepth: sequence?.bitDepth,
            containerHDR: entry.hdr, bitstreamHDR: entry.configuration == nil ? nil : packets.hdr,
            keyframesWithHDR: packets.keyframesWithHDR)
    }
}
