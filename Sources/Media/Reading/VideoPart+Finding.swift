extension VideoPart {
    /// Pictures behind a change of the headers that may be tried: some decoders give the first ones late or not at all.
    private static let tries = 16

    /// Decodes one picture behind each change of the stream's headers, and keeps the changes that a job must know of.
    ///
    /// - Returns: all parts of the file, at least two; nil where its pictures stay the same.
    /// - Parameters:
    ///   - first: the stream by the first picture of the file.
    ///   - index: of the same file.
    package static func find(
        in path: String, first: VideoStream, index: FrameIndex, context: MediaContext
    ) throws(MediaError) -> [VideoPart]? {
        var parts = [VideoPart(firstFrame: 0, video: first)]
        var frameOfPacket: [Int32]?
        for (change, frame) in index.framesOfChanges {
            guard let key = index.keys.last(where: { $0.packet <= change.packet }) else { continue }
            let numbers = frameOfPacket ?? index.frameOfPacket
            frameOfPacket = numbers
            guard let video = try picture(of: path, from: key, frame: frame, index, numbers, context) else { continue }
            guard let before = parts.last?.video.look, let look = video.look, before.contradiction(of: look) != nil else {
                continue
            }
            parts.append(VideoPart(firstFrame: frame, video: video))
        }
        return parts.count > 1 ? parts : nil
    }

    /// The stream by the first picture from `frame` on that can be decoded; nil when there is none soon.
    private static func picture(
        of path: String, from key: FrameIndex.Key, frame: Int, _ index: FrameIndex, _ frameOfPacket: [Int32], _ context: MediaContext
    ) throws(MediaError) -> VideoStream? {
        for wanted in frame..<min(frame + tries, index.count) {
            var run = try DecodingRun(path: path, index: index, start: key, threads: 1, context: context)
            switch try run.next(frame: wanted, frameOfPacket: frameOfPacket) {
            case .frame(let picture): return try run.stream(by: picture)
            case .passed: continue
            }
        }
        return nil
    }
}

extension FrameIndex {
    /// Presentation number of each packet; −1 for those that give no frame.
    var frameOfPacket: [Int32] {
        var numbers = [Int32](repeating: -1, count: packetCount)
        for (frame, packet) in packets.enumerated() { numbers[Int(packet)] = Int32(frame) }
        return numbers
    }
}
