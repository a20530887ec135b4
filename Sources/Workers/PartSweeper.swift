package import FoundationEssentials
import Lanes
import Logging
package import ObjectStorage
package import Telemetry

/// Removes what writers that were killed left half-written in storage.
package struct PartSweeper: Sendable {
    /// How long a file lies untouched before it is taken for left behind. Its writer holds a lock on it, which several machines see
    /// where their file system shares locks; where it does not, a file that is written to within this time is safe all the same.
    package static let patience: Duration = .seconds(86_400)

    private let objects: FileObjectStore
    private let interval: Duration
    private let observer: Observer
    private let clock: @Sendable () -> Date

    /// - Parameter interval: time between two looks, the first of which is at once.
    package init(
        objects: FileObjectStore, interval: Duration = .seconds(3600), observer: Observer,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.objects = objects
        self.interval = interval
        self.observer = observer
        self.clock = clock
    }

    /// Works until its task is cancelled.
    package func run() async {
        await Periodic.run(every: interval) { error in
            observer.logger.warning("half-written files cannot be swept", metadata: ["cause": "\(error)"])
        } turn: {
            let removed = try await sweep()
            if removed > 0 { observer.logger.info("swept half-written files of writers that are gone", metadata: ["files": "\(removed)"]) }
        }
    }

    /// Removes what nobody holds and nobody has written to for `patience`; returns how many files.
    package func sweep() async throws -> Int {
        let limit = Int(clock().timeIntervalSince1970) - Int(Self.patience.components.seconds)
        let objects = objects
        return try await SerialLane(label: "remaster.sweep").run { try objects.sweepParts(notTouchedSince: limit) }
    }
}
