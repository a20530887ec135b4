import CLibAV
import Picture
import Primitives

/// Joins the segments of a job into a rendition, without coding anything again, and adds what else the source has.
package enum SegmentAssembler {
    /// Entries of a file that speak of a program, a device or a container, not of the film.
    private static let noise: Set<String> = [
        "encoder", "encoded_by", "encoding_tool", "creation_time", "major_brand", "minor_version", "compatible_brands", "handler_name",
        "vendor_id", "duration", "timecode", "writing_library", "software", "company_name", "product_name", "product_version",
        "product_uid",
        "modification_date", "application_platform", "generation_uid", "uid", "operational_pattern_ul", "material_package_umid",
        "toolkit_version", "modification_time",
    ]

    /// - Parameter progress: called now and then with the share of frames that are written, 0…1.
    /// - Throws: `damagedObject`, `segmentsDisagree`, `wrongFrameCount`, `wrongFrame`, `unwritable`, and what reading the
    ///   source throws. What was written until then stays at the destination: the caller removes it.
    package static func assemble(
        _ request: AssemblyRequest, context: MediaContext, progress: @escaping (Double) -> Void = { _ in }
    ) throws(MediaError) -> AssemblyReport {
        var logs: [PacketLogReader] = []
        for path in request.segments { logs.append(try PacketLogReader(path: path)) }
        guard let parameters = logs.first?.parameters else { throw .noFrames }
        for (number, log) in logs.enumerated() {
            if let difference = log.parameters.difference(from: parameters) { throw .segmentsDisagree(difference, segment: number) }
        }
        let timeline = try SegmentTimeline(logs.map { $0.entries.map { ($0.presentationTime, $0.duration) } })
        guard timeline.items.count == request.expectedFrames else {
            throw .wrongFrameCount(expected: request.expectedFrames, actual: timeline.items.count)
        }
        let assembly = Assembly(logs: logs, parameters: parameters, timeline: timeline, context: context, progress: progress)
        return try assembly.run(request)
    }

    /// One assembly, all of its inputs verified.
    private struct Assembly {
        let logs: [PacketLogReader]
        let parameters: StreamParameters
        let timeline: SegmentTimeline
        let context: MediaContext
        let progress: (Double) -> Void

        func run(_ request: AssemblyRequest) throws(MediaError) -> AssemblyReport {
            let output = try OutputFile.create(request.destination, container: request.container, context: context)
            guard let path = request.source else {
                let video = try output.addVideo(parameters, timecode: nil, language: nil)
                try output.writeHeader(movieTimescale: movieTimescale)
                try write(to: output, video: video, delay: 0, repeater: ParameterSetRepeater(parameters, request.container), beside: nil)
                return report(try output.finish(), decisions: [], timecode: nil, chapters: 0, omissions: [])
            }
            let input = try InputFile.open(path, context: context)
            try input.completeSound()
            let picture = request.index.streamIndex
            guard picture < input.streamCount else { throw .indexMismatch(afterFrame: -1) }
            let rates = (source: sourceRate(request.index), output: parameters.frameRate)
            let plan = PassthroughPlan(
                input, picture: picture, range: request.range, frameRates: rates, container: request.container,
                isForBrowsers: request.isForBrowsers)
            let window = TrimWindow(
                index: request.index, range: request.range, earliest: earliest(plan, input, request.index),
                startsWithPicture: request.container.interleavesWholeFrames)
            let language = LibraryDictionary.value("language", in: input.stream(picture).pointee.metadata)
            let video = try output.addVideo(parameters, timecode: plan.timecode, language: language)
            let found = try addChapters(of: input, window: window, to: output)
            try addMetadata(of: input, to: output)
            let beside = try PassthroughReader(input, plan: plan, window: window, output: output)
            try output.writeHeader(movieTimescale: movieTimescale)
            try beside.start(output, picture: picture, length: length)
            try write(
                to: output, video: video, delay: window.pictureDelay(in: output.timebase(video)),
                repeater: ParameterSetRepeater(parameters, request.container), beside: beside)
            let chapters = request.container.isISO ? found : 0
            let findings = beside.soundFindings
            let delay = Double(window.pictureDelay(in: AVRational(num: 1, den: 1_000_000))) / 1e6
            let decisions = plan.decisions.map { decision in
                findings[decision.sourceStream].map { decision.adding($0, pictureDelay: delay) } ?? decision
            }
            return report(
                try output.finish(), decisions: decisions, timecode: plan.timecode, chapters: chapters,
                omissions: omissions(plan, chapters: found - chapters, container: request.container))
        }

        /// Edit lists count in the unit of the picture, where it is fine enough to be shared.
        private var movieTimescale: Int32 {
            let ticks = parameters.timebase.denominator
            return ticks >= 1000 && ticks <= 1_000_000 ? Int32(ticks) : 90_000
        }

        /// Of the picture.
        private var length: MediaTime {
            MediaTime(timeline.endTime - (timeline.items.map(\.presentationTime).min() ?? 0), parameters.timebase)
        }

        /// What the source has and the rendition has not, beside streams.
        private func omissions(_ plan: PassthroughPlan, chapters: Int, container: RenditionContainer) -> [AssemblyReport.Omission] {
            var omissions: [AssemblyReport.Omission] = []
            if chapters > 0 { omissions.append(.chapters) }
            if let loss = plan.timecodeLoss { omissions.append(loss) }
            if let omission = container.omission(of: parameters.hdr, codec: parameters.codecName) { omissions.append(omission) }
            return omissions
        }

        private func sourceRate(_ index: FrameIndex) -> Rational {
            switch index.frameRate {
            case .constant(let rate), .variable(average: let rate): rate
            }
        }

        /// Start of the earliest stream beside the picture, in the index's ticks. Run-ins before 0 are hidden by the
        /// source's own edit lists. What begins before the picture by more than a file may last does not count.
        private func earliest(_ plan: PassthroughPlan, _ input: borrowing InputFile, _ index: FrameIndex) -> Int64? {
            guard let unit = index.timebase.library else { return nil }
            var earliest: Int64?
            for route in plan.routes {
                let stream = input.stream(route.source).pointee
                guard stream.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO, let start = timestamp(stream.start_time) else { continue }
                guard TimeBounds(Rational(stream.time_base) ?? Rational(1, 1)).contains(start) else { continue }
                let time = av_rescale_q(start, stream.time_base, unit)
                let first = index.times.first ?? 0
                let shown = first >= 0 ? max(time, 0) : time
                let lead = first.subtractingReportingOverflow(shown)
                let milliseconds = MediaTime(lead.partialValue, index.timebase).rescaled(to: Rational(1, 1000)).value
                guard !lead.overflow, milliseconds <= context.limits.milliseconds else { continue }
                earliest = min(earliest ?? shown, shown)
            }
            return earliest
        }

        /// Chapters end with the picture: no track of theirs makes the file longer.
        private func addChapters(of input: borrowing InputFile, window: TrimWindow, to output: borrowing OutputFile) throws(MediaError)
            -> Int
        {
            var count = 0
            let length = self.length
            for number in 0..<input.raw.pointee.nb_chapters {
                let chapter = remaster_chapter(input.raw, number).pointee
                let unit = chapter.time_base
                guard let timebase = Rational(unit), let times = TimeBounds(timebase).clamped(chapter.start, chapter.end) else { continue }
                // Rounded up, in whatever ticks the chapters are counted.
                let pictureEnd = window.pictureDelay(in: unit) + length.rescaled(to: timebase).value + 1
                let start = max(times.lowerBound - window.origin(in: unit), 0)
                let end = min(times.upperBound - window.origin(in: unit), window.length(in: unit) ?? pictureEnd)
                guard start < end else { continue }
                let title = LibraryDictionary.value("title", in: chapter.metadata)?.clipped(to: context.limits.metadataBytes)
                try output.addChapter(id: count + 1, start: start, end: end, timebase: unit, title: title)
                count += 1
            }
            return count
        }

        private func addMetadata(of input: borrowing InputFile, to output: borrowing OutputFile) throws(MediaError) {
            for (key, value) in LibraryDictionary.entries(of: input.raw.pointee.metadata) {
                let name = key.lowercased()
                guard !SegmentAssembler.noise.contains(name), !name.hasPrefix("com.apple.quicktime.creationdate"), !name.hasPrefix("_")
                else {
                    continue
                }
                try output.setMetadata(key, value.clipped(to: context.limits.metadataBytes))
            }
        }

        /// Writes all packets in the order of their decode times.
        private func write(
            to output: borrowing OutputFile, video: Int, delay: Int64, repeater: ParameterSetRepeater, beside: PassthroughReader?
        ) throws(MediaError) {
            let unit = output.timebase(video)
            guard let timebase = parameters.timebase.library else { throw .unsupported(.encoding("timebase \(parameters.timebase)")) }
            var written = 0
            while true {
                let other = try beside?.peek()
                guard written < timeline.items.count else {
                    guard let other, let packet = beside?.next() else { return }
                    try output.write(packet, stream: other.stream)
                    continue
                }
                let item = timeline.items[written]
                let decodeTime = av_rescale_q(item.decodeTime, timebase, unit) + delay
                if let other, av_compare_ts(other.decodeTime, output.timebase(other.stream), decodeTime, unit) < 0 {
                    guard let packet = beside?.next() else { continue }
                    try output.write(packet, stream: other.stream)
                    continue
                }
                let packet = try repeater.complete(try logs[item.segment].packet(item.number))
                packet.raw.pointee.pts = av_rescale_q(item.presentationTime, timebase, unit) + delay
                packet.raw.pointee.dts = decodeTime
                packet.raw.pointee.duration =
                    av_rescale_q(item.presentationTime + item.duration, timebase, unit) + delay - packet.raw.pointee.pts
                try output.write(packet, stream: video)
                written += 1
                if written % 64 == 0 || written == timeline.items.count { progress(Double(written) / Double(timeline.items.count)) }
            }
        }

        private func report(
            _ byteCount: Int64, decisions: [StreamDecision], timecode: String?, chapters: Int, omissions: [AssemblyReport.Omission]
        ) -> AssemblyReport {
            AssemblyReport(
                frameCount: timeline.items.count, byteCount: byteCount, duration: length, decisions: decisions, timecode: timecode,
                chapterCount: chapters, omissions: omissions.isEmpty ? nil : omissions)
        }
    }
}
