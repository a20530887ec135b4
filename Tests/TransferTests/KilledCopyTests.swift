import Foundation
import HTTP
import Testing
import Transfer

@Suite struct KilledCopyTests {
    @Test("what a kill leaves on the disk at any moment costs only the pieces in flight")
    func killed() async throws {
        let content = bytes(50_000)
        let source = TestSource(content)
        let never = Barrier(1000)
        let stuck = Barrier(1000)
        // Enough for 20 pieces, then silence.
        source.behave { _, range, number in
            if range.count > 1, number > 20 {
                async let waiting: Void = stuck.wait()
                await never.wait()
                await waiting
            }
            return nil
        }
        try await Scene.with(source) { scene in
            let first = scene.copy()
            let running = Task { await failure { () async throws(TransferError) in _ = try await first.run() } }
            // Four connections wait for what never comes: every piece before is at least received.
            await stuck.arrivals(4)
            // The files as they are now, without a word to the run that writes them; the ledger first, as it follows the part.
            let later = try ScratchDirectory()
            for suffix in [".ledger", ".part"] {
                try FileManager.default.copyItem(atPath: scene.destination + suffix, toPath: later.path + "/copy.mov" + suffix)
            }
            running.cancel()
            _ = await running.value
            source.behave(nil)
            source.forgetRequests()
            let second = RangeCopy(
                client: scene.client, source: .url(scene.url, policy: Scene.policy), destination: later.path + "/copy.mov",
                options: scene.options)
            let result = try await second.run()
            #expect(result.checksum == checksum(content))
            #expect(FileManager.default.contents(atPath: later.path + "/copy.mov").map { Array($0) } == content)
            #expect(source.requests.count { $0.count > 1 } == 30)
            never.release()
            stuck.release()
        }
    }
}
