import Foundation
import ObjectStorage
import TestSupport
import Testing
import Workers

@Suite struct PartSweeperTests {
    @Test("What a killed writer left goes a day after its last byte, and not before") func patience() async throws {
        let directory = try TemporaryDirectory()
        let objects = try FileObjectStore(root: directory.path)
        let path = directory.path + "/+parts/0123456789abcdef"
        try Data([1]).write(to: URL(filePath: path))
        let written = try #require(FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
        for (seconds, count) in [(86_398.0, 0), (86_402.0, 1), (86_402.0, 0)] {
            let sweeper = PartSweeper(objects: objects, observer: TestCluster.observer) { written.addingTimeInterval(seconds) }
            #expect(try await sweeper.sweep() == count)
        }
        #expect(try Directories.entries(of: directory.path + "/+parts").isEmpty)
    }
}
