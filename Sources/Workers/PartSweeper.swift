package import FoundationEssentials
import Lanes
import Logging
package import ObjectStorage
package import Telemetry

/// Removes what writers that were killed left half-written in storage, and gives back the room that they had set aside.
package struct PartSweeper: Sendable {
    /// How long a file lies untouched before it is taken for left behind. Its writer holds a lock on it, which several machines see
    /// where their file system shares locks; where it does not, a file that is written to within this time is safe all the same.
    package static let patience: Duration = .seconds(86_400)

    /// How long a file that is being collected lies untouched before the room beyond its end is given back, with the same safety.
    package static let roomPatience: Duration = .seconds(3600)

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

    /// Removes what nobody holds and nobody has written to for `patience`, and gives back room after `roomPatience`; returns how many
    /// files were removed.
    package func sweep() async throws -> Int {
        let now = Int(clock().timeIntervalSince1970)
        let limit = now - Int(Self.patience.components.seconds)
        let roomLimit = now - Int(Self.roomPatience.components.seconds)
        let (objects, lane) = (objects, SerialLane(label: "remaster.sweep"))
        // A file that cannot be removed keeps no room from being given back.
        let removed: Result<Int, any Error>
        do { removed = .success(try await lane.run { try objects.sweepParts(notTouchedSince: limit) }) } catch {
            removed = .failure(error)
        }
        try await lane.run { _ = try objects.releaseRoom(notTouchedSince: roomLimit) }
        return try removed.get()
    }
}
