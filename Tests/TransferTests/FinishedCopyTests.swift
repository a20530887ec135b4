import Foundation
import HTTP
import Primitives
import Testing
import Transfer

/// What a copy leaves behind when it is done and nobody has noted that yet.
@Suite struct FinishedCopyTests {
    /// Pieces that were asked for; a probe is a range of one byte.
    private func pieces(_ source: TestSource) -> Int { source.requests.count { $0.count > 1 } }

    /// A copy whose file is moved on to `film` when it is finished.
    private func copy(_ scene: Scene, _ change: (inout RangeCopyOptions) -> Void = { _ in }) -> RangeCopy {
        var options = scene.options
        change(&options)
        return RangeCopy(
            client: scene.client, source: .url(scene.url, policy: Scene.policy), destination: scene.destination,
            published: film(scene), options: options)
    }

    private func film(_ scene: Scene) -> String { scene.directory.path + "/film" }

    private func publish(_ scene: Scene) throws {
        try FileManager.default.moveItem(atPath: scene.destination, toPath: film(scene))
    }

    @Test("a copy that is finished is not made again, wherever its file lies by then", arguments: [false, true])
    func finished(isPublished: Bool) async throws {
        let content = bytes(5500)
        let source = TestSource(content)
        try await Scene.with(source) { scene in
            let first = try await copy(scene).run()
            #expect(first.path == scene.destination)
            if isPublished { try publish(scene) }
            source.forgetRequests()
            let second = try await copy(scene) { $0.expectedChecksum = checksum(content) }.run()
            #expect(pieces(source) == 0)
            #expect(second.checksum == first.checksum && second.bytes == first.bytes)
            #expect(second.path == (isPublished ? film(scene) : scene.destination))
            #expect(FileManager.default.contents(atPath: second.path).map { Array($0) } == content)
            #expect(try scene.directory.names() == ["copy.mov.ledger", isPublished ? "film" : "copy.mov"].sorted())
        }
    }

    @Test("a finished file that is damaged, gone, or of a source that changed is copied again", arguments: [0, 1, 2])
    func notFinished(fault: Int) async throws {
        let (old, new) = (bytes(5500), bytes(5500, seed: 5))
        let source = TestSource(old)
        try await Scene.with(source) { scene in
            _ = try await copy(scene).run()
            try publish(scene)
            switch fault {
            case 0:
                let file = try FileHandle(forUpdating: URL(fileURLWithPath: film(scene)))
                try file.seek(toOffset: 2500)
                try file.write(contentsOf: [old[2500] ^ 1])
                try file.close()
            case 1: try FileManager.default.removeItem(atPath: film(scene))
            default: source.replace(new, tag: "\"v2\"")
            }
            source.forgetRequests()
            let again = try await copy(scene).run()
            #expect(pieces(source) == 6)
            #expect(again.path == scene.destination)
            #expect(scene.content() == (fault == 2 ? new : old))
        }
    }

    @Test("without its list of pieces a finished file proves nothing")
    func forgotten() async throws {
        let source = TestSource(bytes(2500))
        try await Scene.with(source) { scene in
            _ = try await copy(scene).run()
            try RangeCopy.forgetPieces(of: scene.destination)
            try RangeCopy.forgetPieces(of: scene.destination)
            #expect(try scene.directory.names() == ["copy.mov"])
            source.forgetRequests()
            _ = try await copy(scene).run()
            #expect(pieces(source) == 3)
        }
    }

    @Test("a source that sends too little fails the copy, and what came stays for the next run")
    func tooSlow() async throws {
        let content = bytes(4000)
        let source = TestSource(content)
        let never = Barrier(1000)
        source.behave { _, range, _ in
            if range.lowerBound >= 2000 { await never.wait() }
            return nil
        }
        try await Scene.with(source) { scene in
            // Nothing else could end it: what it waits for never comes.
            let error = await failure { () async throws(TransferError) in
                _ = try await copy(scene) {
                    $0.minimumCopyBytesPerSecond = 1
                    $0.copyRateWindow = .milliseconds(200)
                }.run()
            }
            guard case .tooSlow(1, let window)? = error else { Issue.record("\(String(describing: error))"); return }
            #expect(window == .milliseconds(200))
            #expect(error?.isRetryable == true)
            #expect(error?.code == "RESOLVE_OBJECT_METADATA_ERROR")
            #expect(try scene.directory.names() == ["copy.mov.ledger", "copy.mov.part"])
            never.release()
            source.behave(nil)
            _ = try await copy(scene).run()
            #expect(scene.content() == content)
        }
    }
}
