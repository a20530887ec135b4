import CLibAV

/// Brings sound whose channels or sampling rate change on their way to the form in which a track has all of it.
final class SoundRemixer {
    /// What the track has.
    private(set) var target: SoundForm
    /// Of the blocks that are being brought to it; nil where they are as they should be.
    private var current: SoundForm?
    private var arrangement = Arrangement.mixed
    private var converter: SoundResampler?
    private var isSettled = false

    private enum Arrangement {
        /// By the library's rules, which keep the loudest sum within full scale.
        case mixed
        /// One channel in both front speakers.
        case pair
        /// Nobody knows which channels these are: each keeps its number.
        case inOrder
    }

    /// Rates that differ by more are no sound.
    private static let largestRatio: Int64 = 64

    /// - Parameter target: by the container, which may have no names for the channels.
    init(target: SoundForm) { self.target = target }

    /// A block in the target's form, behind what was still inside of those before it. Nothing for a block of no usable rate: the times
    /// of those behind it tell that it is missing.
    func unified(_ block: SoundDecoder.Block) throws(MediaError) -> [SoundDecoder.Block] {
        if !isSettled {
            isSettled = true
            if block.form.isSame(as: target), block.form.mask != 0 { target = block.form }
        }
        if block.form.isSame(as: target) { return try finish() + [block] }
        let (from, to) = (Int64(block.form.rate), Int64(target.rate))
        guard from > 0, !block.channels.isEmpty, from <= to * Self.largestRatio, to <= from * Self.largestRatio else { return try finish() }
        var blocks: [SoundDecoder.Block] = []
        if block.form != current {
            blocks = try finish()
            try begin(block.form)
        }
        let arranged = arrange(block.channels)
        let channels = if let converter { try converter.convert(arranged) } else { arranged }
        return blocks + [SoundDecoder.Block(time: block.time, channels: channels, form: block.form)]
    }

    /// What is still inside.
    func finish() throws(MediaError) -> [SoundDecoder.Block] {
        guard let current else { return [] }
        let rest = try converter?.finish() ?? []
        self.current = nil
        converter = nil
        return rest.first?.isEmpty ?? true ? [] : [SoundDecoder.Block(time: nil, channels: rest, form: current)]
    }

    private func begin(_ form: SoundForm) throws(MediaError) {
        current = form
        if form.channels == 1, target.channels > 1, target.layout.u.mask & Self.frontPair == Self.frontPair {
            arrangement = .pair
        } else {
            do throws(MediaError) {
                arrangement = .mixed
                converter = try SoundResampler(from: form, to: target)
                return
            } catch {
                if case .outOfMemory = error { throw error }
                arrangement = .inOrder
            }
        }
        if form.rate != target.rate {
            converter = try SoundResampler(channels: target.channels, from: form.rate, to: target.rate)
        }
    }

    /// The library's bits of front left and front right: its first two channels.
    private static let frontPair: UInt64 = 3

    private func arrange(_ channels: [[Int32]]) -> [[Int32]] {
        if arrangement == .mixed { return channels }
        let taken = arrangement == .pair ? [channels[0], channels[0]] : Array(channels.prefix(target.channels))
        let silence = [Int32](repeating: 0, count: channels[0].count)
        return taken + Array(repeating: silence, count: target.channels - taken.count)
    }
}
