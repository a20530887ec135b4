import Foundation
import HTTP
import Primitives
import Synchronization
import Testing
import Transfer

@Suite struct RangeCopyTests {
    @Test(
        "a file is copied whole, with its checksum, and only the list of its pieces stays behind", arguments: [1, 999, 1000, 1001, 25_123])
    func wholeCopy(size: Int) async throws {
        let content = bytes(size)
        try await Scene.with(TestSource(content)) { scene in
            let reports = Mutex<[TransferProgress]>([])
            let result = try await scene.copy { $0.expectedChecksum = checksum(content) }.run { report in
                reports.withLock { $0.append(report) }
            }
            #expect(result.bytes == size && result.checksum == checksum(content))
            #expect(scene.content() == content)
            #expect(try scene.directory.names() == ["copy.mov", "copy.mov.ledger"])
            let copied = reports.withLock { $0 }.map(\.copiedBytes)
            #expect(copied == copied.sorted() && copied.last == size)
        }
    }

    @Test("as many connections as allowed work at the same time, and no more")
    func parallel() async throws {
        let content = bytes(20_000)
        let source = TestSource(content)
        let together = Barrier(4)
        source.behave { _, range, _ in
            // Nobody is answered before four have asked: with fewer connections this test would never end.
            if range.count > 1 { await together.wait() }
            return nil
        }
        try await Scene.with(source) { scene in
            _ = try await scene.copy().run()
            #expect(source.peak == 4)
            #expect(scene.content() == content)
        }
    }

    @Test("a cancelled copy goes on where it stopped")
    func resumption() async throws {
        let content = bytes(10_000)
        let source = TestSource(content)
        try await Scene.with(source) { scene in
            let stuck = Barrier(1)
            let never = Barrier(2)
            source.behave { _, range, _ in
                if range.lowerBound >= 6000 {
                    await stuck.wait()
                    await never.wait()
                }
                return nil
            }
            let copy = scene.copy { $0.maximumConnections = 1 }
            let task = Task { await failure { () async throws(TransferError) in _ = try await copy.run() } }
            await stuck.arrivals(1)
            task.cancel()
            guard case .cancelled? = await task.value else { Issue.record("not cancelled"); return }
            #expect(scene.content() == nil)
            #expect(scene.content(".part")?.count == 10_000)
            source.behave(nil)
            source.forgetRequests()
            let first = Mutex<Int?>(nil)
            _ = try await scene.copy().run { report in first.withLock { $0 = $0 ?? report.copiedBytes } }
            #expect(first.withLock { $0 } == 6000)
            #expect(source.requests.filter { $0.count > 1 }.map(\.lowerBound).sorted() == [6000, 7000, 8000, 9000])
            #expect(scene.content() == content)
            never.release()
        }
    }

    @Test("a torn record and a damaged piece, as a crash may leave them, are copied again and nothing else")
    func damage() async throws {
        let content = bytes(10_000)
        let source = TestSource(content)
        try await Scene.with(source) { scene in
            source.behave { _, range, _ in range.lowerBound >= 6000 ? HTTPResponse(.forbidden) : nil }
            guard
                case .unexpectedStatus(.forbidden)? = await failure({ () async throws(TransferError) in
                    _ = try await scene.copy { $0.maximumConnections = 1 }.run()
                })
            else { Issue.record("no failure"); return }
            source.behave(nil)
            // Half a record at the end, and one byte of piece 2 that never reached the disk.
            let ledger = try FileHandle(forUpdating: URL(fileURLWithPath: scene.destination + ".ledger"))
            try ledger.truncate(atOffset: try ledger.seekToEnd() - 5)
            let part = try FileHandle(forUpdating: URL(fileURLWithPath: scene.destination + ".part"))
            try part.seek(toOffset: 2500)
            try part.write(contentsOf: [content[2500] ^ 1])
            try part.close()
            source.forgetRequests()
            _ = try await scene.copy().run()
            #expect(source.requests.filter { $0.count > 1 }.map(\.lowerBound).sorted() == [2000, 5000, 6000, 7000, 8000, 9000])
            #expect(scene.content() == content)
        }
    }

    @Test("a damaged ledger heading, or none, begins the copy anew")
    func damagedHeading() async throws {
        let content = bytes(5000)
        try await Scene.with(TestSource(content)) { scene in
            try Data(bytes(300, seed: 9)).write(to: URL(fileURLWithPath: scene.destination + ".ledger"))
            try Data(bytes(7000, seed: 3)).write(to: URL(fileURLWithPath: scene.destination + ".part"))
            _ = try await scene.copy().run()
            #expect(scene.content() == content)
        }
    }

    @Test("a wrong checksum fails, keeps what is there, and can be waved through without copying again")
    func checksumMismatch() async throws {
        let content = bytes(5000)
        let source = TestSource(content)
        try await Scene.with(source) { scene in
            let wrong = CRC32C(value: 1)
            let error = await failure { () async throws(TransferError) in _ = try await scene.copy { $0.expectedChecksum = wrong }.run() }
            guard case .checksumMismatch(wrong, checksum(content))? = error else { Issue.record("\(String(describing: error))"); return }
            #expect(error?.code == "CHECKSUM_MISMATCH")
            #expect(scene.content() == nil)
            source.forgetRequests()
            _ = try await scene.copy {
                $0.expectedChecksum = wrong
                $0.skipChecksumValidation = true
            }.run()
            #expect(source.requests.allSatisfy { $0.count == 1 })
            #expect(scene.content() == content)
        }
    }

    @Test("pieces that break off, and errors that pass, are tried again")
    func retries() async throws {
        let content = bytes(6000)
        let source = TestSource(content)
        source.behave { _, range, number in
            guard range.count > 1 else { return nil }
            switch number % 3 {
            case 0: return HTTPResponse(.serviceUnavailable)
            case 1:
                var cut = TestSource.partial(content, range, tag: "\"v1\"")
                cut.body = .stream(ResponseStream(contentLength: range.count) { try await $0.write(Array(content[range].prefix(300))) })
                return cut
            default: return nil
            }
        }
        try await Scene.with(source) { scene in
            _ = try await scene.copy {
                $0.attemptsPerPiece = 8
                $0.maximumConnections = 1
            }.run()
            #expect(scene.content() == content)
        }
    }

    @Test("a source that stays broken fails the copy after its tries")
    func attempts() async throws {
        let source = TestSource(bytes(3000))
        source.behave { _, range, _ in range.lowerBound == 1000 ? HTTPResponse(.badGateway) : nil }
        try await Scene.with(source) { scene in
            let error = await failure { () async throws(TransferError) in _ = try await scene.copy { $0.attemptsPerPiece = 3 }.run() }
            guard case .unexpectedStatus(.badGateway)? = error else { Issue.record("\(String(describing: error))"); return }
            #expect(source.requests.count { $0.lowerBound == 1000 } == 3)
            #expect(error?.isRetryable == true)
        }
    }

    @Test("a source that changes in the middle fails; the next run copies the new content from the start")
    func changed() async throws {
        let (old, new) = (bytes(4000), bytes(4000, seed: 5))
        let source = TestSource(old)
        source.behave { _, range, _ in range.lowerBound >= 2000 ? TestSource.partial(new, range, tag: "\"v2\"") : nil }
        try await Scene.with(source) { scene in
            let error = await failure { () async throws(TransferError) in _ = try await scene.copy { $0.maximumConnections = 1 }.run() }
            guard case .sourceChanged? = error else { Issue.record("\(String(describing: error))"); return }
            source.behave(nil)
            source.replace(new, tag: "\"v2\"")
            _ = try await scene.copy().run()
            #expect(scene.content() == new)
        }
    }

    @Test("a source that becomes shorter, or stops answering in ranges, has changed")
    func shrunk() async throws {
        for answer in [
            HTTPResponse(.ok, body: .bytes(bytes(10))), HTTPResponse(.rangeNotSatisfiable, headers: [.contentRange: "bytes */5"]),
        ] {
            let source = TestSource(bytes(4000))
            source.behave { _, range, _ in range.lowerBound >= 2000 ? answer : nil }
            try await Scene.with(source) { scene in
                let error = await failure { () async throws(TransferError) in _ = try await scene.copy().run() }
                guard case .sourceChanged? = error else { Issue.record("\(String(describing: error))"); return }
            }
        }
    }

    @Test("two runs never write the same copy")
    func exclusive() async throws {
        let source = TestSource(bytes(3000))
        let (entered, leave) = (Barrier(1), Barrier(2))
        source.behave { _, range, _ in
            if range.count > 1 {
                await entered.wait()
                await leave.wait()
            }
            return nil
        }
        try await Scene.with(source) { scene in
            let copy = scene.copy { $0.maximumConnections = 1 }
            async let first = copy.run()
            await entered.arrivals(1)
            let error = await failure { () async throws(TransferError) in _ = try await copy.run() }
            guard case .inProgress? = error else { Issue.record("\(String(describing: error))"); return }
            leave.release()
            _ = try await first
        }
    }

    @Test("abandoning removes everything, at any time")
    func abandon() async throws {
        let source = TestSource(bytes(3000))
        source.behave { _, range, _ in range.lowerBound == 2000 ? HTTPResponse(.forbidden) : nil }
        try await Scene.with(source) { scene in
            _ = await failure { () async throws(TransferError) in _ = try await scene.copy().run() }
            #expect(try scene.directory.names() == ["copy.mov.ledger", "copy.mov.part"])
            try scene.copy().abandon()
            try scene.copy().abandon()
            #expect(try scene.directory.names().isEmpty)
        }
    }
}

/// Lets nobody pass before `count` have come.
final class Barrier: Sendable {
    private struct State {
        var arrived = 0
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watching: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let count: Int
    private let state = Mutex(State())

    init(_ count: Int) { self.count = count }

    func wait() async {
        await withCheckedContinuation { continuation in
            let resumed = state.withLock { state in
                state.arrived += 1
                state.isOpen = state.isOpen || state.arrived >= count
                state.waiting.append(continuation)
                return Self.take(&state)
            }
            for continuation in resumed { continuation.resume() }
        }
    }

    /// Waits until so many have come.
    func arrivals(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let resumed = state.withLock { state in
                state.watching.append((count, continuation))
                return Self.take(&state)
            }
            for continuation in resumed { continuation.resume() }
        }
    }

    /// Lets everyone pass.
    func release() {
        let resumed = state.withLock { state in
            state.isOpen = true
            return Self.take(&state)
        }
        for continuation in resumed { continuation.resume() }
    }

    private static func take(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        let arrived = state.arrived
        var resumed = state.watching.filter { $0.0 <= arrived }.map(\.1)
        state.watching.removeAll { $0.0 <= arrived }
        if state.isOpen {
            resumed += state.waiting
            state.waiting = []
        }
        return resumed
    }
}
