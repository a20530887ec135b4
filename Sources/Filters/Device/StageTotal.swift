import GPU

/// Device time of one stage over all frames so far, from timestamps of the device.
package struct StageTotal: Hashable, Sendable, Codable {
    /// Name of a `PictureStage.Kind`.
    package let name: String
    package var seconds: Double
    package var frames: Int
}

extension [StageTotal] {
    /// Adds the times of one frame.
    mutating func add(_ times: [StageTime]) {
        for time in times {
            let (whole, fraction) = time.duration.components
            let seconds = Double(whole) + Double(fraction) * 1e-18
            if let index = firstIndex(where: { $0.name == time.name }) {
                self[index].seconds += seconds
                self[index].frames += 1
            } else {
                append(StageTotal(name: time.name, seconds: seconds, frames: 1))
            }
        }
    }

    /// Seconds of each stage since an earlier reading of the same totals.
    package func seconds(since earlier: [StageTotal]) -> [String: Double] {
        var result: [String: Double] = [:]
        for total in self {
            result[total.name] = total.seconds - (earlier.first { $0.name == total.name }?.seconds ?? 0)
        }
        return result
    }
}
