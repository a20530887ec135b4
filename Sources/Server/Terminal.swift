import Foundation
import Pipeline
import Synchronization

/// Lines and a progress bar on standard error, so that standard output stays machine-readable.
final class Terminal: Sendable {
    private let isInteractive = isatty(2) == 1
    private let lastPercent = Mutex<(label: String, percent: Int)>(("", -1))
    private let started = ContinuousClock.now

    func line(_ text: String) { write(text + "\n") }

    /// Redraws the bar; without a terminal, a line at every tenth.
    ///
    /// - Parameters:
    ///   - fraction: in [0, 1].
    ///   - remaining: time left, when known.
    func progress(_ label: String, fraction: Double, note: String, remaining: Duration?) {
        let percent = Int((fraction * 100).rounded(.down))
        let left = remaining.map { ", about \($0.components.seconds) s left" } ?? ""
        if isInteractive {
            let filled = percent * 40 / 100
            let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: 40 - filled)
            write("\r  \(label) [\(bar)] \(percent) % \(note)\(left)\u{1B}[K" + (percent >= 100 ? "\n" : ""))
        } else {
            let isDue = lastPercent.withLock { last in
                guard last.label != label || percent / 10 > last.percent / 10 else { return false }
                last = (label, percent)
                return true
            }
            if isDue { write("\(label) \(percent) % \(note)\(left)\n") }
        }
    }

    var elapsed: Duration { ContinuousClock.now - started }

    private func write(_ text: String) {
        do { try FileHandle.standardError.write(contentsOf: Data(text.utf8)) } catch {
            // Nobody reads it any more, which is no reason to end the work.
        }
    }
}
