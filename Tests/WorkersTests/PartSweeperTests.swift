import Foundation
import ObjectStorage
import Primitives
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

    @Test("What a killed writer had set aside is given back an hour after its last byte, and not before") func room() async throws {
        let directory = try TemporaryDirectory()
        let objects = try FileObjectStore(root: directory.path)
        let key = try #require(ObjectKey("videos/a/file"))
        let path = objects.collectionPath(for: key)
        try withExtendedLifetime(try CollectedFile(for: key, in: objects)) { file in
            try file.write([1], at: 0)
            try file.reserve(4 << 20)
        }
        let written = try #require(FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
        for (seconds, isHeld) in [(3598.0, true), (3602.0, false)] {
            let sweeper = PartSweeper(objects: objects, observer: TestCluster.observer) { written.addingTimeInterval(seconds) }
            #expect(try await sweeper.sweep() == 0)
            var facts = stat()
            let isThere = stat(path, &facts) == 0
            #expect(isThere && facts.st_size == 1)
            #expect((Int(facts.st_blocks) * 512 >= 4 << 20) == isHeld)
        }
    }
}
