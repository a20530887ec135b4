import Foundation
import HTTP
import Primitives
import Testing
import Transfer

/// The ledger lies on the storage in plain; the URL it belongs to may carry a signature.
@Suite struct LedgerSecrecyTests {
    private static let content = bytes(10_000)

    /// A source that sends neither entity tag nor date, and refuses what lies behind byte 6000.
    private func nameless() -> TestSource {
        let source = TestSource(Self.content)
        source.behave { _, range, _ in
            range.lowerBound >= 6000 ? HTTPResponse(.forbidden) : TestSource.partial(Self.content, range, tag: nil)
        }
        return source
    }

    private func copy(_ scene: Scene, signature: String) -> RangeCopy {
        var options = scene.options
        options.maximumConnections = 1
        return RangeCopy(
            client: scene.client, source: .url("\(scene.url)?signature=\(signature)", policy: Scene.policy),
            destination: scene.destination, options: options)
    }

    private func breakOff(_ scene: Scene) async throws {
        let error = await failure { () async throws(TransferError) in _ = try await copy(scene, signature: "s3cr3t").run() }
        guard case .unexpectedStatus(.forbidden)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    private func mend(_ source: TestSource) {
        source.behave { _, range, _ in TestSource.partial(Self.content, range, tag: nil) }
        source.forgetRequests()
    }

    private func ledger(_ scene: Scene) throws -> String {
        String(decoding: try #require(scene.content(".ledger")), as: UTF8.self)
    }

    private func mode(_ scene: Scene) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: scene.destination + ".ledger")[.posixPermissions] as? Int
    }

    @Test("the ledger does not tell the URL, can be read by nobody else, and still tells sources apart")
    func marked() async throws {
        let source = nameless()
        try await Scene.with(source) { scene in
            try await breakOff(scene)
            let text = try ledger(scene)
            #expect(text.contains("pieceBytes") && !text.contains("s3cr3t") && !text.contains("127.0.0.1"))
            #expect(try mode(scene) == 0o600)
            mend(source)
            _ = try await copy(scene, signature: "s3cr3t").run()
            #expect(source.requests.filter { $0.count > 1 }.map(\.lowerBound) == [6000, 7000, 8000, 9000])
            #expect(scene.content() == Self.content)
            source.forgetRequests()
            _ = try await copy(scene, signature: "other").run()
            #expect(source.requests.count { $0.count > 1 } == 10)
        }
    }

    @Test("a ledger of an earlier build that tells the URL is begun anew, and closed to others")
    func plain() async throws {
        let source = nameless()
        try await Scene.with(source) { scene in
            try await breakOff(scene)
            // As earlier builds wrote it: the same records behind a heading with the URL.
            let bytes = try #require(scene.content(".ledger"))
            let facts = #""facts":{"size":10000,"contentType":"video/quicktime"},"pieceBytes":1000"#
            let old = Self.rewritten(bytes, heading: #"{\#(facts),"url":"\#(scene.url)?signature=s3cr3t"}"#)
            try Data(old).write(to: URL(fileURLWithPath: scene.destination + ".ledger"))
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: scene.destination + ".ledger")
            mend(source)
            _ = try await copy(scene, signature: "s3cr3t").run()
            #expect(source.requests.count { $0.count > 1 } == 10)
            #expect(try !ledger(scene).contains("s3cr3t"))
            #expect(try mode(scene) == 0o600)
        }
    }

    @Test("a ledger of an earlier build that never told the URL is gone on with")
    func continued() async throws {
        let source = TestSource(Self.content)
        source.behave { _, range, _ in range.lowerBound >= 6000 ? HTTPResponse(.forbidden) : nil }
        try await Scene.with(source) { scene in
            try await breakOff(scene)
            let bytes = try #require(scene.content(".ledger"))
            let old = Self.rewritten(
                bytes, heading: #"{"facts":{"size":10000,"entityTag":"\"v1\"","contentType":"video/quicktime"},"pieceBytes":1000}"#)
            try Data(old).write(to: URL(fileURLWithPath: scene.destination + ".ledger"))
            source.behave(nil)
            source.forgetRequests()
            _ = try await copy(scene, signature: "another").run()
            #expect(source.requests.filter { $0.count > 1 }.map(\.lowerBound) == [6000, 7000, 8000, 9000])
        }
    }

    /// A ledger's records behind another heading, in the layout of earlier builds.
    private static func rewritten(_ ledger: [UInt8], heading: String) -> [UInt8] {
        let json = Array(heading.utf8)
        var bytes = Array("RMLEDGR1".utf8)
        bytes += little(UInt32(json.count))
        bytes += json
        bytes += little(checksum(json).value)
        bytes += ledger.dropFirst(12 + Int(word(ledger, 8)) + 4)
        return bytes
    }

    private static func little(_ word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }

    private static func word(_ bytes: [UInt8], _ position: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[position + $1]) << UInt32(8 * $1) }
    }
}
